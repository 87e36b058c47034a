// Signed notes: text with Ed25519 signatures beneath it (C2SP signed-note).

import { Bad } from './bad';
import { equal, fromBase64, sha256, toBase64, toHex, utf8, type Bytes } from './bytes';

const ED25519 = 1;
/** The longest note that is read, in bytes. */
const MOST = 64 * 1024;

/** A public key and its name, written as `NAME+ID+KEY`. */
export class Verifier {
  private constructor(
    readonly name: string,
    readonly key: Bytes,
    /** The first bytes of a hash of name and key: enough to find a signature, not to trust it. */
    readonly id: Bytes,
  ) {}

  static async of(name: string, key: Bytes): Promise<Verifier> {
    checkName(name);
    const digest = await sha256(utf8(name), new Uint8Array([0x0a, ED25519]), key);
    return new Verifier(name, key, digest.subarray(0, 4));
  }

  /** Reads `NAME+ID+KEY`; the base64 of the key may hold plus signs itself. */
  static async parse(text: string): Promise<Verifier> {
    const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
    if (name === undefined || encoded === undefined) throw new Bad('form', 'a key has not three parts');
    const [kind, ...key] = fromBase64(encoded);
    if (kind !== ED25519 || key.length !== 32) throw new Bad('form', 'a key is not an Ed25519 key');
    const verifier = await Verifier.of(name, new Uint8Array(key));
    if (id !== toHex(verifier.id)) throw new Bad('form', 'the id of a key is not that of its name and key');
    return verifier;
  }

  toString(): string {
    return `${this.name}+${toHex(this.id)}+${toBase64(new Uint8Array([ED25519, ...this.key]))}`;
  }

  is(other: Verifier): boolean {
    return this.name === other.name && equal(this.key, other.key);
  }
}

/** Nobody has signed a note who should have. */
export class NotSigned extends Bad {
  constructor(name: string) {
    super('signature', `${name} has not signed it`);
  }
}

/** Checks a signed note and gives its text, which must not be used otherwise. Signatures by other keys are passed over. */
export async function open(note: string, verifier: Verifier): Promise<string> {
  if (utf8(note).length > MOST) throw new Bad('form', 'a note is longer than 64 KiB');
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) throw new Bad('form', 'there is no blank line above the signatures');
  const text = note.slice(0, blank + 1);
  const signatures = note.slice(blank + 2);
  if (!signatures.endsWith('\n')) throw new Bad('form', 'a note does not end with a signature line');
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new Bad('form', 'a note holds a control character');
  let signed = false;
  for (const line of signatures.slice(0, -1).split('\n')) {
    const [, name, encoded] = /^\u2014 ([^ ]*) (.*)$/su.exec(line) ?? [];
    if (name === undefined || encoded === undefined) throw new Bad('form', "a signature line is not of the form '\u2014 NAME SIGNATURE'");
    const bytes = fromBase64(encoded);
    if (bytes.length < 4) throw new Bad('form', 'a signature has no key id');
    if (name !== verifier.name || !equal(bytes.subarray(0, 4), verifier.id)) continue;
    if (!(await fits(verifier.key, bytes.slice(4), utf8(text)))) throw new Bad('signature', `the signature of ${name} does not fit the text`);
    signed = true;
  }
  if (!signed) throw new NotSigned(verifier.name);
  return text;
}

/** How many lines a note has. With one signature, a text of three lines makes five. */
export function lines(note: string): number {
  return note.split('\n').length - 1;
}

export function checkName(name: string): void {
  if (name === '' || /[\s\p{Cc}+]/u.test(name)) throw new Bad('form', 'the name of a key is empty, or holds a space, a control character or a plus sign');
}

async function fits(key: Bytes, signature: Bytes, text: Bytes): Promise<boolean> {
  try {
    const known = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, known, signature, text);
  } catch {
    // Not a key, or not a signature at all.
    return false;
  }
}
