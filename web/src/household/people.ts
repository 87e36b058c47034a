// How old people of a household are, as far as it matters, and who decides for whom.

import type { Household, Person, Purpose } from './document';

export type Age = 'child' | 'teen' | 'adult';

/** Children are under 13, teens under 18. */
export function ageOf(household: Pick<Household, 'time_zone'>, person: Pick<Person, 'born'> & Partial<Person>, at = new Date()): Age {
  const years = yearsOf(household, person, at);
  return years < 13 ? 'child' : years < 18 ? 'teen' : 'adult';
}

/** In whole years of the household's days. Of the birth month the last day counts: nobody is a child for too short. */
export function yearsOf(household: Pick<Household, 'time_zone'>, person: Pick<Person, 'born'> & Partial<Person>, at = new Date()): number {
  const how = { timeZone: household.time_zone, year: 'numeric', month: '2-digit' } as const;
  const parts = new Intl.DateTimeFormat('en-GB', how).formatToParts(at);
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
  const [year = 0, month = 0] = person.born.split('-').map(Number);
  return part('year') - year - (part('month') <= month ? 1 : 0);
}

export function isAdult(household: Household, person: Person | undefined): boolean {
  return person !== undefined && ageOf(household, person) === 'adult';
}

/** Whether `by` is an adult guardian of this child or teen. */
export function guards(household: Household, by: Person | undefined, person: Person): boolean {
  return isAdult(household, by) && !isAdult(household, person) && (person.guardians ?? []).includes(by!.id);
}

/** Whether `by` agrees for this person: an adult for themself, a guardian for a child or teen. */
export function decides(household: Household, by: Person | undefined, person: Person): boolean {
  return (by?.id === person.id && isAdult(household, person)) || guards(household, by, person);
}

/** Whether `by` may take back what was agreed to for this person: who decides for them; of a camera an owner as well. Only adults change the household. */
export function mayWithdraw(household: Household, by: Person | undefined, person: Person, purpose: Purpose): boolean {
  const ofCamera = purpose === 'security' || purpose === 'sound';
  return decides(household, by, person) || (ofCamera && isAdult(household, by) && by?.owner === true);
}

/** Whether `by` may let this person in: an owner an adult or a teen who does not sign in yet. */
export function mayBeLetIn(household: Household, by: Person | undefined, person: Person): boolean {
  return by?.owner === true && !person.keys && ageOf(household, person) !== 'child';
}
