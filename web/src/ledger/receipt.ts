// Receipts: what a line says, and everything that is needed to check it, in one file (see crates/ledger/src/receipt.rs).

import { Bad } from './bad';
import { fromHex, text, toBase64, utf8, type Bytes } from './bytes';
import { follow, hash, succession, treeOf, verifierOf, verify as verifyCheckpoint, type Checkpoint } from './checkpoint';
import { commits, object, read as readEntry, type Event } from './entry';
import { leaf, verifyInclusion } from './merkle';
import { lines, open, Verifier } from './note';

/** As it lies in the file. Nothing of it is to be believed before it was checked. */
export interface Form {
  receipt: 1;
  key: string;
  successions?: string[];
  entry: string;
  salt: string;
  detail: string;
  proof: string;
  outcome?: string;
}

/** What the hub says of a line anew: with the line's detail that is a receipt. */
export interface LineProof {
  key: string;
  successions: string[];
  entry: string;
  proof: string;
  outcome: string | null;
}

/** What a receipt of a deletion says, once it is known to be true. */
export interface Checked {
  form: Form;
  /** Where the line is: its number, in the tree of this number. */
  index: number;
  tree: number;
  entry: Event;
  /** The signed checkpoint that covers it. */
  note: string;
  checkpoint: Checkpoint;
  deletion: Deletion;
  outcome: Outcome | null;
}

/** The detail of a deletion's line. Sets of ids are written as ranges: `4-7 9`. */
export interface Deletion {
  at: string;
  reason: string;
  /** A person's id, or the hub's own word. */
  by: string;
  moments: string;
  /** How long film was, in seconds, where the receipt says so. */
  recordings: { kind: string; count: number; seconds?: number; ids: string }[];
  stays: { why: string; ids: string }[];
  effects_kept: string;
  looks: { look: number; at: string; how: string; recordings: number }[];
  slot: { kind: string; cannot: string[] };
}

/** What has become of it, as of when this was signed. */
export interface Outcome {
  at: string;
  generation: number | null;
  mirrors: ({ path: string } & ({ state: 'acknowledged' } | { state: 'pending'; why: string }))[];
  /** Whether the sealed remains, which nobody can open, have been removed as well. */
  swept: boolean;
}

/**
 * Reads a file and checks all of it. With `trusted`, the ledger's keys as they are known here, it must be by one of them, or by one
 * that took over from them.
 */
export async function check(file: string | Uint8Array, trusted: Verifier[] | null): Promise<Checked> {
  const form = read(file);
  for (const note of form.successions ?? []) await succession(note);
  const key = await Verifier.parse(form.key);
  if (trusted) await checkKey(key, trusted, form.successions ?? []);
  const { index, hashes, note } = readProof(form.proof);
  // Other signatures would be passed over, so that they could be altered unnoticed.
  if (lines(note) !== 5) throw new Bad('form', 'its checkpoint is more than three lines and one signature');
  const signer = await verifierOf(note, key);
  const checkpoint = await verifyCheckpoint(note, signer);
  await verifyInclusion(await leaf(utf8(form.entry)), index, checkpoint.size, hashes, checkpoint.root);
  const entry = readEntry(utf8(form.entry));
  if (entry.line !== 'event' || !(await commits(entry, { salt: salt(form.salt), said: form.detail }))) {
    throw new Bad('detail', 'its detail is not the one that the line commits to');
  }
  const outcome = form.outcome === undefined ? null : await readOutcome(form.outcome, form.entry, signer);
  if (entry.kind !== 'deletion') throw new Bad('form', `it is of a line of the kind ${entry.kind}`);
  const tree = treeOf(key.name, checkpoint.origin) ?? 1;
  return { form, index, tree, entry, note, checkpoint, deletion: readDeletion(form.detail), outcome };
}

/** The file of a receipt, in the one spelling that it has. */
export function write({ receipt, key, successions, entry, salt, detail, proof, outcome }: Form): string {
  const some = successions && successions.length > 0 ? { successions } : {};
  const form = { receipt, key, ...some, entry, salt, detail, proof, ...(outcome === undefined ? {} : { outcome }) };
  return `${JSON.stringify(form, null, 2)}\n`;
}

