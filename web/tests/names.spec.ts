// The app's own check of names, without a page, against the pairs that the hub's is held to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sameName } from '../src/household/names';
import { isolated, isolatedPart, withIsolated } from '../src/words/isolated';
import { shown } from '../src/words/shown';
import { expect, test } from './test';

test('two names are one to the app where they are one to the hub', () => {
  const file = join(import.meta.dirname, '../../tests/fixtures/names.json');
  const { same, different } = JSON.parse(readFileSync(file, 'utf8')) as Record<'same' | 'different', [string, string][]>;
  for (const [a, b] of same) expect.soft(sameName(a, b), `${a} and ${b}`).toBe(true);
  for (const [a, b] of different) expect.soft(sameName(a, b), `${a} and ${b}`).toBe(false);
});

test('what nobody sees in a name is written out, and what its letters need stays', () => {
  for (const hidden of ['Anna\ufe0e', 'An\u200bna', 'Anna\u2800', '\u202eannA']) expect.soft(shown(hidden)).toContain('⟨U+');
  for (const name of ['Anna', 'علی\u200cرضا', '葛\u{e0100}城', '1\ufe0f\u20e3 room', '❤\ufe0f']) expect.soft(shown(name)).toBe(name);
});

test('a name that runs from right to left turns nothing around it, and no other name is touched', () => {
  for (const name of ['Anna', 'Émile', '葛城', 'Ελένη', 'Дана 2']) expect.soft(isolated(name)).toBe(name);
  for (const name of ['דנה', 'علی\u200cرضا', 'Room 2 של דנה']) expect.soft(isolated(name)).toBe(`\u2068${name}\u2069`);
  expect(isolatedPart(['דנה', 'Tom', 3])).toEqual(['\u2068דנה\u2069', 'Tom', 3]);
  expect(withIsolated('דנה has not agreed to a history.', ['דנה', ''])).toBe('\u2068דנה\u2069 has not agreed to a history.');
});
