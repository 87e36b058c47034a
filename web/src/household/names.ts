// When two names are one: however their letters are written (composed or not, wide or narrow, capital or small, with marks that nobody
// sees), as `crates/household/src/names.rs` has it. That two of different scripts look the same is for the hub to say.

/** Whether two names are one, in whatever form their letters are written. */
export function sameName(a: string, b: string): boolean {
  return folded(a) === folded(b);
}

/** A name in one form of its letters, without capitals, and with single spaces between its words. */
export function folded(name: string): string {
  const bare = name.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  // By way of the capitals, so that ß is ss; letter by letter, so that both forms of a small sigma are one.
  const small = [...bare].flatMap((letter) => [...letter.toUpperCase()]).map((letter) => letter.toLowerCase());
  return small.join('').normalize('NFKC').trim().replaceAll(/\s+/gu, ' ');
}
