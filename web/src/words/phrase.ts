// What another language than the hub's own has for what the hub says.

/** A sentence, or what makes one of the values, of the reason, which is empty where there are no words for it, and of the hub's text. */
export type Phrase = string | ((values: Record<string, string>, because: string, text: string) => string);
/** A language's words for the codes. */
export type Phrases = Record<string, Phrase>;
