// Bytes and their spellings. Every reader here takes one spelling only, so that nothing can be altered unnoticed.

import { base64, hex } from '@scure/base';
import { Bad } from './bad';

export type Bytes = Uint8Array<ArrayBuffer>;

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** The text of bytes; throws where they are not UTF-8. A byte order mark is text like any other. */
export function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Bad('form', 'it is not text in UTF-8');
  }
}

export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** Standard base64, padded. Bits that nobody would read must be zero. */
export function fromBase64(text: string): Bytes {
  return exactly(text, 'it is not standard base64', base64);
}

export function toHex(bytes: Uint8Array): string {
  return hex.encode(bytes);
}

/** Hexadecimal in small letters. */
export function fromHex(text: string): Bytes {
  return exactly(text, 'it is not hexadecimal in small letters', hex);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(parts)));
}

function concat(parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function exactly(text: string, otherwise: string, coder: { decode(text: string): Uint8Array; encode(bytes: Uint8Array): string }): Bytes {
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(coder.decode(text));
  } catch {
    throw new Bad('form', otherwise);
  }
  if (coder.encode(bytes) !== text) throw new Bad('form', otherwise);
  return bytes;
}
