// The page's side of the worker that opens what is sealed.

import { base64 } from '@scure/base';
import { home, me } from '../household/home.svelte';
import { take } from '../keys/drawer';
import { NoKeys } from '../keys';
import { Problem } from '../hub/api';
import { shell } from '../words/shell';
import { keysWords } from '../words/keys';
import { media } from '../words/media';
import type { Keys, Refusal } from './age';

/** A sealed file to open; its bytes come through the port, then null. */
export interface Job {
  /** Which recording it has to be. */
  id: number;
  keys: Keys;
  port: MessagePort;
}
export type Piece = Uint8Array<ArrayBuffer> | null;
export type Answer = { plain: Uint8Array<ArrayBuffer> } | { end: true } | { refused: Refusal };

/** Why a recording is not opened, in words. */
export class NotOpened extends Error {
  constructor(readonly why: Refusal) {
    super({ others: media.sealedToOthers, altered: media.altered, other: keysWords.otherRecording }[why]);
  }
}

let worker: Worker | null = null;

/** Starts the worker, if it does not run: it takes a moment, which is best spent while the hub is asked. */
export function ready(): Worker {
  return (worker ??= new Worker(new URL('./decrypt.worker.ts', import.meta.url), { type: 'module' }));
}

/**
 * Opens recording `id`, an age file, for whoever is signed in, while it arrives; gives each piece as soon as it is proved whole.
 * Throws `NotOpened` when a byte of it was changed or is missing, or it is another one.
 */
export async function* open(sealed: ReadableStream<Uint8Array<ArrayBuffer>>, id: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const keys = await mine();
  const { port1: port, port2 } = new MessageChannel();
  ready().postMessage({ id, keys, port: port2 } satisfies Job, [port2]);

  const answers: (Answer | { broken: unknown })[] = [];
  let wake = (): void => undefined;
  const heard = (answer: (typeof answers)[number]): void => {
    answers.push(answer);
    wake();
  };
  port.onmessage = ({ data }: MessageEvent<Answer>) => heard(data);
  const reader = sealed.getReader();
  pour(reader, port).catch((broken: unknown) => heard({ broken }));

  try {
    for (;;) {
      const answer = answers.shift();
      if (!answer) await new Promise<void>((next) => (wake = next));
      else if ('plain' in answer) yield answer.plain;
      else if ('refused' in answer) throw new NotOpened(answer.refused);
      else if ('broken' in answer) throw aborted(answer.broken) ? answer.broken : new Problem(0, 'no-hub', shell.noHub);
      else return;
    }
  } finally {
    // Whoever wants no more of it also wants no more of it to come.
    reader.cancel().catch(() => undefined);
    port.postMessage(null);
    port.close();
  }
}

/** The whole of it. */
export async function whole(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of pieces) parts.push(part);
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

async function mine(): Promise<Keys> {
  const keys = await take();
  if (!keys) throw new NoKeys(keysWords.noKeys);
  const id = me()?.id ?? '';
  const wrapped = (home.household?.circles ?? []).map((circle) => circle.wrapped[id]).filter((file) => file !== undefined);
  return { identity: keys.identity, circles: wrapped.map((file) => new Uint8Array(base64.decode(file))) };
}

async function pour(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, port: MessagePort): Promise<void> {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    port.postMessage(value satisfies Piece);
  }
  port.postMessage(null satisfies Piece);
}

function aborted(why: unknown): boolean {
  return why instanceof DOMException && why.name === 'AbortError';
}
