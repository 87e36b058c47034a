// Checkpoints: a tree's size and root under its name, signed; and who may sign for a ledger, through all changes of its key.

import { Bad } from './bad';
import { fromBase64, type Bytes } from './bytes';
import { checkName, lines, NotSigned, open, Verifier } from './note';

export interface Checkpoint {
  /** The name of the tree that it speaks of. */
  origin: string;
  /** How many lines there are. */
  size: number;
  root: Bytes;
}

/** Reads a signed checkpoint, which must bear the verifier's signature, and its name as its origin. */
export async function verify(note: string, verifier: Verifier): Promise<Checkpoint> {
  const checkpoint = parse(await open(note, verifier));
  if (checkpoint.origin !== verifier.name) throw new Bad('other', `the checkpoint is that of ${checkpoint.origin}`);
  return checkpoint;
}

/** Reads the text of a checkpoint. Further lines are allowed, and passed over. */
export function parse(text: string): Checkpoint {
  const [origin, size, root, ...more] = text.split('\n');
  if (more.pop() !== '' || !origin || more.includes('')) throw new Bad('form', 'a checkpoint has not three lines');
  if (!size || !/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size))) throw new Bad('form', 'the size of a checkpoint is not a number');
  return { origin, size: Number(size), root: hash(root ?? '') };
}

/** A hash of 32 bytes, in base64. */
export function hash(text: string): Bytes {
  const bytes = fromBase64(text);
  if (bytes.length !== 32) throw new Bad('form', 'a hash has not 32 bytes');
  return bytes;
}

/** The number of the tree that a name is of: the ledger's own for the first, one with a number for each after. */
export function treeOf(ledger: string, name: string): number | null {
  if (name === ledger) return 1;
  const number = name.startsWith(`${ledger}/tree-`) ? name.slice(ledger.length + 6) : '';
  const tree = /^[1-9][0-9]{0,9}$/.test(number) ? Number(number) : 0;
  return tree > 1 && tree < 2 ** 32 ? tree : null;
}

/** The verifier of the tree that a checkpoint says it is of, if that is one of the ledger's. */
export async function verifierOf(checkpoint: string, ledger: Verifier): Promise<Verifier> {
  const name = checkpoint.split('\n', 1)[0] ?? '';
  if (treeOf(ledger.name, name) === null) throw new Bad('other', `the checkpoint is that of ${name}`);
  return Verifier.of(name, ledger.key);
}

/** One key taking over from another, signed by both. */
export interface Succession {
  old: Verifier;
  next: Verifier;
}

const FIRST_LINE = 'porchlight-ledger succession 1';

export async function succession(note: string): Promise<Succession> {
  const [first, one, other] = note.split('\n');
  if (first !== FIRST_LINE || one === undefined || other === undefined) throw new Bad('form', 'a succession of keys does not begin like one');
  const [old, next] = [await Verifier.parse(one), await Verifier.parse(other)];
  if (old.name !== next.name) throw new Bad('key', 'the keys of a succession have different names');
  const text = `${FIRST_LINE}\n${old.toString()}\n${next.toString()}\n`;
  for (const key of [old, next]) {
    if ((await open(note, key)) !== text) throw new Bad('form', 'a succession of keys says more than it should');
  }
  if (lines(note) !== 6) throw new Bad('form', 'a succession of keys has other signatures than those of its two keys');
  return { old, next };
}

/** The key that a trusted one has become, by notes that come oldest first. */
export async function follow(trusted: Verifier, successions: string[]): Promise<Verifier> {
  let key = trusted;
  for (const note of successions) {
    const { old, next } = await succession(note);
    if (old.is(key)) key = next;
  }
  return key;
}

/** All keys by which a ledger has signed, and the name that it signs under. */
export class Signers {
  private constructor(
    readonly ledger: Verifier,
    private readonly keys: Bytes[],
  ) {}

  static async of(ledger: Verifier, successions: string[]): Promise<Signers> {
    checkName(ledger.name);
    const keys: Bytes[] = [];
    let last: Verifier | null = null;
    for (const note of successions) {
      const { old, next } = await succession(note);
      if (old.name !== ledger.name || (last && !last.is(old))) throw new Bad('key', 'the successions of keys do not follow one another');
      keys.push(old.key);
      last = next;
    }
    if (last && !last.is(ledger)) throw new Bad('key', 'the successions of keys lead to another key');
    return new Signers(ledger, [...keys, ledger.key]);
  }

  /** Every key, with the name of the ledger. */
  all(): Promise<Verifier[]> {
    return Promise.all(this.keys.map((key) => Verifier.of(this.ledger.name, key)));
  }

  /** A checkpoint that one of the keys has signed, and the number of its tree. */
  async read(note: string): Promise<{ checkpoint: Checkpoint; tree: number }> {
    const name = note.split('\n', 1)[0] ?? '';
    const tree = treeOf(this.ledger.name, name);
    if (tree === null) throw new Bad('other', `the checkpoint is that of ${name}`);
    for (const key of [...this.keys].reverse()) {
      try {
        return { checkpoint: await verify(note, await Verifier.of(name, key)), tree };
      } catch (why) {
        if (!(why instanceof NotSigned)) throw why;
      }
    }
    throw new Bad('key', 'the checkpoint is signed by none of the keys of the ledger');
  }
}
