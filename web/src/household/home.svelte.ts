// The household as every page sees it: its people, devices and days, out of its signed document.

import type { Household, Person, SignedDocument } from './document';
import { ask } from '../hub/api';
import { session } from '../hub/session.svelte';
import { speakAs } from '../words/index.svelte';
import { place } from '../words/time.svelte';

export type { Device, Household, Person, SignedDocument } from './document';

/** None until it was loaded. */
export const home = $state<{ household: Household | null }>({ household: null });

/** Reads it. */
export async function load(): Promise<void> {
  const signed = await ask<SignedDocument>('GET', '/api/household');
  const household = JSON.parse(signed.document) as Household;
  home.household = household;
  place.zone = household.time_zone;
  speakAs(household.language);
}

/** Whoever is signed in. */
export function me(): Person | undefined {
  return home.household?.people.find((person) => person.name === session.name);
}
