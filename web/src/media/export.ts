// Taking recordings away as files. That is a look of its own kind, and the ledger says so.

import type { Recording } from '../hub/api';
import { clock, dayOf } from '../words/time.svelte';
import { whole } from './decrypt';
import { each, enter, file } from './looks';

const ENDINGS: [RegExp, string][] = [[/^audio\/wav/, 'wav'], [/^video\/mp4/, 'mp4'], [/^image\/jpeg/, 'jpg'], [/^image\/png/, 'png'], [/^text\/plain/, 'txt'], [/json/, 'json']];

/** Opens these recordings as one export, and gives them to the browser to save: one as it is, more as one zip file. How many are sealed to others alone. */
export async function exported(ids: number[], went: (done: number, of: number) => void, signal: AbortSignal): Promise<number> {
  const pass = await enter({ ids }, 'export');
  const files: { name: string; lastModified: Date; input: Blob }[] = [];
  went(0, pass.recordings.length);
  await each(pass.recordings, async (recording) => {
    signal.throwIfAborted();
    const bytes = await whole(file(pass, recording.id, signal));
    files.push({ name: nameOf(recording), lastModified: new Date(recording.start), input: new Blob([bytes], { type: recording.media_type }) });
    bytes.fill(0);
    went(files.length, pass.recordings.length);
  });
  files.sort((a, b) => a.name.localeCompare(b.name));
  const [only] = files;
  if (only && files.length === 1) save(only.input, only.name);
  else if (only) {
    const { downloadZip } = await import('client-zip');
    save(await downloadZip(files).blob(), `porchlight ${only.name.slice(0, 10)}.zip`);
  }
  return pass.sealed_to_others;
}

/** `2026-11-18 18.31.04 Porch video 1234.mp4`. */
function nameOf({ id, start, device, kind, media_type }: Recording): string {
  const ending = ENDINGS.find(([type]) => type.test(media_type))?.[1] ?? 'bin';
  const seconds = start.slice(17, 19);
  const where = (device ?? '').replaceAll(/[^\p{L}\p{N} ]/gu, '');
  return `${dayOf(start)} ${clock(start).replace(':', '.')}.${seconds} ${where} ${kind} ${id}.${ending}`.replaceAll(/ +/g, ' ');
}

function save(what: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(what);
  link.download = name;
  link.click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
