// Who can open a recording and who may forget it, as the household says now (`crates/household/src/rights.rs`).
// This only chooses what is offered: the keys decide who opens, and the hub who forgets.

import type { Household, Person } from '../household/document';
import { home, me } from '../household/home.svelte';
import { ageOf, guards, isAdult } from '../household/people';
import type { Recording } from '../hub/api';

const HOUSEHOLD = 'household';

/** What the hub must use itself is sealed to the hub: whoever forgets it sees what it is, and nobody opens it. */
export function isEffect(recording: Pick<Recording, 'kind'>): boolean {
  return ['timer', 'note', 'reminder'].includes(recording.kind);
}

/** Whether whoever is signed in can open it. */
export function mayOpen(recording: Recording): boolean {
  const [household, viewer] = here();
  if (!household || !viewer || isEffect(recording) || recording.kind === 'voiceprint') return false;
  return openers(household, recording).some((person) => person.id === viewer.id);
}

/** Whether whoever is signed in may have it forgotten. */
export function mayForget(recording: Recording): boolean {
  const [household, viewer] = here();
  if (!household || !viewer || recording.kind === 'look') return false;
  const owner = ownerOf(household, recording);
  if (recording.owner === HOUSEHOLD) return isAdult(household, viewer);
  if (!owner) return false;
  return owner.id === viewer.id ? ageOf(household, viewer) !== 'child' : guards(household, viewer, owner);
}

/** The names of those who can open it; none where only the hub can. */
export function readers(recording: Recording): string[] {
  const household = home.household;
  if (!household || isEffect(recording)) return [];
  return openers(household, recording).map((person) => person.name);
}

function openers(household: Household, recording: Recording): Person[] {
  const withKeys = household.people.filter((person) => person.keys);
  if (recording.owner === HOUSEHOLD) return withKeys.filter((person) => isAdult(household, person));
  const owner = ownerOf(household, recording);
  if (!owner) return [];
  return ageOf(household, owner) === 'child' ? withKeys.filter((person) => guards(household, person, owner)) : withKeys.filter((person) => person.id === owner.id);
}

function ownerOf(household: Household, { owner }: Recording): Person | undefined {
  return household.people.find((person) => person.name === owner);
}

function here(): [Household | null, Person | undefined] {
  return [home.household, me()];
}
