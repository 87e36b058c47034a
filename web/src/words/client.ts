// What a browser or command line calls itself.

import { language } from './index.svelte';

/** What a client calls itself, as the list of sessions says it: `Firefox on an iPhone`. */
export function client(words: string): string {
  if (language.now === 'en') return words;
  return words.replace('A browser', 'Ein Browser').replace(/ on (an?) (.*)$/, (_, _a, what: string) => ` auf einem ${what === 'computer' ? 'Computer' : what}`).replace(' on ', ' auf ');
}
