// What a piece of film says of itself: its tracks, and where and when each of its samples is. Of what `crates/camera/src/mp4.rs` writes;
// anything else is no piece.

import { boxes, find, inside, type Bytes, type Place } from './mp4-boxes';

export interface Piece {
  /** Pictures first. */
  parts: Part[];
  /** Its `mdat` box, whole. */
  media: Place;
  /** How much later than on its own time it presents everything, in ticks of its pictures. */
  delay: number;
}

/** One track's part of a piece. */
export interface Part {
  form: Form;
  /** When its first sample is decoded, in ticks of its own from where the piece begins. */
  start: number;
  /** Where its samples lie, one after the other, from where the `mdat` box begins. */
  at: number;
  samples: Sample[];
}

/** How the samples of a track are made: those of another form do not go on where these end. */
export interface Form {
  /** `vide` or `soun`. */
  kind: string;
  width: number;
  height: number;
  rate: number;
  entry: Bytes;
}

export interface Sample {
  duration: number;
  size: number;
  key: boolean;
  composition: number;
}

/** More than any piece has. */
const MOST_SAMPLES = 2 ** 16;
const IS_NO_KEY = 0x1_0000;

/** Reads a piece; null of what is none. */
export function readPiece(film: Bytes): Piece | null {
  const view = new DataView(film.buffer, film.byteOffset, film.byteLength);
  try {
    return read(view, film);
  } catch (why) {
    // A number lies beyond its end.
    if (why instanceof RangeError) return null;
    throw why;
  }
}

export function formsAre(one: { form: Form }[], other: { form: Form }[]): boolean {
  return one.length === other.length && one.every(({ form }, track) => isSame(form, other[track]?.form));
}

function isSame(one: Form, other: Form | undefined): boolean {
  const { kind, width, height, rate, entry } = one;
  return kind === other?.kind && width === other.width && height === other.height && rate === other.rate
    && entry.length === other.entry.length && entry.every((byte, at) => byte === other.entry[at]);
}

function read(view: DataView, film: Bytes): Piece | null {
  const whole: Place = [0, film.length];
  const [movie, fragment, media] = ['moov', 'moof', 'mdat'].map((kind) => find(view, whole, kind));
  if (!movie || !fragment || !media) return null;
  const heads = [...boxes(view, inside(movie), 'trak')];
  const runs = [...boxes(view, inside(fragment), 'traf')];
  if (heads.length !== runs.length) return null;
  const parts: Part[] = [];
  for (const [track, head] of heads.entries()) {
    const part = readPart(view, film, head, runs[track] as Place, fragment[0], media); // as many as there are heads
    if (!part) return null;
    parts.push(part);
  }
  const [pictures] = parts;
  const first = pictures?.samples[0];
  if (pictures?.form.kind !== 'vide' || pictures.start !== 0 || !first?.key) return null;
  return { parts, media, delay: first.composition };
}

function readPart(view: DataView, film: Bytes, head: Place, run: Place, fragment: number, media: Place): Part | null {
  const header = find(view, inside(head), 'tkhd');
  const described = find(view, inside(head), 'mdia');
  const within = described && inside(described);
  const [time, handler, information] = ['mdhd', 'hdlr', 'minf'].map((kind) => find(view, within, kind));
  const tables = information && find(view, inside(information), 'stbl');
  const entries = tables && find(view, inside(tables), 'stsd');
  const [named, begins, table] = ['tfhd', 'tfdt', 'trun'].map((kind) => find(view, inside(run), kind));
  if (!header || !time || !handler || !entries || !named || !begins || !table) return null;
  // Of version 0 all of them: two times, then the number that is looked for.
  const [id, rate] = [view.getUint32(header[0] + 20), view.getUint32(time[0] + 20)];
  const kind = String.fromCharCode(...film.subarray(handler[0] + 16, handler[0] + 20));
  const isVideo = kind === 'vide';
  const [width, height] = isVideo ? [view.getUint16(header[0] + 84), view.getUint16(header[0] + 88)] : [0, 0];
  if (!rate || !(isVideo || kind === 'soun') || view.getUint32(named[0] + 12) !== id || view.getUint8(begins[0] + 8) !== 1) return null;
  const start = view.getUint32(begins[0] + 12) * 2 ** 32 + view.getUint32(begins[0] + 16);
  const found = readSamples(view, table);
  if (!found || start >= 2 ** 32) return null;
  const at = fragment + found.offset - media[0];
  const bytes = found.samples.reduce((sum, { size }) => sum + size, 0);
  if (!found.samples.length || at < 8 || at + bytes > media[1] - media[0]) return null;
  return { form: { kind, width, height, rate, entry: film.slice(entries[0] + 16, entries[1]) }, start, at, samples: found.samples };
}

function readSamples(view: DataView, [from, to]: Place): { offset: number; samples: Sample[] } | null {
  const flags = view.getUint32(from + 8) & 0xff_ffff;
  if (flags !== 0x701 && flags !== 0xf01) return null;
  const reordered = flags === 0xf01;
  const each = reordered ? 16 : 12;
  const [count, offset] = [view.getUint32(from + 12), view.getUint32(from + 16)];
  if (count > MOST_SAMPLES || from + 20 + count * each > to) return null;
  const samples = Array.from({ length: count }, (_, sample) => {
    const at = from + 20 + sample * each;
    return {
      duration: view.getUint32(at),
      size: view.getUint32(at + 4),
      key: (view.getUint32(at + 8) & IS_NO_KEY) === 0,
      composition: reordered ? view.getUint32(at + 12) : 0,
    };
  });
  return { offset, samples };
}
