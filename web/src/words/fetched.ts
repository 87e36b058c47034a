// The words of a language, fetched when it is first spoken: those of the door before anything is shown, the rest with the first page.

import words from 'virtual:words';
import type { Language } from './language';

type Place = 'door' | 'inside';

/** Each language's catalogues by their names, as the build calls them. While the app is written they are in the scripts themselves. */
const here: Record<Language, Record<string, object>> = { en: {}, de: {} };
/** The places whose words were wanted, and what of them is there. */
const wanted = new Set<Place>();
const coming = new Map<string, Promise<void>>();
/** What else is fetched with the words of a place, by whoever keeps it. */
const along: Record<Place, ((language: Language) => Promise<void>)[]> = { door: [], inside: [] };

/** Has something fetched with the words of a place from now on. */
export function fetchAlong(place: Place, fetch: (language: Language) => Promise<void>): void {
  along[place].push(fetch);
}

/** A catalogue that is there. */
export function fetched(language: Language, name: string): object {
  const found = here[language][name];
  if (!found) throw new Error(`the words of ${name} were not fetched before they are said`);
  return found;
}

/** Fetches the words of a place, before anything there is said. What could not be had is asked for again at the next call. */
export async function fetchWords(language: Language, place: Place): Promise<void> {
  wanted.add(place);
  const fetch = words[place]?.[language];
  const key = `${place} ${language}`;
  const mine = coming.get(key) ?? (fetch ? fetch().then(({ default: found }) => void Object.assign(here[language], found)) : Promise.resolve());
  coming.set(key, mine);
  mine.catch(() => coming.delete(key));
  await Promise.all([mine, ...along[place].map((fetch) => fetch(language))]);
}

/** Fetches a language wherever words were wanted, before it is spoken. */
export async function fetchLanguage(language: Language): Promise<void> {
  await Promise.all([...wanted].map((place) => fetchWords(language, place)));
}
