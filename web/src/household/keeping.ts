// How long things are kept, as `crates/household/src/retention.rs` decides it by the rules of `document/retention.rs`. The hub decides; this says beforehand what it will.

import type { Household, Kind, Person, Rule } from './document';
import { setRule } from './edits';
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

/** Whose something is, and what recorded it. */
export interface About {
  person?: string;
  device?: string;
}

/** In days; `Infinity` for what an adult keeps forever. */
export function keeps(household: Household, kind: Kind, about: About): number {
  if (kind === 'look') return DEFAULT_DAYS.look;
  const fitting = fittingRules(household, kind, about);
  const chosen = fitting.length ? Math.min(...fitting.map((rule) => days(rule.keep))) : DEFAULT_DAYS[kind];
  const person = household.people.find(({ id }) => id === about.person);
  const byAge = person && !isAdult(household, person) ? MOST_DAYS_OF_A_CHILD : Infinity;
  return Math.min(chosen, MOST_DAYS_OF[kind] ?? Infinity, byAge);
}

/** What a rule fits and does not decide. */
export interface Otherwise {
  kind: Kind;
  about: About;
  days: number;
  /** The rule that decides it; none where their age does. */
  by?: Rule;
}

/** Of all that a rule of so many days would fit, or that would be as without one (`null`), what would be kept otherwise than it says. */
export function keptOtherwise(household: Household, rule: Omit<Rule, 'keep'>, chosen: number | null): Otherwise[] {
  const next = { ...household, retention: { rules: [...household.retention.rules] } };
  setRule(next, rule, chosen === null ? null : keep(chosen));
  // Without a rule about a person or device it is as for everybody, which says nothing of how long.
  if (chosen === null && (rule.kind === undefined || rule.person || rule.device)) return [];
  return (rule.kind ? [rule.kind] : rule.device ? FILM : SAID).flatMap((kind) =>
    targets(next, kind, rule).flatMap((about) => {
      const days = keeps(next, kind, about);
      if (days === (chosen ?? DEFAULT_DAYS[kind])) return [];
      const by = fittingRules(next, kind, about).find((other) => daysOf(other) === days);
      // Of what is said at a device it is told where that makes the difference.
      if (about.person && about.device && !by?.device) return [];
      return [{ kind, about, days, ...(by && { by }) }];
    }),
  );
}

const FILM: Kind[] = ['video', 'snapshot'];
const SAID: Kind[] = ['voice', 'transcript', 'reply', 'voiceprint'];

/** Everything of a kind that is told apart by rules, as far as a rule fits it. */
function targets({ people, devices, retention }: Household, kind: Kind, { person, device }: Omit<Rule, 'keep'>): About[] {
  if (FILM.includes(kind)) return devices.filter((one) => one.kind === 'camera' && (!device || one.id === device)).map(({ id }) => ({ device: id }));
  if (!SAID.includes(kind)) return [{}];
  const ruled = devices.filter((one) => one.kind !== 'camera' && retention.rules.some((rule) => rule.device === one.id)).map(({ id }) => id);
  return people.filter((one) => !person || one.id === person).flatMap(({ id }) => [{ person: id }, ...ruled.map((device) => ({ person: id, device }))]);
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

function daysOf(rule: Rule): number {
  return days(rule.keep);
}

function fittingRules(household: Household, kind: Kind, about: About): Rule[] {
  return household.retention.rules.filter((rule) => fits(rule, kind, about));
}

function fits(rule: Rule, kind: Kind, { person, device }: About): boolean {
  return (!rule.kind || rule.kind === kind) && (!rule.device || rule.device === device) && (!rule.person || rule.person === person);
}
