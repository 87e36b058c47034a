// The table of one track of a clip, that grows by pieces: when, where and how large each sample is; `crates/camera/src/clip/table.rs` has
// the same.

import { boxed, full, inMovie, joined, lasting, MOVIE_MATRIX, u32, u64, type Bytes } from './mp4-boxes';
import type { Form, Part } from './mp4-piece';

/** Where sound begins is told in its own ticks, and where it lies among the pictures in theirs: what differs by no more is rounding. */
const ROUNDING = 2;

export class Table {
  /** When its last sample ends, in its own ticks. */
  end = 0;
  private first = 0;
  /** The most that any piece presents everything later. */
  private delay = 0;
  private readonly durations = new Runs();
  /** How long after its decoding each is presented, without how late its piece presents everything. */
  private readonly compositions = new Runs();
  private readonly sizes: number[] = [];
  /** The numbers of those that need no other, from 1. */
  private readonly keys: number[] = [];
  /** Where the samples of each piece lie, from the first byte of media, and how many those are. */
  private readonly chunks: [at: number, samples: number][] = [];

  constructor(readonly form: Form) {}

  /** Adds samples that begin at `begins`, in ticks of their own; their bytes lie behind `media` others. */
  add(part: Part, begins: number, media: number, delay: number): void {
    if (!this.sizes.length) this.first = this.end = begins;
    // The one before lasts until this begins.
    else if (Math.abs(begins - this.end) > ROUNDING) this.end = this.durations.stretch(this.end, begins);
    const late = this.form.kind === 'soun' ? 0 : delay;
    for (const { duration, size, key, composition } of part.samples) {
      this.end += duration;
      this.durations.push(duration);
      this.compositions.push(composition - late);
      this.sizes.push(size);
      if (key) this.keys.push(this.sizes.length);
    }
    this.delay = Math.max(this.delay, late);
    this.chunks.push([media + part.at, part.samples.length]);
  }

  /** The `trak` box, for media that begins at `from`. `wide` says that places take 64 bits. */
  box(id: number, from: number, wide: boolean): Bytes {
    const { kind, width, height, rate, entry } = this.form;
    const [shown, length] = [inMovie(this.end, rate), this.end - this.first];
    const [whole, own] = [lasting(shown), lasting(length)];
    const isVideo = kind === 'vide';
    const header = full('tkhd', whole.version, 7, joined([
      whole.number(0), whole.number(0), u32(id, 0), whole.number(shown),
      u32(0, 0, 0, isVideo ? 0 : 0x0100_0000, ...MOVIE_MATRIX, width * 2 ** 16, height * 2 ** 16),
    ]));
    const media = boxed('mdia', joined([
      full('mdhd', own.version, 0, joined([own.number(0), own.number(0), u32(rate), own.number(length), u32(0x55c4_0000)])),
      full('hdlr', 0, 0, joined([u32(0), new TextEncoder().encode(kind), new Uint8Array(13)])),
      boxed('minf', joined([
        isVideo ? full('vmhd', 0, 1, u32(0, 0)) : full('smhd', 0, 0, u32(0)),
        boxed('dinf', full('dref', 0, 0, joined([u32(1), full('url ', 0, 1, new Uint8Array())]))),
        boxed('stbl', joined([full('stsd', 0, 0, joined([u32(1), entry])), ...this.samples(from, wide)])),
      ])),
    ]));
    return boxed('trak', joined([header, ...this.edits(length), media]));
  }

  /**
   * Section 8.6.6. What begins later than the whole has nothing before it; and what is presented later by the order in which it is decoded
   * begins all the same when it is to.
   */
  private edits(length: number): Bytes[] {
    if (this.first === 0 && this.delay === 0) return [];
    const { rate } = this.form;
    const [before, shown] = [inMovie(this.first, rate), inMovie(length, rate)];
    const put = lasting(Math.max(before, shown));
    const nothing = put.version ? u32(0xffff_ffff, 0xffff_ffff) : u32(0xffff_ffff);
    const edits = [...(before ? [[put.number(before), nothing]] : []), [put.number(shown), put.number(this.delay)]];
    const AT_ITS_RATE = 0x1_0000;
    return [boxed('edts', full('elst', put.version, 0, joined([u32(edits.length), ...edits.flatMap((edit) => [...edit, u32(AT_ITS_RATE)])])))];
  }

  /** Sections 8.6.1, 8.6.2 and 8.7. */
  private samples(from: number, wide: boolean): Bytes[] {
    const count = this.sizes.length;
    const late = this.compositions.all.map(([times, late]) => [times, late + this.delay] as const);
    const runs: [number, number][] = [];
    for (const [number, [, samples]] of this.chunks.entries()) if (runs.at(-1)?.[1] !== samples) runs.push([number + 1, samples]);
    return [
      full('stts', 0, 0, u32Table(this.durations.all.length, this.durations.all)),
      ...(late.some(([, late]) => late !== 0) ? [full('ctts', 0, 0, u32Table(late.length, late))] : []),
      // Without it all of them are.
      ...(this.keys.length < count ? [full('stss', 0, 0, u32Table(this.keys.length, [this.keys]))] : []),
      full('stsc', 0, 0, u32Table(runs.length, runs.map(([first, samples]) => [first, samples, 1]))),
      full('stsz', 0, 0, joined([u32(0), u32Table(count, [this.sizes])])),
      full(wide ? 'co64' : 'stco', 0, 0, joined([u32(this.chunks.length), ...this.chunks.map(([at]) => (wide ? u64(from + at) : u32(from + at)))])),
    ];
  }
}

/** How many there are, and then all of them. */
function u32Table(count: number, rows: readonly (readonly number[])[]): Bytes {
  const view = new DataView(new ArrayBuffer(4 + 4 * rows.reduce((sum, { length }) => sum + length, 0)));
  view.setUint32(0, count);
  let at = 0;
  for (const row of rows) for (const number of row) view.setUint32((at += 4), number);
  return new Uint8Array(view.buffer);
}

/** Numbers, of which the same in a row are told once. */
class Runs {
  readonly all: [times: number, number: number][] = [];

  push(number: number): void {
    const last = this.all.at(-1);
    if (last?.[1] === number) last[0] += 1;
    else this.all.push([1, number]);
  }

  /** Has the last one, which ends at `end`, last until `begins`, and one tick at least; when it ends then. */
  stretch(end: number, begins: number): number {
    const last = this.all.at(-1);
    if (!last) return begins;
    if (--last[0] === 0) this.all.pop();
    const began = end - last[1];
    const lasts = Math.min(Math.max(begins, began + 1) - began, 0xffff_ffff);
    this.push(lasts);
    return began + lasts;
  }
}
