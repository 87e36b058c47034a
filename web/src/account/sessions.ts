// One's own sessions and passkeys, as the hub lists them.

import { account } from '../words/account';
import { client } from '../words/client';
import { clock, date, dayOf, today, addDays } from '../words/time.svelte';

export interface SessionView {
  id: string;
  client: string;
  name?: string | null;
  started: string;
  seen: string;
  this: boolean;
}

export interface PasskeyView {
  id: string;
  name: string;
  added: string;
  seen?: string | null;
  /** The name of the hub at which it works. */
  host: string;
}

/** What its owner calls it, or what it calls itself. */
export function called(session: SessionView): string {
  return session.name ?? client(session.client);
}

/** The same, to stand alone: what its owner wrote stays as they wrote it. */
export function heading(session: SessionView): string {
  const words = called(session);
  return session.name ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

/** `today`, `yesterday`, `12 November`. */
export function near(at: string): string {
  const day = dayOf(at);
  if (day === today()) return account.today;
  return day === addDays(today(), -1) ? account.yesterday : date(at);
}

export function times(session: SessionView): string {
  return `${account.since(near(session.started), clock(session.started))} ${account.seen(near(session.seen), clock(session.seen))}`;
}
