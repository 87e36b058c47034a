// What people named and said, harmless where it is shown: characters that nobody sees are written out, so that none of them turns a line
// around or makes one name look like another. What scripts and emoji need of them (joiners, variants, flags) stays.

const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u2800\u{1d159}]|\p{Bidi_Control}|(?![\u200c\u200d\u{e0020}-\u{e007f}])(?!(?<=[\p{Extended_Pictographic}\p{Ideographic}\p{Script=Mongolian}\p{Script=Phags_Pa}\p{Script=Myanmar}0-9#*])\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/gu;

/** The same words with what is hidden in them written out, as `⟨U+202E⟩`. Words on lines of their own keep these. */
export function shown(words: string): string {
  return words.replace(HIDDEN, (hidden) => (hidden === '\n' ? hidden : `⟨U+${hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`));
}