/** The receipt with what the hub says of its line by now, to be checked like any other. */
export function renew(before: Form, now: LineProof): Form {
  if (now.entry !== before.entry) throw new Bad('rewritten', 'the line of the receipt is another now');
  const { key, successions, entry, proof } = now;
  return { receipt: 1, key, successions, entry, salt: before.salt, detail: before.detail, proof, ...(now.outcome === null ? {} : { outcome: now.outcome }) };
}

/** Whether nothing is left to be done. */
export function isComplete(outcome: Outcome | null): boolean {
  return outcome !== null && outcome.swept && outcome.mirrors.every(({ state }) => state === 'acknowledged');
}

/** How many ids there are in a set of them. */
export function countIds(ids: string): number {
  const ranges = ids === '' ? [] : ids.split(' ').map((range) => range.split('-').map(Number));
  return ranges.reduce((sum, [first, last]) => sum + (last ?? first!) - first! + 1, 0);
}

async function checkKey(key: Verifier, trusted: Verifier[], successions: string[]): Promise<void> {
  const expected = await Promise.all(trusted.map((known) => follow(known, successions)));
  if (expected.some((known) => known.is(key))) return;
  const fault = trusted.some((known) => known.name === key.name) ? 'key' : 'other';
  throw new Bad(fault, `it is signed by ${key.toString()}, and not by ${expected.join(' or ')}`);
}

function read(file: string | Uint8Array): Form {
  const all = typeof file === 'string' ? file : text(file);
  const found = object(all, 'it') as unknown as Form;
  if (typeof found.receipt === 'number' && found.receipt > 1) throw new Bad('newer', 'a newer release wrote it');
  const { successions, outcome } = found;
  const texts = [found.key, found.entry, found.salt, found.detail, found.proof, ...(Array.isArray(successions) ? successions : []), outcome ?? ''];
  if (found.receipt !== 1 || !texts.every((text) => typeof text === 'string') || (successions !== undefined && !Array.isArray(successions))) {
    throw new Bad('form', 'a part of it is missing or malformed');
  }
  if (write(found) !== all) throw new Bad('form', 'it is not written in the one form that receipts have');
  return found;
}

/** A proof that something is in the log, as one text (C2SP tlog-proof). */
function readProof(proof: string): { index: number; hashes: Bytes[]; note: string } {
  const [, index, body, note] = /^c2sp\.org\/tlog-proof@v1\nindex (0|[1-9][0-9]*)\n((?:[^\n]+\n)*)\n(.*)$/s.exec(proof) ?? [];
  if (index === undefined || body === undefined || note === undefined || !Number.isSafeInteger(Number(index))) throw new Bad('form', 'its proof is not a tlog-proof');
  const hashes = body.split('\n').slice(0, -1).map(hash);
  if (hashes.length > 64) throw new Bad('form', 'its proof has more hashes than any tree has levels');
  return { index: Number(index), hashes, note };
}

async function readOutcome(note: string, entry: string, signer: Verifier): Promise<Outcome> {
  const said = await open(note, signer);
  const head = `${signer.name}\naddendum ${toBase64(await leaf(utf8(entry)))}\n`;
  const json = said.slice(head.length, -1);
  if (!said.startsWith(head) || json.includes('\n') || lines(note) !== 5) throw new Bad('outcome', 'what is said of it since belongs to something else');
  const outcome = object(json, 'its outcome') as unknown as Outcome;
  const known = Array.isArray(outcome.mirrors) && outcome.mirrors.every(({ path, state }) => typeof path === 'string' && (state === 'acknowledged' || state === 'pending'));
  if (!known || typeof outcome.swept !== 'boolean' || typeof outcome.at !== 'string') throw new Bad('newer', 'its outcome is of a form that this release does not know');
  return outcome;
}

function readDeletion(detail: string): Deletion {
  const deletion = object(detail, 'its detail') as unknown as Deletion & { v: number };
  const { v, at, by, reason, recordings, stays, looks, slot } = deletion;
  const known = v <= 2 && [at, by, reason, deletion.moments, deletion.effects_kept].every((text) => typeof text === 'string') && [recordings, stays, looks, slot?.cannot].every(Array.isArray);
  if (!known) throw new Bad('newer', 'its detail is of a form that this release does not know');
  return deletion;
}

function salt(text: string): Bytes {
  const bytes = fromHex(text);
  if (bytes.length !== 32) throw new Bad('form', 'its salt has not 32 bytes');
  return bytes;
}
