// The words for what the hub says, in each language but its own: fetched when that language is first spoken.

import { fetchAlong } from './fetched';
import type { Language } from './language';
import type { Phrases } from './phrase';

const fetched: Partial<Record<Language, Phrases>> = {};

/** A language's words, if it has been spoken. */
export function phrases(language: Language): Phrases | undefined {
  return fetched[language];
}

/** Fetches a language's words before it is spoken. Where they cannot be had, the hub's sentences are shown as the hub says them. */
export async function fetchPhrases(language: Language): Promise<void> {
  if (language === 'de') fetched.de ??= (await import('./hub.de').catch(() => undefined))?.phrases;
}

fetchAlong('inside', fetchPhrases);
