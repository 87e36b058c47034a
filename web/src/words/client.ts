// What a browser or command line calls itself.

import { language } from './index.svelte';

/** What a client calls itself, as the list of sessions says it: `Firefox on an iPhone`. */
export function client(words: string): string {
  if (language.now === 'en') return words;
  const [browser = '', on] = words.split(' on ');
  const program = { 'A browser': 'Browser', 'the command line': 'Befehlszeile' }[browser] ?? browser;
  if (on === undefined) return program;
  if (browser === 'the command line') return `${program} auf ${on}`;
  const [, thing] = /^an? (.*)$/.exec(on) ?? [];
  return thing === undefined ? `${program} unter ${on}` : `${program} auf einem ${thing === 'computer' ? 'Computer' : thing}`;
}
