// One film out of pieces that are each a whole film of their own (fragmented MP4, ISO/IEC 14496-12, as `crates/camera/src/mp4.rs` writes
// it): the beginning of the first, then every piece's pictures and sound, moved to where the one before it ends.

/** A piece's beginning, which is its `ftyp` and `moov`, and where in it each track's time and length stand. */
interface Parts {
  head: Uint8Array<ArrayBuffer>;
  rest: Uint8Array<ArrayBuffer>;
}

/** Puts pieces together as they come. */
export class Clip {
  private readonly parts: Blob[] = [];
  private head: Uint8Array<ArrayBuffer> | null = null;
  /** Ticks a second of each track, by its number. */
  private rates = new Map<number, number>();
  /** Where the next piece begins, in seconds. */
  private end = 0;
  private fragments = 0;

  /** Whether a piece goes on where this ends: its pictures are made in the same way. */
  fits(piece: Uint8Array<ArrayBuffer>): boolean {
    return this.head === null || same(lasting(this.head, 0), lasting(split(piece).head, 0));
  }

  /** Adds a piece; its bytes are changed. */
  add(piece: Uint8Array<ArrayBuffer>): void {
    const { head, rest } = split(piece);
    if (this.head === null) {
      this.head = head;
      this.rates = ratesOf(head);
    }
    this.end = moved(rest, this.rates, this.end, ++this.fragments);
    this.parts.push(new Blob([rest]));
  }

  /** The film so far. */
  blob(type: string): Blob {
    return new Blob([...(this.head ? [lasting(this.head, this.end)] : []), ...this.parts], { type });
  }
}

function split(piece: Uint8Array<ArrayBuffer>): Parts {
  const at = [...boxes(piece, 0, piece.length)].find(({ kind }) => kind === 'moof')?.start;
  if (at === undefined) throw new Error('this is no piece of film');
  return { head: piece.slice(0, at), rest: piece.slice(at) };
}

/** A beginning that says how long the whole is, in seconds. */
function lasting(head: Uint8Array<ArrayBuffer>, seconds: number): Uint8Array<ArrayBuffer> {
  const changed = head.slice();
  const view = viewOf(changed);
  const movie = [...inside(changed, ['moov'])].find(({ kind }) => kind === 'mvhd');
  // Version 0 of the one, and version 1 of the other, as every piece has them.
  const rate = movie ? view.getUint32(movie.start + 20) : 90_000;
  for (const { kind, start } of inside(changed, ['moov', 'mvex'])) if (kind === 'mehd') view.setBigUint64(start + 12, BigInt(Math.round(seconds * rate)));
  return changed;
}

function ratesOf(head: Uint8Array<ArrayBuffer>): Map<number, number> {
  const view = viewOf(head);
  const rates = new Map<number, number>();
  for (const track of inside(head, ['moov'])) {
    if (track.kind !== 'trak') continue;
    const within = [...boxes(head, track.start + 8, track.end)];
    const header = within.find(({ kind }) => kind === 'tkhd');
    const media = within.find(({ kind }) => kind === 'mdia');
    const time = media && [...boxes(head, media.start + 8, media.end)].find(({ kind }) => kind === 'mdhd');
    // Version 0 of both: the number after two times, the rate too.
    if (header && time) rates.set(view.getUint32(header.start + 20), view.getUint32(time.start + 20));
  }
  return rates;
}

/** Moves a piece's fragment to begin at `from` seconds; where it ends then. */
function moved(rest: Uint8Array<ArrayBuffer>, rates: ReadonlyMap<number, number>, from: number, number: number): number {
  const view = viewOf(rest);
  let end = from;
  for (const { kind, start, end: stop } of inside(rest, ['moof'])) {
    if (kind === 'mfhd') view.setUint32(start + 12, number);
    if (kind !== 'traf') continue;
    const within = [...boxes(rest, start + 8, stop)];
    const at = (wanted: string) => within.find(({ kind }) => kind === wanted)?.start;
    const [header, time, run] = [at('tfhd'), at('tfdt'), at('trun')];
    if (header === undefined || time === undefined || run === undefined) continue;
    const rate = rates.get(view.getUint32(header + 12)) ?? 90_000;
    const begins = view.getBigUint64(time + 12) + BigInt(Math.round(from * rate));
    view.setBigUint64(time + 12, begins);
    end = Math.max(end, (Number(begins) + lengthOf(view, run)) / rate);
  }
  return end;
}

/** How long the samples of a run are together, in ticks. */
function lengthOf(view: DataView, run: number): number {
  const flags = view.getUint32(run + 8) & 0xffffff;
  const [samples, first] = [view.getUint32(run + 12), run + 16 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0)];
  if (!(flags & 0x100)) return 0;
  const each = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  let ticks = 0;
  for (let sample = 0; sample < samples; sample++) ticks += view.getUint32(first + sample * each);
  return ticks;
}

interface Box {
  kind: string;
  start: number;
  end: number;
}

/** The boxes inside of the box at this path. */
function* inside(bytes: Uint8Array<ArrayBuffer>, path: string[]): Generator<Box> {
  let [from, to] = [0, bytes.length];
  for (const step of path) {
    const found = [...boxes(bytes, from, to)].find(({ kind }) => kind === step);
    if (!found) return;
    [from, to] = [found.start + 8, found.end];
  }
  yield* boxes(bytes, from, to);
}

function* boxes(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): Generator<Box> {
  const view = viewOf(bytes);
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return;
    yield { kind: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), start: at, end: at + size };
    at += size;
  }
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
