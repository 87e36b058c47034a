// Taking recordings away as files. That is a look of its own kind, and the ledger says so.

import type { Recording } from '../hub/api';
import { clock, dayOf } from '../words/time.svelte';
import { lengthOf } from './amount';
import { Clip } from './clip';
import { whole } from './decrypt';
import { entries } from './entries';
import { each, enter, file } from './looks';

const ENDINGS: [RegExp, string][] = [[/^audio\/wav/, 'wav'], [/^video\/mp4/, 'mp4'], [/^image\/jpeg/, 'jpg'], [/^image\/png/, 'png'], [/^text\/plain/, 'txt'], [/json/, 'json']];

interface File {
  name: string;
  lastModified: Date;
  input: Blob;
}

/**
 * Opens these recordings as one export, and gives them to the browser to save: one as it is, more as one zip file. Film is one clip for
 * each stretch. How many are sealed to others alone.
 */
export async function exported(ids: number[], went: (done: number, of: number) => void, signal: AbortSignal): Promise<number> {
  const pass = await enter({ ids }, 'export');
  const files: File[] = [];
  let done = 0;
  went(0, pass.recordings.length);
  const opened = async (recording: Recording): Promise<Uint8Array<ArrayBuffer>> => {
    signal.throwIfAborted();
    const bytes = await whole(file(pass, recording.id, signal));
    went(++done, pass.recordings.length);
    return bytes;
  };
  await each(pass.recordings.filter(({ kind }) => kind !== 'video'), async (recording) => {
    const bytes = await opened(recording);
    files.push({ name: nameOf(recording), lastModified: new Date(recording.start), input: new Blob([bytes], { type: recording.media_type }) });
    bytes.fill(0);
  });
  for (const stretch of stretches(pass.recordings)) files.push(...(await clips(stretch, opened)));
  files.sort((a, b) => a.name.localeCompare(b.name));
  const [only] = files;
  if (only && files.length === 1) save(only.input, only.name);
  else if (only) {
    const { downloadZip } = await import('client-zip');
    save(await downloadZip(files).blob(), `porchlight ${only.name.slice(0, 10)}.zip`);
  }
  return pass.sealed_to_others;
}

/** The film of each stretch, in the order of time. */
function stretches(recordings: Recording[]): Recording[][] {
  const film = recordings.filter(({ kind }) => kind === 'video').sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return entries(film).map((entry) => entry.recordings);
}

/** One clip of a stretch, or more where its pictures change their form. */
async function clips(stretch: Recording[], opened: (recording: Recording) => Promise<Uint8Array<ArrayBuffer>>): Promise<File[]> {
  const found: { first: Recording; seconds: number; clip: Clip }[] = [];
  for (const recording of stretch) {
    const piece = await opened(recording);
    let last = found.at(-1);
    if (!last?.clip.fits(piece)) found.push((last = { first: recording, seconds: 0, clip: new Clip() }));
    last.clip.add(piece);
    last.seconds += recording.seconds;
    piece.fill(0);
  }
  return found.map(({ first, seconds, clip }) => ({ name: clipNameOf(first, seconds), lastModified: new Date(first.start), input: clip.blob(first.media_type) }));
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
