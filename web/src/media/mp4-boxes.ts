// The boxes of an MP4 file (ISO/IEC 14496-12), written and found; `crates/camera/src/mp4.rs` has the same.

export type Bytes = Uint8Array<ArrayBuffer>;

/** The file's own ticks a second. */
export const MOVIE_RATE = 90_000;
/** Nothing is turned or stretched. */
export const MOVIE_MATRIX = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

export function joined(parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Numbers of 32 bits. */
export function u32(...numbers: number[]): Bytes {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, at) => view.setUint32(4 * at, number >>> 0));
  return new Uint8Array(view.buffer);
}

/** A number of 64 bits. */
export function u64(number: number): Bytes {
  return u32(Math.floor(number / 2 ** 32), number % 2 ** 32);
}

/** Section 4.2: size, type, content. */
export function boxed(kind: string, content: Uint8Array): Bytes {
  return joined([u32(8 + content.length), new TextEncoder().encode(kind), content]);
}

export function full(kind: string, version: number, flags: number, content: Uint8Array): Bytes {
  return boxed(kind, joined([u32(version * 2 ** 24 + flags), content]));
}

/** How a header says numbers of which this is the largest: in 32 bits where that is enough, in 64 where it is not. */
export function lasting(largest: number): { version: number; number: (number: number) => Bytes } {
  return largest < 2 ** 32 ? { version: 0, number: (number) => u32(number) } : { version: 1, number: u64 };
}

/** Ticks of a track in ticks of the whole. */
export function inMovie(ticks: number, rate: number): number {
  return Number((BigInt(ticks) * BigInt(MOVIE_RATE) + BigInt(rate) / 2n) / BigInt(rate));
}

/** Where a box lies. */
export type Place = [from: number, to: number];

/** What a box holds that has nothing else before. */
export function inside([from, to]: Place): Place {
  return [from + 8, to];
}

/** The boxes of a kind in a part of a file, up to what is none. */
export function* boxes(view: DataView, [from, to]: Place, kind: string): Generator<Place> {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return;
    const named = String.fromCharCode(...[4, 5, 6, 7].map((byte) => view.getUint8(at + byte)));
    if (named === kind) yield [at, at + size];
    at += size;
  }
}

/** The first of them. */
export function find(view: DataView, within: Place | undefined, kind: string): Place | undefined {
  return within && boxes(view, within, kind).next().value as Place | undefined;
}
