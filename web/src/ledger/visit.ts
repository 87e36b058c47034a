// A visit to the ledger: what the hub shows now is held against what this browser saw before, by the tiles of the newer tree.

import { Bad } from './bad';
import { equal, type Bytes } from './bytes';
import { follow, Signers, type Checkpoint } from './checkpoint';
import { read, type Because, type Entry } from './entry';
import { Log, WIDTH } from './log';
import { rootOf } from './merkle';
import { Verifier } from './note';

/** The newest signed checkpoint, and what it is checked with, as the hub says. */
export interface Head {
  key: string;
  successions: string[];
  checkpoint: string;
}

/** The ledger as it was seen last. The hub cannot show another past from then on. */
export interface Seen {
  /** Its name and key, `NAME+ID+KEY`. */
  key: string;
  /** Its signed checkpoint. */
  checkpoint: string;
  /** When that was. */
  at: string;
}

/** Where the ledger is read. */
export interface Source {
  head(): Promise<Head>;
  /** A part of the open tree, by its path in a tiled log. */
  tile(path: string): Promise<Uint8Array>;
  /** A line of the open tree by its number; null where it is damaged. */
  line(index: number): Promise<Bytes | null>;
  /** What is left of an older tree, after an older copy of the data folder was put back; null where nothing is. */
  older(tree: number): Promise<Bytes[] | null>;
}

/** What was lost with a tree that could not go on, as the ledger itself says. */
export interface Lost {
  /** How many lines there were; null where the line that said so was lost too, with a second copy … */
  had: number | null;
  /** … and how many of them are still here. */
  held: number;
  /** Why it could not go on; null where nothing says so. */
  because: Because | null;
}

/** An older tree: the checkpoint from which it was continued, if that is still here, and what is left of it. */
interface Before {
  continued: Checkpoint | null;
  held: Bytes[];
  because: Because | null;
}

/** The ledger, once it is known to be signed, and to have the past that was seen. */
export class Ledger {
  private readonly past = new Map<number, Promise<Before>>();

  private constructor(
    private readonly source: Source,
    readonly head: Head,
    readonly key: Verifier,
    private readonly signers: Signers,
    readonly now: Checkpoint,
    /** The number of the open tree: one more for every time that a tree could not go on. */
    readonly tree: number,
    private readonly log: Log,
  ) {}

  /** Reads the newest checkpoint and holds it against what was seen before, if anything was. */
  static async visit(source: Source, seen: Seen | null): Promise<Ledger> {
    const head = await source.head();
    const key = await Verifier.parse(head.key);
    if (seen) {
      const known = await Verifier.parse(seen.key);
      if (known.name !== key.name) throw new Bad('other', `it is the ledger ${key.name}, not ${known.name}`);
      if (!(await follow(known, head.successions)).is(key)) throw new Bad('key', `it was signed with ${seen.key}, and now with ${head.key}, which nobody was told of`);
    }
    const signers = await Signers.of(key, head.successions);
    const { checkpoint: now, tree } = await signers.read(head.checkpoint);
    const log = new Log(now.size, now.root, (path) => source.tile(path), (index) => source.line(index));
    const ledger = new Ledger(source, head, key, signers, now, tree, log);
    await log.check();
    if (seen) await ledger.agrees(seen.checkpoint);
    return ledger;
  }

  /** Checks that the ledger has the past that a signed checkpoint speaks of, and gives how many lines that are. */
  async agrees(note: string): Promise<number> {
    const { checkpoint: before, tree } = await this.signers.read(note);
    const rewritten = () => new Bad('rewritten', `its first ${before.size} lines are others than they were`);
    if (tree > this.tree) throw new Bad('shorter', 'it had a newer tree than it has now');
    if (tree === this.tree) {
      if (before.size > this.now.size) throw new Bad('shorter', `it had ${before.size} lines, and now has ${this.now.size}`);
      if (!equal(await this.log.rootAt(before.size), before.root)) throw rewritten();
      return before.size;
    }
    const { continued, held } = await this.before(tree);
    // Where a checkpoint was lost it was continued from an older one, and more than that one covers may still be here.
    if (continued && before.size > continued.size && before.size > held.length) throw new Bad('shorter', `it had ${before.size} lines, and says that it had only ${continued.size}`);
    // What is left of the older tree must be what it was; what is lost, the ledger says itself.
    if (before.size <= held.length && !equal(await rootOf(held.slice(0, before.size)), before.root)) throw rewritten();
    if (before.size === continued?.size && !equal(before.root, continued.root)) throw rewritten();
    return before.size;
  }

  /** All keys by which it has signed: the present one, and those that it took over from. */
  keys(): Promise<Verifier[]> {
    return this.signers.all();
  }

  /** What every tree before this one lost. */
  async lost(): Promise<Lost[]> {
    const trees = Array.from({ length: this.tree - 1 }, (_, at) => this.before(at + 1));
    return (await Promise.all(trees)).map(({ continued, held, because }) => ({ had: continued && continued.size, held: continued ? Math.min(held.length, continued.size) : held.length, because }));
  }

  /** The lines of a bundle: from line 256 · n on. Each is one that was signed for, or is damaged. */
  async bundle(n: number): Promise<Entry[]> {
    return (await this.log.bundle(n)).map((line) => (line ? read(line) : { line: 'damaged' }));
  }

  /** The hash of a line of the open tree. */
  leaf(index: number): Promise<Bytes> {
    return this.log.leaf(index);
  }

  /** What the first line of the next tree says of an older one, and what is left of it. */
  private before(tree: number): Promise<Before> {
    const known = this.past.get(tree) ?? this.readBefore(tree);
    this.past.set(tree, known);
    return known;
  }

  private async readBefore(tree: number): Promise<Before> {
    const held = (await this.source.older(tree)) ?? [];
    const next = tree + 1 === this.tree ? await this.log.bundle(0) : await this.source.older(tree + 1);
    // An older copy was put back twice, and with the tree in between went what it said of the one before; or that line is damaged.
    if (!next || next[0] === null) return { continued: null, held, because: null };
    const entry = next[0] && read(next[0]);
    if (entry?.line !== 'continuation') throw new Bad('lines', `tree ${tree + 1} does not begin with what it continues`);
    const { checkpoint: continued, tree: of } = await this.signers.read(entry.checkpoint);
    if (of !== tree) throw new Bad('lines', `tree ${tree + 1} does not continue tree ${tree}`);
    return { continued, held, because: entry.because };
  }
}

/** How many bundles a ledger of so many lines has. */
export function bundles(size: number): number {
  return Math.ceil(size / WIDTH);
}
