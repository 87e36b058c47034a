// How long things are kept, as `crates/household/src/retention.rs` decides it. The hub decides; this says beforehand what it will.

import type { Household, Kind, Person, Rule } from './document';
import { ageOf, isAdult } from './people';

/** The most days that something of a child or teen is kept: never over 18 months, whenever it begins. */
export const MOST_DAYS_OF_A_CHILD = 546;
/** The most days a rule can ask for, short of forever. */
export const MOST_DAYS = 36_500;

/** How many days each kind is kept when no rule says otherwise. */
export const DEFAULT_DAYS: Record<Kind, number> = {
  voice: 30,
  transcript: 30,
  reply: 30,
  location: 30,
  video: 7,
  snapshot: 7,
  voiceprint: 365,
  note: 90,
  timer: 1,
  reminder: 1,
  look: 400,
};

/** The most days of a kind where that is not `MOST_DAYS`. */
export const MOST_DAYS_OF: Partial<Record<Kind, number>> = { note: 90, timer: 1, reminder: 1 };

/** In days; `Infinity` for what an adult keeps forever. */
export function keeps(household: Household, kind: Kind, about: { person?: string; device?: string }): number {
  if (kind === 'look') return DEFAULT_DAYS.look;
  const fitting = household.retention.rules.filter((rule) => fits(rule, kind, about));
  const chosen = fitting.length ? Math.min(...fitting.map((rule) => days(rule.keep))) : DEFAULT_DAYS[kind];
  const person = household.people.find(({ id }) => id === about.person);
  const byAge = person && !isAdult(household, person) ? MOST_DAYS_OF_A_CHILD : Infinity;
  return Math.min(chosen, MOST_DAYS_OF[kind] ?? Infinity, byAge);
}

/** Whether nothing of what somebody says can be kept, whatever was agreed: a teen's is sealed to them alone, and they have no keys yet. */
export function isUnkept(household: Household, person: Person): boolean {
  return ageOf(household, person) === 'teen' && !person.keys;
}

/** Of `30 days`. */
export function days(keep: string): number {
  return keep === 'forever' ? Infinity : Number.parseInt(keep, 10);
}

/** As a rule says it. */
export function keep(days: number): string {
  return days === Infinity ? 'forever' : days === 1 ? '1 day' : `${days} days`;
}

function fits(rule: Rule, kind: Kind, { person, device }: { person?: string; device?: string }): boolean {
  return (!rule.kind || rule.kind === kind) && (!rule.device || rule.device === device) && (!rule.person || rule.person === person);
}
