// Every sentence of the app, in each of its languages. A part of the app has one catalogue with all of them side by side.

import { isolatedPart } from './isolated';
import { fetched, fetchLanguage } from './fetched';
import type { Language } from './language';

export type { Language };

/** The languages, each in its own words. */
export const languages: Record<Language, string> = { en: 'English', de: 'Deutsch' };

const KEPT = 'porchlight.language';

/** The language that is spoken now. */
export const language = $state<{ now: Language }>({ now: chosen() ?? known(navigator.language) ?? 'en' });

/** Chooses a language; the choice stays in this browser. */
export function speak(now: Language): void {
  localStorage.setItem(KEPT, now);
  void show(now);
}

/** Speaks as the household does where this browser has no language that the app knows, and nobody chose one here. */
export function speakAs(household: string): void {
  void show(chosen() ?? known(navigator.language) ?? known(household) ?? language.now);
}

/**
 * A catalogue: `const w = catalogue({ en: {…}, de: {…} })`, then `w.title` or `w.kept(3)` in the language that is spoken now.
 * Each entry is a sentence, or a function that makes one; what that puts in keeps its own direction. The build puts each language into
 * files of its own (`build/languages.ts`): then the catalogue is known by its name.
 */
export function catalogue<Words extends object>(words: Record<Language, Words> | string): Words {
  const spoken = () => (typeof words === 'string' ? (fetched(language.now, words) as Words) : words[language.now]);
  return new Proxy({} as Words, { get: (_, name) => keepingDirections(Reflect.get(spoken(), name) as unknown) });
}

const keeping = new WeakMap<object, unknown>();

/** A function of a catalogue, or some by their names, to which what it puts in comes isolated. */
function keepingDirections(entry: unknown): unknown {
  if (typeof entry !== 'function' && Object.prototype.toString.call(entry) !== '[object Object]') return entry;
  const known = entry as object;
  if (!keeping.has(known)) {
    const makes = (...parts: unknown[]) => (entry as (...parts: unknown[]) => unknown)(...parts.map(isolatedPart));
    const inner = () => new Proxy(known, { get: (_, name) => keepingDirections(Reflect.get(known, name) as unknown) });
    keeping.set(known, typeof entry === 'function' ? makes : inner());
  }
  return keeping.get(known);
}

/** `1 recording`, `3 recordings`. */
export function count(number: number, one: string, many: string): string {
  return `${new Intl.NumberFormat(language.now).format(number)} ${number === 1 ? one : many}`;
}

/** `the sound, the words and the answer`. */
export function list(parts: string[]): string {
  return new Intl.ListFormat(language.now, { type: 'conjunction' }).format(parts);
}

/** What stands before and after somebody's words. */
export function quotes(): [string, string] {
  return language.now === 'de' ? ['„', '“'] : ['“', '”'];
}

/** The language that was asked for last: one whose words come later than another's is not spoken any more. */
let asked = language.now;

async function show(now: Language): Promise<void> {
  asked = now;
  await fetchLanguage(now);
  if (asked !== now) return;
  language.now = now;
  document.documentElement.lang = now;
}

function chosen(): Language | undefined {
  return known(localStorage.getItem(KEPT) ?? '');
}

function known(tag: string): Language | undefined {
  const base = tag.slice(0, 2).toLowerCase();
  return base in languages ? (base as Language) : undefined;
}

document.documentElement.lang = language.now;
