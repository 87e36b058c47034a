// What requests left behind, by name: the hub uses these itself and tells them to everybody who is signed in, so this is no look.

import { ask, Problem, type Recording } from '../hub/api';
import { clock } from '../words/time.svelte';
import { timeline } from '../words/timeline';
import { media } from '../words/media';
import { capital } from '../media/entries';

interface Left {
  timers: { id: number; name: string | null; ends: string | null }[];
  lists: { name: string; items: { id: number; text: string }[] }[];
  reminders: { id: number; text: string; due: string | null }[];
}

/** By the recording's id. */
export type Names = ReadonlyMap<number, string>;

export async function effectNames(): Promise<Names> {
  try {
    const { timers, lists, reminders } = await ask<Left>('GET', '/api/effects');
    return new Map([
      ...timers.map(({ id, name, ends }): [number, string] => [id, [name, ends && clock(ends)].filter(Boolean).join(', ')]),
      ...lists.flatMap(({ items }) => items.map(({ id, text }): [number, string] => [id, text])),
      ...reminders.map(({ id, text, due }): [number, string] => [id, [text, due && clock(due)].filter(Boolean).join(', ')]),
    ]);
  } catch (why) {
    if (why instanceof Problem && why.status !== 401) return new Map();
    throw why;
  }
}

/** `Put something on a list: oat milk`. */
export function nameOf(effect: Recording, names: Names): string {
  const what = timeline.left[effect.kind] ?? capital(media.kind(effect.kind));
  const name = names.get(effect.id);
  return name ? timeline.leftNamed(what, name) : what;
}
