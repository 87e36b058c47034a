// What follows from the code of an invitation, as `crates/household/src/invitation.rs` has it. Whoever shows the code and whoever typed it
// know the same secret, and the hub between them does not: so each finds out that what the other sent is the other's. The numbers that the
// two compare hang on a nonce as well, which whoever shows the code promises by a commitment, and gives only when an answer was taken: so
// that nobody, who knows the code or not, can look for keys with the same numbers.

import { base64urlnopad } from '@scure/base';
import type { PublicKeys } from '../household/document';
import type { NewAccount } from './enrol';
import { derive, utf8 } from './identity';
import { withParts } from './statement';

/** Letters and digits that are hard to mistake for each other: 32 of them. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ023456789';
const LENGTH = 12;
const HANDLE = utf8('porchlight invitation v1 handle');
const HANDLE_BYTES = 16;
const KEY = utf8('porchlight invitation v1 key');
const OWNER = 'porchlight invitation v1 owner\0';
const ACCOUNT = 'porchlight invitation v1 account\0';
const NEWCOMER = 'porchlight invitation v1 newcomer\0';
const COMMITMENT = 'porchlight invitation v1 commitment\0';
const NUMBERS = 'porchlight invitation v1 numbers\0';
const NONCE_BYTES = 32;

/** What both ends make of a code. */
export interface Secrets {
  /** What the hub knows the invitation by; the code does not follow from it. */
  handle: string;
  /** HMAC; it cannot be taken out of this page. */
  key: CryptoKey;
}

/** Who asks whom in. */
export interface Asking {
  /** The household's id, and what it calls itself. */
  household: string;
  household_name: string | null;
  /** Who is asked, by id, and their name. */
  person: string;
  name: string;
  /** Who asks, and their key in the household document. */
  by: string;
  by_signer: string;
  /** By which their client promises its nonce. */
  commitment: string;
}

/** What a newcomer made, as far as whoever lets them in gets to see it. */
export interface Made {
  keys: PublicKeys;
  /** The hash of their account: what is in that is for the hub alone. */
  account: string;
}

/** A fresh code: sixty bits. */
export function newCode(): string {
  return [...crypto.getRandomValues(new Uint8Array(LENGTH))].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** What only this page knows until it has taken an answer. */
export function newNonce(): string {
  return base64urlnopad.encode(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

/** By which a nonce is promised, and from which it does not follow. */
export async function commitmentTo(nonce: string): Promise<string> {
  return base64urlnopad.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', withParts(COMMITMENT, [nonce]))));
}

/** Whether this is the nonce that was promised. */
export async function isPromised(nonce: string, commitment: string): Promise<boolean> {
  try {
    return base64urlnopad.decode(nonce).length === NONCE_BYTES && (await commitmentTo(nonce)) === commitment;
  } catch {
    // What is no base64 is none.
    return false;
  }
}

/** A code as it is shown: `T7KQ 4M2P 9XWD`. */
export function grouped(code: string): string {
  return code.replaceAll(/(.{4})(?=.)/g, '$1 ');
}

/** A code, however it was typed; null where it is none. */
export function readCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '').replaceAll('O', '0');
  return code.length === LENGTH && [...code].every((letter) => LETTERS.includes(letter)) ? code : null;
}

export async function secretsOf(code: string): Promise<Secrets> {
  const [handle, key] = await Promise.all([derive(utf8(code), HANDLE), derive(utf8(code), KEY)]);
  try {
    return {
      handle: base64urlnopad.encode(handle.subarray(0, HANDLE_BYTES)),
      key: await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']),
    };
  } finally {
    key.fill(0);
  }
}

/** By which a newcomer knows who asks, before they make anything. */
export function greet({ key }: Secrets, asking: Asking): Promise<string> {
  return mac(key, greetingOf(asking));
}

/** Whether who asks is who has the code. */
export function isGreeting({ key }: Secrets, asking: Asking, greeting: string): Promise<boolean> {
  return isMac(key, greetingOf(asking), greeting);
}

/** Binds what a newcomer sends to the code: nobody else's keys or account take its place. */
export function bind({ key }: Secrets, greeting: string, made: Made): Promise<string> {
  return mac(key, bindingOf(greeting, made));
}

/** Whether what arrived was made by somebody who has the code. */
export function isBinding({ key }: Secrets, greeting: string, made: Made, binding: string): Promise<boolean> {
  return isMac(key, bindingOf(greeting, made), binding);
}

/** One hash for all of an account. */
export async function accountHash({ record, totp_secret, wrapped, account_key, vouched, recovery_key, signature }: NewAccount): Promise<string> {
  const all = withParts(ACCOUNT, [record, totp_secret, wrapped, account_key, vouched, recovery_key, signature]);
  return base64urlnopad.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', all)));
}

/** What both screens show: `407`, `199`, `263`, `358`. */
export async function numbersOf({ key }: Secrets, binding: string, nonce: string): Promise<string[]> {
  const view = new DataView(await crypto.subtle.sign('HMAC', key, withParts(NUMBERS, [binding, nonce])));
  return [0, 2, 4, 6].map((at) => String(view.getUint16(at) % 1000).padStart(3, '0'));
}

function greetingOf(asking: Asking): Uint8Array<ArrayBuffer> {
  return withParts(OWNER, [asking.household, asking.person, asking.name, asking.household_name ?? '', asking.by, asking.by_signer, asking.commitment]);
}

function bindingOf(greeting: string, { keys, account }: Made): Uint8Array<ArrayBuffer> {
  return withParts(NEWCOMER, [greeting, keys.recipient, keys.signer, account]);
}

async function mac(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64urlnopad.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)));
}

/** Compared by the browser, in constant time. */
async function isMac(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>, claimed: string): Promise<boolean> {
  try {
    return await crypto.subtle.verify('HMAC', key, new Uint8Array(base64urlnopad.decode(claimed)), bytes);
  } catch {
    // What is no base64 is none.
    return false;
  }
}
