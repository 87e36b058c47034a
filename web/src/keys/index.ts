// Opening what is sealed to whoever is signed in. The hub cannot: it holds none of these keys.

import { Decrypter } from 'age-encryption';
import { base64urlnopad } from '@scure/base';
import { ask } from '../hub/api';
import { keysWords } from '../words/keys';
import * as drawer from './drawer';
import { unwrap } from './identity';
import { mayBe } from './recording';

/** Nobody's keys are here: whoever is signed in has to sign in again. */
export class NoKeys extends Error {}

/** Takes the identity of whoever has just signed in out of the hub's keeping, with the export key of that sign-in. */
export async function arrive(exportKey: string): Promise<void> {
  const { wrapped } = await ask<{ wrapped: string }>('GET', '/api/identity');
  await drawer.put(await unwrap(bytes(wrapped), bytes(exportKey)));
}

/** Whether this browser can open anything. */
export async function here(): Promise<boolean> {
  return (await drawer.take()) !== null;
}

/** Removes the keys: at sign-out, and when the session was ended elsewhere. */
export const leave = drawer.clear;

/** The hub handed out something else under the name of what was asked for. */
export class OtherRecording extends Error {}

/** Opens recording `id`, an age file that is sealed to this member. Throws when it is not, or when a byte of it was changed. */
export async function open(sealed: Uint8Array, id: number): Promise<Uint8Array<ArrayBuffer>> {
  const keys = await drawer.take();
  if (!keys) throw new NoKeys(keysWords.noKeys);
  const file = new Decrypter();
  file.addIdentity(keys.identity);
  const plain = new Uint8Array(await file.decrypt(sealed));
  if (!mayBe(sealed, id)) {
    plain.fill(0);
    throw new OtherRecording(keysWords.otherRecording);
  }
  return plain;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64urlnopad.decode(text));
}
