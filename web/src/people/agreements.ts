// What somebody agreed to, in words with dates.

import type { Consent, Household, Person, Purpose } from '../household/document';
import { standing } from '../household/edits';
import { people as w } from '../words/people';
import { fullDate } from '../words/dates';

/** What is agreed to about a person, in the order of pages. A camera's purposes are agreed to with the camera. */
export const PURPOSES: Purpose[] = ['reminder', 'history', 'recognition', 'training', 'sharing'];

export interface Agreed {
  consent: Consent;
  stands: boolean;
  text: string;
}

/** Newest last. One that lapsed by itself is one that was. */
export function agreements(household: Household, person: Person): Agreed[] {
  return household.consents
    .filter((consent) => consent.person === person.id)
    .map((consent) => ({ consent, stands: standing(household, person.id, consent) === consent, text: text(household, consent) }));
}

function text(household: Household, consent: Consent): string {
  const name = (id: string) => household.people.find((person) => person.id === id)?.name ?? '';
  const purpose = w.purpose[consent.purpose] ?? consent.purpose;
  const device = household.devices.find(({ id }) => id === consent.device);
  const what = capital(device ? w.ofCamera(purpose, device.name) : purpose);
  const from = fullDate(consent.granted);
  if (consent.withdrawn !== undefined) {
    const to = fullDate(consent.withdrawn);
    return consent.withdrawn_by === undefined ? w.takenBack(what, from, to) : w.takenBackBy(what, from, to, name(consent.withdrawn_by));
  }
  return consent.by === consent.person ? w.agreed(what, from) : w.agreedBy(what, from, name(consent.by));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
