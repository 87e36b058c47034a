// A recovery kit as people hand it over: the whole file, its line, or the groups as they stand on paper.

import { keysFromKit, NotAKit, type NewKeys } from './enrol';

const PREFIX = 'AGE-SECRET-KEY-1';
/** The letters and numbers after the prefix. */
const LENGTH = 58;
/** On paper, in groups of this many. */
const GROUP = 4;

/** Some letters and numbers are missing, or there are too many. */
export class WrongLength extends Error {
  constructor(
    readonly there: number,
    readonly expected = LENGTH,
  ) {
    super();
  }
}

/** The keys of a kit, however it was typed or pasted. */
export async function readKit(text: string): Promise<NewKeys> {
  const said = text.split('\n').filter((line) => !line.trim().startsWith('#')).join('').toUpperCase();
  const solid = said.replaceAll(/[^A-Z0-9]/g, '');
  const prefix = PREFIX.replaceAll('-', '');
  const from = solid.lastIndexOf(prefix);
  // Whoever pastes the whole sheet has more words after the key.
  const key = from < 0 ? solid : solid.slice(from + prefix.length).slice(0, LENGTH);
  if (key.length !== LENGTH) throw key.length === 0 ? new NotAKit() : new WrongLength(key.length);
  return keysFromKit(PREFIX + legible(key));
}

/** The key has no O, I, B or 1, so whoever reads one on paper has misread a 0, an L or an 8. */
function legible(key: string): string {
  return key.replaceAll('O', '0').replaceAll(/[I1]/g, 'L').replaceAll('B', '8');
}

/** A line in the groups in which it is printed: the beginning that every key has and two letters more, then the rest. */
export function groups(line: string): { first: string; rest: string[] } {
  const cut = PREFIX.length + (LENGTH % GROUP);
  return { first: line.slice(0, cut), rest: line.slice(cut).match(/.{4}/g) ?? [] };
}
