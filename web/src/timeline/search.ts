// Finding words in what was said, in memory only. The index knows nothing that was not opened, and is gone with the page.

interface Said {
  text: string;
  stems: Set<string>;
}

export class Index {
  private readonly said = new Map<number, Said>();

  /** Puts in what was said in a moment. */
  add(moment: number, text: string): void {
    this.said.set(moment, { text, stems: new Set(words(text).flatMap(({ word }) => forms(word))) });
  }

  /** Lets go of moments that were forgotten. */
  drop(moments: Iterable<number>): void {
    for (const moment of moments) this.said.delete(moment);
  }

  has(moment: number): boolean {
    return this.said.has(moment);
  }

  get size(): number {
    return this.said.size;
  }

  /** The moments in which every word of the question was said, or one that begins with it. */
  find(question: string): Set<number> {
    const wanted = words(question).map(({ word }) => forms(word));
    const found = new Set<number>();
    if (!wanted.length) return found;
    for (const [moment, { stems }] of this.said) {
      if (wanted.every((word) => word.some((form) => stems.has(form) || begins(stems, form)))) found.add(moment);
    }
    return found;
  }
}

/** A text in parts, with what a question found in it marked. */
export function marked(text: string, question: string): { text: string; hit: boolean }[] {
  const wanted = words(question).flatMap(({ word }) => forms(word));
  const parts: { text: string; hit: boolean }[] = [];
  let from = 0;
  for (const { word, at, length } of wanted.length ? words(text) : []) {
    const stems = new Set(forms(word));
    if (!wanted.some((form) => stems.has(form) || begins(stems, form))) continue;
    parts.push({ text: text.slice(from, at), hit: false }, { text: text.slice(at, at + length), hit: true });
    from = at + length;
  }
  parts.push({ text: text.slice(from), hit: false });
  return parts.filter((part) => part.text);
}

/** Shorter beginnings are in too many words. */
const SHORTEST_BEGINNING = 3;

function begins(stems: Set<string>, form: string): boolean {
  if (form.length < SHORTEST_BEGINNING) return false;
  for (const stem of stems) if (stem.startsWith(form)) return true;
  return false;
}

function words(text: string): { word: string; at: number; length: number }[] {
  return [...text.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({ word: match[0], at: match.index, length: match[0].length }));
}

/** Endings that make no other word, of English and of German. */
const ENDINGS = ['ings', 'ing', 'ern', 'est', 'en', 'er', 'em', 'es', 'ed', 'e', 'n', 's', 't'];
const SHORTEST_STEM = 3;

/** How a word may be asked for: as it is, with and without its dots, and without its ending. */
function forms(word: string): string[] {
  const small = word.toLowerCase().replaceAll('ß', 'ss');
  const spelled = small.replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue');
  const plain = small.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const found = new Set<string>();
  for (const form of [spelled, plain]) {
    found.add(form);
    const ending = ENDINGS.find((ending) => form.endsWith(ending) && form.length - ending.length >= SHORTEST_STEM);
    if (ending) found.add(form.slice(0, -ending.length));
  }
  return [...found];
}
