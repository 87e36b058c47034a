// What a member signs about how they sign in, as `crates/household/src/member/statement.rs` has it: a key for each purpose, a context
// of its own before everything, and each part with its length, so that no signature could mean two things.

import { base64, base64urlnopad } from '@scure/base';
import type { NewKeys } from './enrol';
import { utf8, type Signing } from './identity';

const ACCOUNT = 'porchlight account statement v1\0';
const VOUCHED = 'porchlight account key v1\0';
const RECOVERED = 'porchlight recovery v2\0';

/** A change of how somebody signs in. */
export type Word = 'enrolled' | 'passphrase' | 'passkey' | 'kit' | 'recovered';

/** Part of a statement: a text as the API has it, or a public key. */
export type Part = string | Uint8Array;

/** Binds a change of how this member signs in to them; base64url. */
export async function state(keys: NewKeys, word: Word, parts: Part[]): Promise<string> {
  return signed(keys.account, withParts(ACCOUNT, [word, ...parts]));
}

/** What an answer to a hub's challenge is made over. */
export function recovered(parts: [challenge: string, record: string, totp: string, wrapped: string]): Uint8Array<ArrayBuffer> {
  return withParts(RECOVERED, parts);
}

/** The account key, for which the key in the household document vouches. */
export async function accountKey(keys: NewKeys): Promise<{ account_key: string; vouched: string }> {
  const vouched = new Uint8Array([...utf8(VOUCHED), ...keys.account.public]);
  const signature = await crypto.subtle.sign('Ed25519', keys.member.signer, vouched);
  return { account_key: base64.encode(keys.account.public), vouched: base64urlnopad.encode(new Uint8Array(signature)) };
}

/** A signature as the API has it. */
export async function signed({ key }: Signing, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64urlnopad.encode(new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)));
}

/** A context, and each part with its length. */
export function withParts(context: string, parts: Part[]): Uint8Array<ArrayBuffer> {
  const all = parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? utf8(part) : part;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return new Uint8Array([utf8(context), ...all].flatMap((bytes) => [...bytes]));
}
