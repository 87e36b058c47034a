// The household as every page sees it: its people, devices and days, out of its signed document, which this browser checks.

import { ask } from '../hub/api';
import { called } from '../hub/session.svelte';
import { speakAs } from '../words/index.svelte';
import { place } from '../words/time.svelte';
import { NotTheHousehold } from './alarm';
import type { Household, Person, SignedDocument } from './document';
import { accept, startAnew } from './seen';

export type { Device, Household, Person, SignedDocument } from './document';

/** None until it was loaded. */
export const home = $state<{ household: Household | null; me: string; alarm: NotTheHousehold | null }>({
  household: null,
  /** Whoever is signed in, by id. */
  me: '',
  /** Why what the hub shows is not to be believed. */
  alarm: null,
});

/** Reads it. Throws when it does not follow from the one that this browser saw last; pages then show that one. */
export async function load(): Promise<void> {
  try {
    const { household, me } = await accept(await ask<SignedDocument>('GET', '/api/household'));
    show(household, me.id);
  } catch (why) {
    if (why instanceof NotTheHousehold) home.alarm = why;
    throw why;
  }
}

/** Takes the household that the hub shows, since whoever is here says that it was made anew. */
export function takeAnew(): Promise<void> {
  startAnew();
  return load();
}

/** Shows one that was checked. */
export function show(household: Household, by: string): void {
  Object.assign(home, { household, me: by, alarm: null });
  const name = me()?.name;
  if (name !== undefined) called(name);
  place.zone = household.time_zone;
  speakAs(household.language);
}

/** Whoever is signed in. */
export function me(): Person | undefined {
  return home.household?.people.find((person) => person.id === home.me);
}
