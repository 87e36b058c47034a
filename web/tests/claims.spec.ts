// What the app claims: each sentence that says what Porchlight does, keeps or never does stands in docs/claims.md, beside the tests
// that hold it. `tests/tests/promises.rs` checks that those exist.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from './test';

const ROOT = resolve(import.meta.dirname, '../..');

/** What makes a sentence sound like a claim. */
const CLAIMS =
  /\b(nobody|never|nothing|only|no longer|cannot|always|forgotten|forgets?|gone|sealed|destroyed|destroys|kept|keeps|ends|ended|alone|every|everybody|anybody|at once|leaves?|in the ledger|encrypted|not even|until|yet)\b/i;

/** A sentence, and no label. */
const isSentence = (text: string) => /[.!:…]$/.test(text) && text.split(/\s+/).length >= 4;

/** Every sentence of the app in English, by its place: `set-up.keptLead`. What is filled in is `…`. */
function sentences(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const folder = join(ROOT, 'web/src/words');
  for (const file of readdirSync(folder)) {
    const source = ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest, true);
    const catalogues = (node: ts.Node): void => {
      if (!ts.isCallExpression(node) || node.expression.getText() !== 'catalogue') return ts.forEachChild(node, catalogues);
      const [words] = node.arguments;
      if (!words || !ts.isObjectLiteralExpression(words)) return;
      const english = words.properties.find((property) => property.name?.getText() === 'en');
      if (english && ts.isPropertyAssignment(english)) gather(english.initializer, file.replace(/(\.svelte)?\.ts$/, ''), found);
    };
    catalogues(source);
  }
  return found;
}

function gather(node: ts.Node, place: string, found: Map<string, string[]>): void {
  if (ts.isAsExpression(node)) return gather(node.expression, place, found);
  if (ts.isObjectLiteralExpression(node)) {
    for (const property of node.properties) {
      const name = property.name?.getText().replaceAll("'", '');
      gather(ts.isPropertyAssignment(property) ? property.initializer : property, `${place}.${name}`, found);
    }
    return;
  }
  const pieces: string[] = [];
  const collect = (inner: ts.Node): void => {
    if (ts.isStringLiteralLike(inner)) return void pieces.push(inner.text);
    if (!ts.isTemplateExpression(inner)) return ts.forEachChild(inner, collect);
    pieces.push(inner.templateSpans.reduce((text, { literal }) => `${text}…${literal.text}`, inner.head.text));
    inner.templateSpans.forEach(({ expression }) => collect(expression));
  };
  collect(node);
  const whole = pieces.map((piece) => piece.trim()).filter(Boolean);
  if (whole.length) found.set(place, whole);
}

/** The table of claims by their places, and the places of what sounds like one and is none. */
function registered(): { claims: Map<string, string>; none: string[] } {
  // What comes after is the hub's, which `tests/tests/claims.rs` reads.
  const [own = ''] = readFileSync(join(ROOT, 'docs/claims.md'), 'utf8').split('## What the hub says itself');
  const [table = '', rest = ''] = own.split('## What claims nothing');
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (.*?) \| `/gm)].map(([, place = '', claim = '']) => [place, claim] as const);
  return { claims: new Map(rows), none: [...rest.matchAll(/^- `([^`]+)`/gm)].map(([, place = '']) => place) };
}

test('whatever the app claims stands in the table of claims, word for word', () => {
  const said = sentences();
  const { claims, none } = registered();
  expect(said.size, 'the catalogues are read').toBeGreaterThan(1000);
  expect(claims.size, 'the table is read').toBeGreaterThan(100);

  const like = [...said].filter(([, pieces]) => pieces.some((piece) => isSentence(piece) && CLAIMS.test(piece))).map(([place]) => place);
  expect(like.filter((place) => !claims.has(place) && !none.includes(place)), 'say in docs/claims.md what holds these, or that they claim nothing').toEqual([]);
  expect([...claims.keys(), ...none].filter((place) => !said.has(place)), 'nothing says these any more').toEqual([]);
  const changed = [...claims].filter(([place, claim]) => said.get(place)?.join(' / ') !== claim);
  expect(changed.map(([place]) => place), 'these say something else now: does what holds them still hold?').toEqual([]);
});
