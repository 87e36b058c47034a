// Looks, told in words: at what, from when it is, and whether it is still there. The same in a row are one.

import type { Recording } from '../hub/api';
import { ask } from '../hub/api';
import { lengthOf } from '../media/amount';
import { client as named } from '../words/client';
import { list } from '../words/index.svelte';
import { ledgerWords as w } from '../words/ledger';
import { clock, date, dated, dayOf, span } from '../words/time.svelte';
import type { Line } from './lines';
import type { Kept, Reader, Telling } from './telling';

/** What a look was at, as the hub wrote it down; `Seen` of its `seen.rs`. */
type Seen =
  | { of: 'film'; device: string; from: string; to: string; seconds: number }
  | { of: 'said'; moments: number; heard: boolean }
  | { of: 'other'; kind: string; moments: number };

/** Looks of one person, at the same, one after the other. */
export interface Looks {
  lines: number[];
  who: string;
  how: string;
  client: string;
  from: string;
  to: string;
  recordings: Set<number>;
  films: { device: string; from: string; to: string }[];
  /** How long the film is, in seconds. */
  seconds: number;
  /** It was at so little film each time that it showed a picture. */
  glance: boolean;
  said: number;
  heard: boolean;
  others: number;
  /** What it was at, to tell whether the next is at the same. */
  what: string;
}

/** Looks that are no further apart were one sitting, in milliseconds. */
const GAP = 10 * 60_000;
/** Film of no more seconds is a picture: one piece as a camera keeps it. */
const PICTURE = 12;
/** So many ids are asked for at once. */
const TOGETHER = 200;

export function lookOf({ index, entry, said }: Line): Looks | null {
  if (entry.line !== 'event' || entry.kind !== 'look' || !said) return null;
  const inner = (said['said'] ?? {}) as Record<string, unknown>;
  const recordings = idsIn(said);
  const seen = Array.isArray(inner['seen']) ? (inner['seen'] as Seen[]) : [];
  const films = seen.filter((one) => one.of === 'film');
  const spoken = seen.find((one) => one.of === 'said');
  const others = seen.reduce((sum, one) => (one.of === 'other' ? sum + one.moments : sum), 0);
  const at = text(said['at']) || entry.hour;
  return {
    lines: [index],
    who: text(inner['who']),
    how: text(inner['how']),
    client: text(inner['client']),
    from: at,
    to: at,
    recordings: new Set(recordings),
    films: films.map(({ device, from, to }) => ({ device, from, to })),
    seconds: films.reduce((sum, { seconds }) => sum + seconds, 0),
    glance: films.every(({ seconds }) => seconds <= PICTURE),
    said: spoken?.moments ?? 0,
    heard: spoken?.heard ?? false,
    // A release that did not say what a look was at counted it all.
    others: seen.length ? others : recordings.length,
    what: [...films.map(({ device }) => device), spoken ? `said ${spoken.heard}` : '', others ? 'others' : ''].join('/'),
  };
}

/** Adds a look to those before it, if it is at the same and they are one sitting. */
export function goesOn(looks: Looks, next: Looks): boolean {
  const alike = looks.who === next.who && looks.how === next.how && looks.client === next.client && looks.what === next.what;
  if (!alike || Date.parse(next.from) - Date.parse(looks.to) > GAP || dayOf(looks.from) !== dayOf(next.from)) return false;
  // Whoever looks at the same again has not looked at more.
  const more = [...next.recordings].some((id) => !looks.recordings.has(id));
  if (more) [looks.said, looks.others, looks.seconds] = [looks.said + next.said, looks.others + next.others, looks.seconds + next.seconds];
  looks.films = looks.films.map((film, at) => {
    const other = next.films[at] ?? film;
    return { device: film.device, from: film.from < other.from ? film.from : other.from, to: film.to > other.to ? film.to : other.to };
  });
  looks.glance &&= next.glance;
  looks.to = next.from;
  looks.lines.unshift(...next.lines);
  for (const id of next.recordings) looks.recordings.add(id);
  return true;
}

