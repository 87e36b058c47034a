// Where each row of a long list lies. A row's height is a guess until it was shown; then it is corrected, and the places of all
// rows after it with it, in a time that grows with the logarithm of their number (a Fenwick tree).

export class Heights {
  private readonly tree: Float64Array;
  private readonly own: Float64Array;

  constructor(guesses: number[]) {
    this.own = Float64Array.from(guesses);
    this.tree = new Float64Array(guesses.length + 1);
    this.tree.set(guesses, 1);
    for (let at = 1; at < this.tree.length; at++) {
      const parent = at + (at & -at);
      if (parent < this.tree.length) this.tree[parent]! += this.tree[at]!; // both below the length
    }
  }

  get count(): number {
    return this.own.length;
  }

  get total(): number {
    return this.top(this.count);
  }

  height(row: number): number {
    return this.own[row] ?? 0;
  }

  /** What lies before a row. */
  top(row: number): number {
    let sum = 0;
    for (let at = row; at > 0; at -= at & -at) sum += this.tree[at] ?? 0;
    return sum;
  }

  /** Corrects a row's height; by how much. */
  set(row: number, height: number): number {
    const more = height - this.height(row);
    this.own[row] = height;
    for (let at = row + 1; at < this.tree.length; at += at & -at) this.tree[at]! += more; // below the length
    return more;
  }

  /** The row that lies there. */
  rowAt(place: number): number {
    let row = 0;
    let rest = place;
    for (let step = 1 << Math.floor(Math.log2(Math.max(1, this.count))); step > 0; step >>= 1) {
      const there = this.tree[row + step];
      if (there !== undefined && there <= rest) {
        row += step;
        rest -= there;
      }
    }
    return Math.min(row, Math.max(0, this.count - 1));
  }
}
