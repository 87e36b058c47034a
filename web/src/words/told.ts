// What the hub says that sounds otherwise to whoever it is about, or speaks of the household's own days: in both languages, by its codes.

import { changes } from './changes';
import { catalogue } from './index.svelte';
import { clock, date, dated, instant } from './time.svelte';

type Values = Record<string, string>;

/** `21 December`, where that is when it begins; else with the time. */
export function until(at: string): string {
  return clock(at) === '00:00' ? date(at) : dated(at);
}

const agreed = ({ purpose = '', device = '' }: Values) => (changes.purpose[purpose] ?? (() => purpose))(device);
const on = (values: Values) => date(instant(values['on'] ?? '', '12:00'));

/** How a sentence is told to whoever it is about, or to somebody else; null where the hub's words are right for them. */
export const told = catalogue({
  en: {
    'stays-held': (values: Values, you: boolean) =>
      you ? `You hold these until ${until(values['until'] ?? '')}. They can be forgotten once you release them.` : `${values['person']} holds these until ${until(values['until'] ?? '')}. They can be forgotten once that is released.`,
    'consent-taken-back': (values: Values, you: boolean) => (you ? `On ${on(values)} ${values['by']} took back what was agreed to for you: ${agreed(values)}.` : null),
    'device-taken': (values: Values, you: boolean) => (you ? `On ${on(values)} ${values['by']} removed ${values['device']}, which was your own. What was kept from there goes with it, and what of it is held goes when its hold ends.` : null),
    'device-shared': (values: Values, you: boolean) =>
      you ? `On ${on(values)} ${values['by']} made ${values['device']}, which was your own, a device for everybody. What is said there is not kept since.` : null,
  } as Record<string, (values: Values, you: boolean) => string | null>,
  de: {
    'stays-held': (values: Values, you: boolean) =>
      you ? `Du hältst das bis ${until(values['until'] ?? '')} fest. Sobald du es freigibst, kann es vergessen werden.` : null,
    'consent-taken-back': (values: Values, you: boolean) => (you ? `Am ${on(values)} hat ${values['by']} zurückgenommen, wozu für dich Ja gesagt war: ${agreed(values)}.` : null),
    'device-taken': (values: Values, you: boolean) => (you ? `Am ${on(values)} hat ${values['by']} das Gerät „${values['device']}“ entfernt, das dir allein gehörte. Was von dort aufbewahrt war, geht mit; was davon festgehalten wird, geht, sobald es nicht mehr festgehalten wird.` : null),
    'device-shared': (values: Values, you: boolean) =>
      you ? `Am ${on(values)} hat ${values['by']} das Gerät „${values['device']}“, das dir allein gehörte, zu einem für alle gemacht. Seitdem wird nicht aufbewahrt, was dort gesagt wird.` : null,
  } as Record<string, (values: Values, you: boolean) => string | null>,
});