export function tellLooks(looks: Looks, by: string | null | undefined, who: string, { me, kept }: Reader): Telling {
  const you = looks.who === me?.id;
  const ids = [...looks.recordings];
  const found = ids.flatMap((id) => kept?.found.get(id) ?? []);
  // Of what is another's own nobody is told what is left of it.
  const knows = kept !== null && ids.every((id) => kept.asked.has(id)) && (you || looks.said + looks.others === 0);
  const gone = knows && found.length === 0;
  const said = found.filter(({ kind }) => SPOKEN.includes(kind));
  const own = you && said.length > 0 && said.every(({ person }) => person === me?.name);
  const first = looks.films[0]?.from ?? said[0]?.start;
  const notes = [
    looks.films.length && looks.glance && looks.how !== 'export' ? picturedAt(looks) : '',
    looks.said ? place(said, looks.from) : '',
    looks.client ? w.from(named(looks.client)) : '',
    gone ? w.gone : knows && found.length < ids.length ? w.goneSome : '',
  ];
  return {
    lines: looks.lines,
    at: looks.from,
    topic: 'looks',
    by,
    who,
    what: `${list(parts(looks, you, own))}.`,
    note: notes.filter(Boolean).join(' '),
    hollow: null,
    href: first !== undefined && !gone ? `#/timeline/${dayOf(first)}` : '',
    receipt: null,
  };
}

const SPOKEN = ['voice', 'transcript', 'reply'];

/** What was done, with each kind of thing. */
function parts(looks: Looks, you: boolean, own: boolean): string[] {
  const { films, glance, said, heard, others } = looks;
  const taken = looks.how === 'export';
  const told: string[] = [];
  if (films.length) {
    const cameras = list(films.map(({ device }) => device));
    const seconds = (Date.parse(looks.to) - Date.parse(looks.from)) / 1000;
    if (taken) told.push(w.tookFilm(you, lengthOf(looks.seconds), cameras, range(looks)));
    else if (glance) told.push(w.glanced(you, cameras, looks.lines.length));
    else told.push(w.sawFilm(you, cameras, range(looks), seconds >= 60 ? span(seconds) : ''));
  }
  if (said) told.push((taken ? w.tookSaid : heard ? w.heardSaid : w.readSaid)(you, said, own));
  if (others) told.push((taken ? w.exported : w.opened)(you, others));
  return told;
}

/** From when the film is: `08:49 to 09:01`, with its day where that is another than that of the look. */
function range({ films, from: looked }: Looks): string {
  const [from, to] = ends(films);
  if (!from || !to) return '';
  const times = clock(from) === clock(to) ? clock(from) : w.fromTo(clock(from), clock(to));
  if (dayOf(from) !== dayOf(to)) return w.fromTo(dated(from), dated(to));
  return dayOf(from) === dayOf(looked) ? times : `${date(from)}, ${times}`;
}

function picturedAt({ films, from: looked }: Looks): string {
  const [from] = ends(films);
  return from && Date.parse(looked) - Date.parse(from) > GAP ? w.filmed(dayOf(from) === dayOf(looked) ? clock(from) : `${date(from)}, ${clock(from)}`) : '';
}

function ends(films: Looks['films']): [string | undefined, string | undefined] {
  return [films.map(({ from }) => from).sort()[0], films.map(({ to }) => to).sort().at(-1)];
}

/** Where it was said, and on which day where that is another. */
function place(said: Recording[], looked: string): string {
  const only = (all: (string | null)[]): string => (new Set(all).size === 1 ? (all[0] ?? '') : '');
  const day = only(said.map(({ start }) => dayOf(start)));
  const where = only(said.map(({ room, device }) => room ?? device));
  const when = day && day !== dayOf(looked) ? date(said[0]!.start) : ''; // a day is that of one of them
  return where || when ? w.saidThere(where, when) : '';
}

/** What of all that was looked at is still there to be known of. Lists open nothing. */
export async function whatIsLeft(lines: Line[], before: Kept | null): Promise<Kept> {
  const wanted = new Set(lines.flatMap(({ entry, said }) => (entry.line === 'event' && entry.kind === 'look' && said ? idsIn(said) : [])));
  const found = new Map(before?.found);
  const asked = new Set(before?.asked);
  const fresh = [...wanted].filter((id) => !asked.has(id));
  for (let at = 0; at < fresh.length; at += TOGETHER) {
    const ids = fresh.slice(at, at + TOGETHER);
    for (const one of await ask<Recording[]>('GET', `/api/recordings?ids=${ids.join(',')}`)) found.set(one.id, one);
    ids.forEach((id) => asked.add(id));
  }
  return { asked, found };
}

/** The same without what was forgotten just now. */
export function without({ asked, found }: Kept, moments: number[]): Kept {
  const gone = new Set(moments);
  return { asked, found: new Map([...found].filter(([, { moment }]) => !gone.has(moment))) };
}

function idsIn(said: Record<string, unknown>): number[] {
  return Array.isArray(said['recordings']) ? said['recordings'].filter((id) => typeof id === 'number') : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
