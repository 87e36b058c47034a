// The hashes of a Merkle tree (RFC 6962 section 2.1), and the proof that a line is in one (RFC 9162 section 2.1.3.2).

import { Bad } from './bad';
import { equal, sha256, type Bytes } from './bytes';

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

export function leaf(entry: Uint8Array): Promise<Bytes> {
  return sha256(LEAF, entry);
}

export function node(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(NODE, left, right);
}

/** The root over a power of two of hashes. */
export async function fold(hashes: Bytes[]): Promise<Bytes> {
  let level = hashes;
  while (level.length > 1) {
    level = await Promise.all(Array.from({ length: level.length / 2 }, (_, at) => node(level[2 * at]!, level[2 * at + 1]!)));
  }
  return level[0]!;
}

/**
 * The root over parts of a tree that lie side by side, each with fewer than 256 hashes of one height, the lowest and rightmost part
 * first. Of no parts, the root of the empty tree.
 */
export async function join(parts: Bytes[][]): Promise<Bytes> {
  let root: Bytes | null = null;
  for (const hashes of parts) {
    // From the right: the complete subtrees grow to the left.
    let end = hashes.length;
    for (let width = 1; width < 256; width *= 2) {
      if ((hashes.length & width) === 0) continue;
      const complete = await fold(hashes.slice(end - width, end));
      root = root ? await node(complete, root) : complete;
      end -= width;
    }
  }
  return root ?? sha256();
}

/** The root over any number of entries. */
export async function rootOf(entries: Uint8Array[]): Promise<Bytes> {
  const parts: Bytes[][] = [];
  let level = await Promise.all(entries.map(leaf));
  while (level.length > 0) {
    const full = Math.floor(level.length / 256);
    parts.push(level.slice(full * 256));
    const below = level;
    level = await Promise.all(Array.from({ length: full }, (_, n) => fold(below.slice(n * 256, (n + 1) * 256))));
  }
  return join(parts);
}

/** Checks that `hash` is that of line `index` of the tree of `size` lines with this root. */
export async function verifyInclusion(hash: Bytes, index: number, size: number, proof: Bytes[], root: Bytes): Promise<void> {
  if (index >= size) throw new Bad('proof', 'the tree has no line of that number');
  let [at, last] = [index, size - 1];
  for (const sibling of proof) {
    if (last === 0) throw new Bad('proof', 'the proof is too long');
    if (at % 2 === 1 || at === last) {
      hash = await node(sibling, hash);
      // A rightmost node without a sibling is its own parent until it is a right child.
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = await node(hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new Bad('proof', 'the proof is too short');
  if (!equal(hash, root)) throw new Bad('proof', 'the proof leads to another root');
}
