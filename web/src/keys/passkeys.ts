// Passkeys: a second factor that nobody can copy, and, where the authenticator has the PRF extension, a key of its own
// under which the identity is wrapped once more. What that extension gives never leaves this browser.

import { base64urlnopad } from '@scure/base';

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

/** Whether this browser, at this address, can have passkeys at all. */
export function possible(): boolean {
  return typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** Makes a passkey. */
export async function make(options: PublicKeyCredentialCreationOptionsJSON): Promise<Answer> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return answer(await asked(() => navigator.credentials.create({ publicKey })));
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

/** The second factor as the hub takes it. */
export async function second(challenge: { passkey?: PublicKeyCredentialRequestOptionsJSON | null }, by: Second): Promise<{ code: string } | { passkey: unknown }> {
  if (by !== 'passkey') return { code: by.code.replaceAll(/\s/g, '') };
  if (!challenge.passkey) throw new NoPasskey();
  return { passkey: (await prove(challenge.passkey)).credential };
}
