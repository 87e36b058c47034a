// What a change of the household changed, as the ledger tells of it.

import type { Person } from '../household/home.svelte';
import { changes as w } from '../words/changes';

/** One thing, as the hub wrote it: people by id, a device by name. */
interface Change {
  what: string;
  person?: string;
  name?: string;
  purpose?: string;
  kind?: string;
  keep?: string;
}

/**
 * All of it, each with whom or what it concerns; empty where the line is of a release that did not say. `by` is the name of whoever
 * changed it, who alone can have said the yes in it; empty where that is whoever reads, who is `me`.
 */
export function changed(all: unknown, people: Person[], by: string, me: string | undefined): string {
  if (!Array.isArray(all)) return '';
  return (all as Change[]).map((change) => told(change, people, by, me)).join('; ');
}

function told({ what, person, name = '', purpose = '', kind, keep }: Change, people: Person[], by: string, me: string | undefined): string {
  const mine = person !== undefined && person === me;
  const whom = mine ? w.you : person === undefined ? '' : (people.find(({ id }) => id === person)?.name ?? w.somebody);
  const agreed = (w.purpose[purpose] ?? (() => purpose))(name);
  if (what === 'kept-longer' || what === 'kept-shorter') return w.kept(kind === undefined ? w.everything : (w.kind[kind] ?? kind), whom, name, keep);
  return (mine ? w.yours[what] : undefined)?.(name, agreed, by) ?? w.what[what]?.(whom, name, agreed, by) ?? w.other;
}
