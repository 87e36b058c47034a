// A tree of which a signed root is known, read by its tiles (C2SP tlog-tiles). Only what is asked for is fetched, and nothing is given
// on that does not lead to the root.

import { Bad, Damaged } from './bad';
import { equal, type Bytes } from './bytes';
import { fold, join, leaf } from './merkle';

/** The number of hashes in a full tile, and of lines in a full bundle. */
export const WIDTH = 256;

/** Fetches a part of the tree by its path: `tile/0/000.p/7`, `tile/entries/x001/234`. A bundle of which a line is damaged is `Damaged`. */
export type Fetch = (path: string) => Promise<Uint8Array>;
/** Fetches a line by its number; one that is damaged is null. */
export type FetchLine = (index: number) => Promise<Bytes | null>;

export class Log {
  private readonly tiles = new Map<string, Promise<Bytes[]>>();
  private edge: Promise<Bytes[][]> | null = null;

  constructor(
    readonly size: number,
    readonly root: Bytes,
    private readonly fetch: Fetch,
    private readonly fetchLine: FetchLine,
  ) {}

  /** The root of its first `size` lines. */
  async rootAt(size: number): Promise<Bytes> {
    const parts: Bytes[][] = [];
    for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / WIDTH)) {
      const width = hashes % WIDTH;
      parts.push(width ? (await this.tile(level, Math.floor(hashes / WIDTH))).slice(0, width) : []);
    }
    return join(parts);
  }

  /** The hash of a line. */
  async leaf(index: number): Promise<Bytes> {
    const hash = (await this.tile(0, Math.floor(index / WIDTH)))[index % WIDTH];
    if (!hash) throw new Bad('lines', `the tree has no line ${index}`);
    return hash;
  }

  /** The lines of a bundle: from line 256 · n on; null for one that is damaged where the hub keeps it. */
  async bundle(n: number): Promise<(Bytes | null)[]> {
    const hashes = await this.tile(0, n);
    const lines = await this.fetch(path('entries', n, hashes.length)).then(linesOf, (why: unknown) => {
      if (!(why instanceof Damaged)) throw why;
      return Promise.all(hashes.map((_, at) => this.fetchLine(n * WIDTH + at)));
    });
    const found = await Promise.all(lines.map((line) => line && leaf(line)));
    if (found.length !== hashes.length) throw new Bad('lines', `bundle ${n} has ${found.length} lines, not ${hashes.length}`);
    const other = found.findIndex((hash, at) => hash && !equal(hash, hashes[at]!));
    if (other >= 0) throw new Bad('lines', `line ${n * WIDTH + other} is not the one that was signed for`, n * WIDTH + other);
    return lines;
  }

  /** Checks that what it shows of itself has the root that was signed. */
  async check(): Promise<void> {
    await this.rightmost();
  }

  /** The hashes of a tile. Each full one leads to a hash of the level above; those that are not full are at the right edge. */
  private tile(level: number, n: number): Promise<Bytes[]> {
    const name = `${level}/${n}`;
    const known = this.tiles.get(name) ?? this.read(level, n);
    this.tiles.set(name, known);
    return known;
  }

  private async read(level: number, n: number): Promise<Bytes[]> {
    const width = Math.min(WIDTH, Math.floor(this.size / WIDTH ** level) - n * WIDTH);
    if (width <= 0) throw new Bad('lines', `the tree has no tile ${n} of level ${level}`);
    if (width < WIDTH) return (await this.rightmost())[level]!;
    const hashes = await this.hashes(level, n, width);
    const above = (await this.tile(level + 1, Math.floor(n / WIDTH)))[n % WIDTH];
    if (!above || !equal(await fold(hashes), above)) throw new Bad('lines', `tile ${n} of level ${level} is not that of the signed root`);
    return hashes;
  }

  private rightmost(): Promise<Bytes[][]> {
    this.edge ??= this.readEdge();
    return this.edge;
  }

  private async readEdge(): Promise<Bytes[][]> {
    const counts: number[] = [];
    for (let hashes = this.size; hashes > 0; hashes = Math.floor(hashes / WIDTH)) counts.push(hashes);
    const parts = counts.map((hashes, level) => {
      const width = hashes % WIDTH;
      return width ? this.hashes(level, Math.floor(hashes / WIDTH), width) : [];
    });
    const edge = await Promise.all(parts);
    if (!equal(await join(edge), this.root)) throw new Bad('lines', 'the lines are not those that the checkpoint is signed for');
    return edge;
  }

  private async hashes(level: number, n: number, width: number): Promise<Bytes[]> {
    const bytes = new Uint8Array(await this.fetch(path(level, n, width)));
    if (bytes.length !== 32 * width) throw new Bad('lines', `tile ${n} of level ${level} has not ${width} hashes`);
    return Array.from({ length: width }, (_, at) => bytes.slice(32 * at, 32 * (at + 1)));
  }
}

/** The lines of a bundle, each of which lies after its length as two bytes, the greater first. */
function linesOf(bundle: Uint8Array): Bytes[] {
  const lines: Bytes[] = [];
  let at = 0;
  while (at < bundle.length) {
    const length = bundle[at]! * 256 + (bundle[at + 1] ?? 0);
    if (at + 2 + length > bundle.length) throw new Bad('lines', 'a bundle ends within a line');
    lines.push(new Uint8Array(bundle.slice(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return lines;
}

/** Three digits to a part of the path, all but the last marked with an `x`. */
function path(level: number | 'entries', n: number, width: number): string {
  const parts = [String(n % 1000).padStart(3, '0')];
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) parts.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  return `tile/${level}/${parts.join('/')}${width < WIDTH ? `.p/${width}` : ''}`;
}
