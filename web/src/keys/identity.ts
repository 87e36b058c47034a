// A member's own keys, as `crates/household/src/member.rs` makes them: one age identity, and a signing key derived from it.
// Here they live as WebCrypto keys that no script can read, this one included.

import { bech32 } from '@scure/base';

/** What this browser keeps of somebody who is signed in. Neither key can be taken out of it. */
export interface MemberKeys {
  /** X25519: opens what is sealed to this member. */
  identity: CryptoKey;
  /** Ed25519: signs for this member. */
  signer: CryptoKey;
}

const IDENTITY = utf8('porchlight identity v1');
const SIGNER = utf8('porchlight signer v1');
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
  const wrapping = await crypto.subtle.importKey('raw', await derive(exportKey, IDENTITY), 'AES-GCM', false, ['decrypt']);
  const how = { name: 'AES-GCM', iv: wrapped.subarray(0, NONCE), additionalData: IDENTITY };
  const line = new Uint8Array(await crypto.subtle.decrypt(how, wrapping, wrapped.subarray(NONCE)));
  const secret = bech32.decodeToBytes(new TextDecoder().decode(line)).bytes;
  const seed = await derive(line, SIGNER);
  try {
    return { identity: await locked(secret, X25519, 'X25519', 'deriveBits'), signer: await locked(seed, ED25519, 'Ed25519', 'sign') };
  } finally {
    for (const bytes of [line, secret, seed]) bytes.fill(0);
  }
}

async function locked(secret: Uint8Array, curve: number, name: string, use: KeyUsage): Promise<CryptoKey> {
  const bytes = new Uint8Array([...pkcs8(curve), ...secret]);
  const key = await crypto.subtle.importKey('pkcs8', bytes, { name }, false, [use]);
  bytes.fill(0);
  return key;
}

/** HKDF-SHA256 (RFC 5869) without a salt, 32 bytes. */
async function derive(input: Uint8Array<ArrayBuffer>, info: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveBits']);
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
