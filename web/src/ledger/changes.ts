// What a change of the household changed, as the ledger tells of it.

import type { Person } from '../household/home.svelte';
import { changes as w } from '../words/changes';
import { list } from '../words/index.svelte';

/** One thing, as the hub wrote it: people by id, a device by name. */
interface Change {
  what: string;
  person?: string;
  name?: string;
  purpose?: string;
  kind?: string;
  keep?: string;
  was?: string;
}

/** All of it as what somebody did; empty where the line is of a release that did not say. `me` is whoever reads. */
export function changed(all: unknown, people: Person[], me: string | undefined): string {
  if (!Array.isArray(all) || !all.length) return '';
  return list(inTheirOrder(all as Change[]).map((change) => told(change, people, me)));
}

/** What came is told before what it is from then on. */
function inTheirOrder(all: Change[]): Change[] {
  const comes = ({ what }: Change) => what.endsWith('-comes');
  return [...all.filter(comes), ...all.filter((change) => !comes(change))];
}

/** The page on which what was changed can be seen. */
export function where(all: unknown): string {
  const first = Array.isArray(all) ? (all[0] as Change | undefined) : undefined;
  if (!first) return '';
  if (first.what.startsWith('kept-')) return '#/policy';
  if (first.name !== undefined) return '#/devices';
  return first.person !== undefined || first.what === 'person-goes' ? '#/people' : '';
}

function told({ what, person, name = '', purpose = '', kind, keep, was }: Change, people: Person[], me: string | undefined): string {
  const mine = person !== undefined && person === me;
  const whom = mine ? w.you : person === undefined ? '' : (people.find(({ id }) => id === person)?.name ?? w.somebody);
  const agreed = (w.purpose[purpose] ?? (() => purpose))(name);
  if (what === 'kept-longer' || what === 'kept-shorter') return w.kept(kind === undefined ? w.everything : (w.kind[kind] ?? kind), mine ? w.youOf : whom, name, was, keep);
  return (mine ? w.yours[what] : undefined)?.(name, agreed) ?? w.what[what]?.(whom, name, agreed) ?? w.other;
}
