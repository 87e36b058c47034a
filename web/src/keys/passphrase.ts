// Passphrases that are easily guessed are refused, with what would be better. The hub cannot: it never sees one.

import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type { Household } from '../household/document';
import { passphrases } from '../words/passphrases';

/** The longest that is taken, in bytes. Nobody types more, and stretching more helps nobody. */
const LONGEST = 1024;
/** Under about 10^8 tries. */
const GOOD = 3;

/**
 * What is wrong with a passphrase, in words that say what would be better; null when nothing is. `known` are what everybody
 * knows about the household: see `knownWords`. It fetches its dictionaries, two megabytes, at the first call.
 */
export async function weakness(passphrase: string, known: string[]): Promise<string | null> {
  if (new TextEncoder().encode(passphrase).length > LONGEST) return passphrases.tooLong;
  // "Maple Street 5" is guessed word by word too.
  const parts = known.flatMap((words) => words.split(/\s+/));
  const { score, feedback } = (await guesser()).check(passphrase, [...known, ...parts, 'porchlight'].filter(Boolean));
  if (score >= GOOD) return null;
  const said = passphrases.warnings as Record<string, string>;
  const advice = passphrases.suggestions as Record<string, string>;
  const why = feedback.warning ? said[feedback.warning] : undefined;
  const better = feedback.suggestions.map((suggestion) => advice[suggestion]).filter((words) => words !== undefined);
  return [passphrases.weak, why, ...(better.length ? better : [passphrases.useWords])].filter(Boolean).join(' ');
}

/** The names that everybody knows: a passphrase made of them is easily guessed. */
export function knownWords(household: Household): string[] {
  const devices = household.devices.flatMap((device) => [device.name, device.room ?? '']);
  return [...household.people.map((person) => person.name), ...devices, household.name ?? ''].filter(Boolean);
}

let made: Promise<ZxcvbnFactory> | null = null;

function guesser(): Promise<ZxcvbnFactory> {
  made ??= (async () => {
    const [{ ZxcvbnFactory }, common, english] = await Promise.all([
      import('@zxcvbn-ts/core'),
      import('@zxcvbn-ts/language-common'),
      import('@zxcvbn-ts/language-en'),
    ]);
    const dictionary = { ...common.dictionary, ...english.dictionary };
    return new ZxcvbnFactory({ dictionary, graphs: common.adjacencyGraphs });
  })();
  // What could not be fetched is fetched at the next try.
  made.catch(() => (made = null));
  return made;
}
