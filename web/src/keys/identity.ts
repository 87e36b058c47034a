// A member's own keys, as `crates/household/src/member/mod.rs` makes them: one age identity, and from it a signing key and the account
// key. Here they live as WebCrypto keys that no script can read, this one included; the account key only while it is needed.

import { base64urlnopad, bech32 } from '@scure/base';

/** What this browser keeps of somebody who is signed in. Neither key can be taken out of it, and neither binds an account. */
export interface MemberKeys {
  /** X25519: opens what is sealed to this member. */
  identity: CryptoKey;
  /** Ed25519: signs for this member. */
  signer: CryptoKey;
}

/** An Ed25519 key that cannot be taken out of this page, and its public half. */
export interface Signing {
  key: CryptoKey;
  public: Uint8Array<ArrayBuffer>;
}

const IDENTITY = utf8('porchlight identity v1');
const SIGNER = utf8('porchlight signer v1');
const ACCOUNT = utf8('porchlight account v1');
const NONCE = 12;
/** What stands before 32 secret bytes in PKCS #8 (RFC 8410); the byte in the middle names the curve. */
const pkcs8 = (curve: number) => [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, curve, 4, 0x22, 4, 0x20];
const X25519 = 0x6e;
const ED25519 = 0x70;

/**
 * Opens the identity that the hub keeps wrapped, with the export key that OPAQUE gave this browser at sign-in.
 * Throws when it was wrapped under another key, or changed.
 */
export async function unwrap(wrapped: Uint8Array<ArrayBuffer>, exportKey: Uint8Array<ArrayBuffer>): Promise<MemberKeys> {
  const line = await unwrapLine(wrapped, exportKey);
  try {
    return await lock(line);
  } finally {
    line.fill(0);
  }
}

/** The same, and what comes out is the identity's line itself: for whoever makes another wrapping of it. Wipe it after use. */
export async function unwrapLine(wrapped: Uint8Array<ArrayBuffer>, exportKey: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const wrapping = await wrappingKey(exportKey, 'decrypt');
  const how = { name: 'AES-GCM', iv: wrapped.subarray(0, NONCE), additionalData: IDENTITY };
  return new Uint8Array(await crypto.subtle.decrypt(how, wrapping, wrapped.subarray(NONCE)));
}

/** Seals an identity's line for the hub to keep: nonce (12) ‖ ciphertext ‖ tag (16). */
export async function wrapLine(line: Uint8Array<ArrayBuffer>, exportKey: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const how = { name: 'AES-GCM', iv, additionalData: IDENTITY };
  const sealed = await crypto.subtle.encrypt(how, await wrappingKey(exportKey, 'encrypt'), line);
  return new Uint8Array([...iv, ...new Uint8Array(sealed)]);
}

/** The keys of an identity's line, `AGE-SECRET-KEY-1…` in capitals. */
export async function lock(line: Uint8Array<ArrayBuffer>): Promise<MemberKeys> {
  const secret = bech32.decodeToBytes(new TextDecoder().decode(line)).bytes;
  try {
    return { identity: await locked(secret, X25519, 'X25519', 'deriveBits'), signer: (await documentKey(line)).key };
  } finally {
    secret.fill(0);
  }
}

/** What signs the household document, of an identity's line. */
export async function documentKey(line: Uint8Array<ArrayBuffer>): Promise<Signing> {
  return signing(await derive(line, SIGNER));
}

/** What binds changes of an account to its member, of an identity's line. It is never kept. */
export async function accountKey(line: Uint8Array<ArrayBuffer>): Promise<Signing> {
  return signing(await derive(line, ACCOUNT));
}

/** The key of a seed, which is overwritten. */
export async function signing(seed: Uint8Array<ArrayBuffer>): Promise<Signing> {
  const bytes = pkcs8Of(seed, ED25519);
  try {
    const key = await locked(seed, ED25519, 'Ed25519', 'sign');
    // WebCrypto gives the public half of a private key in this form alone.
    const { x } = await crypto.subtle.exportKey('jwk', await crypto.subtle.importKey('pkcs8', bytes, { name: 'Ed25519' }, true, ['sign']));
    return { key, public: new Uint8Array(base64urlnopad.decode(x ?? '')) };
  } finally {
    for (const secret of [seed, bytes]) secret.fill(0);
  }
}

async function wrappingKey(exportKey: Uint8Array<ArrayBuffer>, use: KeyUsage): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', await derive(exportKey, IDENTITY), 'AES-GCM', false, [use]);
}

async function locked(secret: Uint8Array, curve: number, name: string, use: KeyUsage): Promise<CryptoKey> {
  const bytes = pkcs8Of(secret, curve);
  const key = await crypto.subtle.importKey('pkcs8', bytes, { name }, false, [use]);
  bytes.fill(0);
  return key;
}

function pkcs8Of(secret: Uint8Array, curve: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...pkcs8(curve), ...secret]);
}

/** HKDF-SHA256 (RFC 5869) without a salt, 32 bytes. */
export async function derive(input: Uint8Array<ArrayBuffer>, info: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveBits']);
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
