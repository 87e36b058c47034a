// What people named, in a sentence that runs another way: a name in Hebrew or Arabic turns nothing around it, neither numbers nor the name
// beside it. Names of most homes are left as they are.

/** Letters that run from right to left. */
const RUNS_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** From here on the first letter says which way it runs, and up to there. */
const [FIRST_STRONG, END] = ['\u2068', '\u2069'];

/** The same words, which turn nothing around them. */
export function isolated(words: string): string {
  return RUNS_LEFT.test(words) ? `${FIRST_STRONG}${words}${END}` : words;
}

/** What is put into a sentence; each of a list by itself. */
export function isolatedPart(part: unknown): unknown {
  if (typeof part === 'string') return isolated(part);
  return Array.isArray(part) ? part.map(isolatedPart) : part;
}

/** A sentence that has these words in it already. */
export function withIsolated(sentence: string, words: string[]): string {
  return words.reduce((whole, word) => (word ? whole.replaceAll(word, isolated(word)) : whole), sentence);
}
