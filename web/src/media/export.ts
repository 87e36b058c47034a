// Taking recordings away as files. That is a look of its own kind, and the ledger says so.

import type { Recording, Selection } from '../hub/api';
import { media } from '../words/media';
import { clock, dayOf } from '../words/time.svelte';
import { lengthOf } from './amount';
import { Clip } from './clip';
import { whole } from './decrypt';
import { entries } from './entries';
import { leftOut } from './left-out';
import { each, enter, file } from './looks';
import { follows } from './stretches';

const ENDINGS: [RegExp, string][] = [[/^audio\/wav/, 'wav'], [/^video\/mp4/, 'mp4'], [/^image\/jpeg/, 'jpg'], [/^image\/png/, 'png'], [/^text\/plain/, 'txt'], [/json/, 'json']];

interface File {
  name: string;
  lastModified: Date;
  input: Blob;
}

/** What came of an export. */
export interface Exported {
  /** Whether anything was saved. */
  saved: boolean;
  /** Whether some of it is sealed to others alone. */
  others: boolean;
  /** What is left out, and why, in sentences. */
  left: string[];
}

/** How often it is told how far it is, in milliseconds. */
const TELLING = 200;
/** So many pieces of film are opened while one is put into its clip. */
const AHEAD = 4;

/**
 * Opens these recordings as one export, and gives them to the browser to save: one as it is, more as one zip file. Film is one clip for
 * each stretch; where some of it is missing, or is of another form, the next clip begins. `went` is told what is open by now.
 */
export async function exported(selection: Selection, went: (open: Recording[], of: Recording[]) => void, signal: AbortSignal): Promise<Exported> {
  const pass = await enter(selection, 'export');
  const files: File[] = [];
  const open: Recording[] = [];
  const left = new Set<string>();
  let told = 0;
  went(open, pass.recordings);
  /** Null of what is left out. */
  const opened = async (recording: Recording): Promise<Uint8Array<ArrayBuffer> | null> => {
    signal.throwIfAborted();
    try {
      const bytes = await whole(file(pass, recording.id, signal));
      open.push(recording);
      if (Date.now() - told > TELLING || open.length === pass.recordings.length) went(open, pass.recordings);
      told = Date.now() - told > TELLING ? Date.now() : told;
      return bytes;
    } catch (why) {
      const sentence = recording.kind === 'video' ? leftOut(why, clock(recording.start)) : null;
      if (sentence === null) throw why;
      left.add(sentence);
      return null;
    }
  };
  await each(pass.recordings.filter(({ kind }) => kind !== 'video'), async (recording) => {
    const bytes = await opened(recording);
    if (!bytes) return;
    files.push({ name: nameOf(recording), lastModified: new Date(recording.start), input: new Blob([bytes], { type: recording.media_type }) });
    bytes.fill(0);
  });
  for (const stretch of stretches(pass.recordings)) files.push(...(await clips(stretch, opened, (at) => left.add(media.pieceDamaged(at)))));
  files.sort((a, b) => a.name.localeCompare(b.name));
  const [only] = files;
  if (only && files.length === 1) save(only.input, only.name);
  else if (only) {
    const { downloadZip } = await import('client-zip');
    save(await downloadZip(files).blob(), `porchlight ${only.name.slice(0, 10)}.zip`);
  }
  return { saved: files.length > 0, others: pass.sealed_to_others > 0, left: [...left] };
}

/** The film of each stretch, in the order of time. */
function stretches(recordings: Recording[]): Recording[][] {
  const film = recordings.filter(({ kind }) => kind === 'video').sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return entries(film).map((entry) => entry.recordings);
}

/** The clips of a stretch: one, or more where film is missing or changes its form. */
async function clips(stretch: Recording[], opened: (recording: Recording) => Promise<Uint8Array<ArrayBuffer> | null>, damaged: (at: string) => void): Promise<File[]> {
  const found: { first: Recording; last: Recording; clip: Clip }[] = [];
  for await (const [recording, piece] of ahead(stretch, opened)) {
    if (!piece) continue;
    const before = found.at(-1);
    let added = before && follows(before.last, recording) ? before.clip.add(piece) : 'another';
    if (before && added === 'added') before.last = recording;
    if (added === 'another') {
      const clip = new Clip();
      added = clip.add(piece);
      if (added === 'added') found.push({ first: recording, last: recording, clip });
    }
    if (added !== 'added') damaged(clock(recording.start));
    piece.fill(0);
  }
  return found.map(({ first, clip }) => {
    const begins = Date.parse(first.start);
    return { name: clipNameOf(first, clip.seconds), lastModified: new Date(begins), input: clip.blob(first.media_type, begins / 1000) };
  });
}

/** What is made of each, in their order, a few begun before they are needed. */
async function* ahead<T, R>(all: T[], make: (one: T) => Promise<R>): AsyncGenerator<[T, R]> {
  const coming: [T, Promise<R>][] = [];
  for (let next = 0; next < all.length || coming.length; ) {
    while (next < all.length && coming.length < AHEAD) {
      const one = all[next++]!; // below the length
      const made = make(one);
      // Heard of when its turn comes.
      made.catch(() => undefined);
      coming.push([one, made]);
    }
    const [one, made] = coming.shift()!; // there is one
    yield [one, await made];
  }
}

/** `2026-11-18 18.31.04 Porch, 12 minutes.mp4`. */
function clipNameOf(first: Recording, seconds: number): string {
  return `${begins(first)}, ${lengthOf(seconds)}.mp4`;
}

/** `2026-11-18 18.31.04 Study voice 1234.wav`. */
function nameOf(recording: Recording): string {
  const { id, kind, media_type } = recording;
  const ending = ENDINGS.find(([type]) => type.test(media_type))?.[1] ?? 'bin';
  return `${begins(recording)} ${kind} ${id}.${ending}`;
}

/** `2026-11-18 18.31.04 Porch`, by the household's clock. */
function begins({ start, device }: Recording): string {
  const where = (device ?? '').replaceAll(/[^\p{L}\p{N} ]/gu, '');
  return `${dayOf(start)} ${clock(start).replace(':', '.')}.${start.slice(17, 19)} ${where}`.replaceAll(/ +/g, ' ').trim();
}

function save(what: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(what);
  link.download = name;
  link.click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
