// Opening an age file while it still arrives. The file key is unwrapped by `age-encryption`; the 64 KiB chunks
// (https://age-encryption.org/v1, "Payload") are opened by the browser itself where it knows ChaCha20-Poly1305, which is
// twenty times as fast, and else by `@noble/ciphers`.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { Decrypter } from 'age-encryption';
import { mayBe } from '../keys/recording';

type Bytes = Uint8Array<ArrayBuffer>;

/** Why a file is not opened: it is sealed to `others` alone, a byte of it was `altered` or is missing, or it is an`other` recording. */
export type Refusal = 'others' | 'altered' | 'other';

export class Refused extends Error {
  constructor(readonly why: Refusal) {
    super(why);
  }
}

const CHUNK = 64 << 10;
const TAG = 16;
const NONCE = 16;
/** Ours are of a few hundred bytes. */
const LONGEST_HEADER = 64 << 10;

/** What a member opens with. */
export interface Keys {
  identity: CryptoKey;
  /** The circles they belong to: each an age file sealed to them, with the circle's own identities, the newest first. */
  circles: Bytes[];
}

/** The plaintext of recording `id`, chunk by chunk. Each was proved whole before it comes; the last one proves that none is missing. */
export async function* opened(sealed: AsyncIterable<Bytes>, id: number, keys: Keys): AsyncGenerator<Bytes> {
  const source = new Source(sealed[Symbol.asyncIterator]());
  const header = await source.header();
  const key = await unwrap(header, keys);
  if (!mayBe(header, id)) throw new Refused('other');
  const open = await cipher(await streamKey(key, await source.take(NONCE)));
  key.fill(0);
  for (let number = 0; ; number++) {
    // One byte more tells whether this is the last.
    const last = !(await source.has(CHUNK + TAG + 1));
    const chunk = await source.take(last ? source.length : CHUNK + TAG);
    if (chunk.length < TAG || (last && number > 0 && chunk.length === TAG)) throw new Refused('altered');
    const plain = await open(nonce(number, last), chunk).catch(() => {
      throw new Refused('altered');
    });
    if (plain.length > 0) yield plain;
    if (last) return;
  }
}

async function unwrap(header: Bytes, { identity, circles }: Keys): Promise<Uint8Array> {
  const own = await fileKey(header, [identity]);
  if (own) return own;
  // Whoever came into a circle later opens what was kept before through the circle's own keys.
  for (const circle of circles) {
    const file = new Decrypter();
    file.addIdentity(identity);
    const text = await file.decrypt(circle, 'text').catch(() => '');
    const found = await fileKey(header, text.split('\n').filter(Boolean));
    if (found) return found;
  }
  throw new Refused('others');
}

/** Null where it is sealed to none of these. */
async function fileKey(header: Bytes, identities: (CryptoKey | string)[]): Promise<Uint8Array | null> {
  const file = new Decrypter();
  for (const identity of identities) file.addIdentity(identity);
  try {
    return await file.decryptHeader(header);
  } catch (why) {
    if (/no identity matched/.test(String(why))) return null;
    throw new Refused('altered');
  }
}

async function streamKey(fileKey: Uint8Array, salt: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(fileKey), 'HKDF', false, ['deriveBits']);
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info: new TextEncoder().encode('payload') };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

type Open = (nonce: Bytes, chunk: Bytes) => Promise<Bytes>;
const NAME = 'ChaCha20-Poly1305';

async function cipher(key: Bytes): Promise<Open> {
  try {
    // TypeScript does not know this format yet.
    const native = await crypto.subtle.importKey('raw-secret' as 'raw', key, { name: NAME }, false, ['decrypt']);
    key.fill(0);
    return async (iv, chunk) => new Uint8Array(await crypto.subtle.decrypt({ name: NAME, iv } as AesGcmParams, native, chunk));
  } catch {
    return async (nonce, chunk) => new Uint8Array(chacha20poly1305(key, nonce).decrypt(chunk));
  }
}

/** Eleven bytes that count, and one that says whether this is the last. */
function nonce(number: number, last: boolean): Bytes {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(7, number);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

/** What has arrived and was not taken yet. */
class Source {
  length = 0;
  private parts: Bytes[] = [];

  constructor(private readonly coming: AsyncIterator<Bytes>) {}

  /** Waits until this many bytes are there; false when there will never be. */
  async has(bytes: number): Promise<boolean> {
    while (this.length < bytes) {
      const next = await this.coming.next();
      if (next.done) return false;
      this.parts.push(next.value);
      this.length += next.value.length;
    }
    return true;
  }

  async take(bytes: number): Promise<Bytes> {
    if (!(await this.has(bytes))) throw new Refused('altered');
    const taken = new Uint8Array(bytes);
    for (let filled = 0; filled < bytes; ) {
      const part = this.parts.shift();
      if (!part) break;
      const used = part.subarray(0, bytes - filled);
      taken.set(used, filled);
      filled += used.length;
      if (used.length < part.length) this.parts.unshift(part.subarray(used.length));
    }
    this.length -= bytes;
    return taken;
  }

  /** Up to the end of the line that begins with `---`. */
  async header(): Promise<Bytes> {
    for (let enough = 256; enough <= LONGEST_HEADER; enough *= 2) {
      const all = await this.has(enough);
      const seen = new TextDecoder('latin1').decode(this.joined());
      const from = seen.indexOf('\n--- ');
      const end = from < 0 ? -1 : seen.indexOf('\n', from + 5);
      if (end >= 0) return this.take(end + 1);
      if (!all) break;
    }
    throw new Refused('altered');
  }

  private joined(): Bytes {
    const joined = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      joined.set(part, at);
      at += part.length;
    }
    this.parts = [joined];
    return joined;
  }
}
