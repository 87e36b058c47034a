// Opens a file as the app's worker does, and says how long that took.

import { Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { opened } from '../../web/src/media/age';

/** What an answer of the hub comes in. */
const PIECE = 64 << 10;

addEventListener('message', ({ data }: MessageEvent<{ megabytes: number; runs: number }>) => {
  // What goes wrong in here would else be waited for.
  measure(data.megabytes, data.runs).then(postMessage, (why: unknown) => postMessage(String(why)));
});

async function measure(megabytes: number, runs: number): Promise<number[]> {
  const identity = await generateIdentity();
  const file = new Encrypter();
  file.addRecipient(await identityToRecipient(identity));
  const sealed = new Uint8Array(await file.encrypt(new Uint8Array(megabytes * 1e6)));
  const speeds: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    let length = 0;
    for await (const plain of opened(pieces(sealed), 1, { identity: identity as unknown as CryptoKey, circles: [] })) length += plain.length;
    if (length !== megabytes * 1e6) throw new Error('not all of it was opened');
    speeds.push(length / 1e3 / (performance.now() - began));
  }
  return speeds;
}

async function* pieces(sealed: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < sealed.length; at += PIECE) yield sealed.slice(at, at + PIECE);
}
