// Opening what is sealed to whoever is signed in. The hub cannot: it holds none of these keys.

import { base64, base64urlnopad } from '@scure/base';
import type { PublicKeys } from '../household/document';
import { isSignature } from '../household/signature';
import { ask } from '../hub/api';
import { keysWords } from '../words/keys';
import { age } from './age';
import * as drawer from './drawer';
import { unwrap, type MemberKeys } from './identity';
import { open as openWith } from './open';
import { mayBe } from './recording';

/** Nobody's keys are here: whoever is signed in has to sign in again. */
export class NoKeys extends Error {}

/** The identity as the hub keeps it: wrapped under what the passphrase yields, or under what a passkey does. */
export async function wrapped(passkey?: string): Promise<string> {
  const which = passkey === undefined ? '' : `?passkey=${encodeURIComponent(passkey)}`;
  return (await ask<{ wrapped: string }>('GET', `/api/identity${which}`)).wrapped;
}

/** Takes the identity of whoever has just signed in out of the hub's keeping, with the export key of that sign-in or the secret of that passkey. */
export async function arrive(secret: string, passkey?: string): Promise<void> {
  await drawer.put(await unwrap(bytes(await wrapped(passkey)), bytes(secret)));
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
  const plain = await openMine(sealed);
  if (!mayBe(sealed, id)) {
    plain.fill(0);
    throw new OtherRecording(keysWords.otherRecording);
  }
  return plain;
}

/** Opens an age file that is sealed to this member and is no recording, such as the key of a circle. */
export async function openMine(sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return openWith((await mine()).identity, sealed);
}

/** Signs for this member. Callers put their own context in front, so that no signature means two things. */
export async function sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', (await mine()).signer, bytes));
}

/** Whether these public keys are the other halves of this member's own. */
export async function areMine(keys: PublicKeys): Promise<boolean> {
  const [{ identityToRecipient }, { identity }] = await Promise.all([age(), mine()]);
  if ((await identityToRecipient(identity)) !== keys.recipient) return false;
  // The private half does not say what the public one is; what it signs does.
  const challenge = new TextEncoder().encode(`porchlight own key v1\0${crypto.randomUUID()}`);
  return isSignature(keys.signer, base64.encode(await sign(challenge)), challenge);
}

async function mine(): Promise<MemberKeys> {
  const keys = await drawer.take();
  if (!keys) throw new NoKeys(keysWords.noKeys);
  return keys;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64urlnopad.decode(text));
}
