// Passkeys: a second factor that nobody can copy, and, where the authenticator has the PRF extension, a key of its own
// under which the identity is wrapped once more. What that extension gives never leaves this browser.

import { base64urlnopad } from '@scure/base';
import { ask } from '../hub/api';
import type { NewKeys } from './enrol';

/** What a passkey answered. */
export interface Answer {
  /** For the hub. */
  credential: unknown;
  /** The passkey's name for itself. */
  id: string;
  /** What it unwraps the identity with, when it can; base64url. */
  secret: string | null;
}

/** The person closed the browser's dialog, or let it run out. */
export class Declined extends Error {}

/** Whether this browser, at this address, can have passkeys at all: they belong to a name, and a number is none. */
export function possible(): boolean {
  const number = /^[\d.]+$|:/.test(location.hostname);
  return !number && typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** Makes a passkey, and asks it for its secret: the one that belongs to `salt`. */
export async function make(options: PublicKeyCredentialCreationOptionsJSON, salt: string): Promise<Answer> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await asked(() => navigator.credentials.create({ publicKey }));
  const { prf } = made.getClientExtensionResults();
  const answered = answer(made);
  if (answered.secret || !prf?.enabled) return answered;
  // Most authenticators give the secret only when they are asked for a proof; this one is for nobody but us.
  const challenge = base64urlnopad.encode(crypto.getRandomValues(new Uint8Array(32)));
  const proof = await prove({
    challenge,
    ...(options.rp.id === undefined ? {} : { rpId: options.rp.id }),
    allowCredentials: [{ id: answered.id, type: 'public-key' }],
    userVerification: 'required',
    extensions: { prf: { eval: { first: salt } } },
  });
  return { ...answered, secret: proof.secret };
}

/** Asks a passkey to prove that its holder is there. */
export async function prove(options: PublicKeyCredentialRequestOptionsJSON): Promise<Answer> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return answer(await asked(() => navigator.credentials.get({ publicKey })));
}

async function asked(dialog: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await dialog();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (why) {
    if (!(why instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(why.name))) throw why;
  }
  throw new Declined();
}

function answer(made: PublicKeyCredential): Answer {
  const first = made.getClientExtensionResults().prf?.results?.first;
  const credential = made.toJSON() as { id: string; clientExtensionResults: { prf?: { enabled?: boolean; results?: unknown } } };
  // The hub is told that there is such a key, and nothing of it.
  if (credential.clientExtensionResults.prf) delete credential.clientExtensionResults.prf.results;
  return { credential, id: made.id, secret: first ? base64urlnopad.encode(bytes(first)) : null };
}

function bytes(source: BufferSource): Uint8Array {
  return source instanceof ArrayBuffer ? new Uint8Array(source) : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

/** A second factor, beside the passphrase: six digits, or a passkey. */
export type Second = { code: string } | 'passkey';

/** There is no passkey that could answer this challenge. */
export class NoPasskey extends Error {}

/** The passkey proves who it is, and cannot unwrap the identity. */
export class Sealed extends Error {}

/** The second factor as the hub takes it. */
export async function second(challenge: { passkey?: PublicKeyCredentialRequestOptionsJSON | null }, by: Second): Promise<{ code: string } | { passkey: unknown }> {
  if (by !== 'passkey') return { code: by.code.replaceAll(/\s/g, '') };
  if (!challenge.passkey) throw new NoPasskey();
  return { passkey: (await prove(challenge.passkey)).credential };
}

interface Making {
  attempt: string;
  options: PublicKeyCredentialCreationOptionsJSON;
  salt: string;
}

/** Adds a passkey to whoever is signed in and has just proved who they are. Whether it opens what is sealed to them. */
export async function add(name: string, keys: NewKeys, proof: string): Promise<boolean> {
  // Not needed at the door, where nobody adds one.
  const [{ wrap }, { state }] = await Promise.all([import('./enrol'), import('./statement')]);
  const { attempt, options, salt } = await ask<Making>('POST', '/api/passkeys/start');
  const { credential, id, secret } = await make(options, salt);
  const wrapped = secret ? await wrap(keys, secret) : null;
  const signature = await state(keys, 'passkey', [proof, id, wrapped ?? '']);
  await ask('POST', '/api/passkeys', { attempt, credential, name, wrapped, proof, signature });
  return secret !== null;
}
