// What requests left behind, as it is now: timers, lists, reminders. The hub uses them itself, so seeing them is no look.

import { ask, Problem } from '../hub/api';
import { proven } from '../keys/step-up.svelte';
import { home } from '../words/home';
import type { Sentence } from '../words/hub';
import { shown } from '../words/shown';
import { coalesced } from './soon';

export interface Timer {
  id: number;
  name: string | null;
  /** How long it was set for, in seconds. */
  seconds: number;
  ends: string | null;
  paused_left: number | null;
}

export interface List {
  name: string;
  items: { id: number; text: string; added: string }[];
}

export interface Reminder {
  id: number;
  /** What of; none for an alarm. */
  text: string | null;
  due: string;
  /** Who asked, where that is known. */
  person: string | null;
}

interface Effects {
  timers: Timer[];
  lists: List[];
  reminders: Reminder[];
  /** What is there and cannot be read. */
  unreadable?: Sentence;
}

export const effects = $state<Effects & { known: boolean; trouble: unknown }>({
  timers: [],
  lists: [],
  reminders: [],
  unreadable: undefined,
  known: false,
  trouble: null,
});

/** Looks them up. */
export const lookUp = coalesced(async () => {
  try {
    const { timers, lists, reminders, unreadable } = harmless(await ask<Effects>('GET', '/api/effects'));
    Object.assign(effects, { timers, lists, reminders, unreadable, known: true, trouble: null });
  } catch (why) {
    if (!(why instanceof Problem && why.word === 'no-hub')) effects.trouble = why;
  }
}, 200);

/** What was asked for in whatever words is shown in these. */
function harmless({ timers, lists, reminders, unreadable }: Effects): Effects {
  return {
    unreadable,
    timers: timers.map((timer) => ({ ...timer, name: timer.name && shown(timer.name) })),
    lists: lists.map((list) => ({ ...list, items: list.items.map((item) => ({ ...item, text: shown(item.text) })) })),
    reminders: reminders.map((reminder) => ({ ...reminder, text: reminder.text && shown(reminder.text) })),
  };
}

/** Ticked off, or cancelled: it goes at once. Very many in a day take a proof. */
export async function done(id: number): Promise<void> {
  await change(() => proven(home.doneWhy, () => ask('POST', `/api/effects/${id}/done`)));
}

/** Puts something on a list, word for word. Whether that was done. */
export async function add(list: string, item: string): Promise<boolean> {
  return change(() => ask('POST', '/api/effects', { list, item }));
}

async function change(work: () => Promise<unknown>): Promise<boolean> {
  effects.trouble = null;
  try {
    await work();
    return true;
  } catch (why) {
    // Somebody else was faster: that it is gone is what was wanted.
    if (why instanceof Problem && why.status === 404) return true;
    effects.trouble = why;
    return false;
  } finally {
    lookUp();
  }
}
