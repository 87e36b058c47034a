// What the hub says, in the language of the app. English is the hub's own; any other language has words for each code of its API.

import { language } from './index.svelte';
import { isolated, withIsolated } from './isolated';
import { phrases } from './phrases';
import { told } from './told';

/** A sentence of the hub; `Sentence` of its API. */
export interface Sentence {
  /** What is meant, as a stable word. */
  code: string;
  values?: Record<string, string>;
  /** Why that is so. */
  because?: Sentence;
  /** The whole sentence in English. */
  text: string;
}

/** Who reads: what is about them is said to them. */
export const reader = { name: '' };

/** A sentence of the hub, in the language of the app; in the hub's own where a newer hub says what this app does not know. */
export function said(sentence: Sentence): string {
  return translated(sentence) ?? whole(withIsolated(sentence.text, Object.values(sentence.values ?? {})));
}

/** The hub tells programs why it refuses as programs like it: without a capital, and without an end. */
function whole(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?”"]$/.test(text) ? '' : '.');
}

/** The language that a sentence of the hub is shown in, where it is not the app's own. */
export function tongue(sentence: Sentence): 'en' | undefined {
  return language.now !== 'en' && translated(sentence) === null ? 'en' : undefined;
}

function translated({ code, values = {}, because, text }: Sentence): string | null {
  const own = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolated(value)]));
  const here = told[code]?.(own, values['person'] === reader.name);
  if (here) return here;
  const words = phrases(language.now)?.[code];
  if (words === undefined) return null;
  if (typeof words === 'string') return words;
  return words(own, because ? (translated(because) ?? '') : '', text);
}
