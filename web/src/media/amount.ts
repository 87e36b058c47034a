// How much something is, in words.

import { session } from '../hub/session.svelte';
import { amounts as w } from '../words/amounts';
import { list } from '../words/index.svelte';
import { lengthIn, type Amount } from './counting';

export { amountOf, amountOfKinds, type Amount } from './counting';

/** More cameras than this are counted and not named. */
const NAMED = 2;

/** `19 minutes of Drive and 1 thing you said`. */
export function inFull({ film = [], said = [], others = [] }: Amount): string {
  const filmed = film.length > NAMED ? [w.ofCameras(lengthOf(secondsOf(film)), film.length)] : film.map(({ camera, seconds }) => w.of(lengthOf(seconds), camera));
  const spoken = [...said].sort((a, b) => Number(b.person === session.name) - Number(a.person === session.name)).map(({ person, things }) => (person === session.name ? w.youSaid(things) : person ? w.theySaid(things, person) : w.somebodySaid(things)));
  return list([...filmed, ...spoken, ...rest(others)]) || w.nothing;
}

/** The same without whose: `19 minutes and 1 thing`. */
export function inShort({ film = [], said = [], others = [] }: Amount): string {
  const things = said.reduce((sum, { things }) => sum + things, 0);
  return list([...(film.length ? [lengthOf(secondsOf(film))] : []), ...(things ? [w.things(things)] : []), ...rest(others)]) || w.nothing;
}

/** The number that an amount begins with, as it is written in `inShort`: who means much writes it. */
export function numberOf(amount: Amount): string {
  return /\d+/.exec(inShort(amount).replaceAll(/(\d)[.,\u2009\u202f\u00a0](?=\d{3})/g, '$1'))?.[0] ?? '0';
}

/** `42 seconds`, `19 minutes`, `8 hours 44 minutes`. */
export function lengthOf(length: number): string {
  const { hours, minutes, seconds } = lengthIn(length);
  if (seconds) return w.seconds(seconds);
  if (!hours) return w.minutes(minutes);
  return minutes ? `${w.hours(hours)} ${w.minutes(minutes)}` : w.hours(hours);
}

/** `0:12`, `42 min`, `8 h 44`: on a picture. */
export function lengthOnPicture(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60}` : ''}`;
}

function rest(others: NonNullable<Amount['others']>): string[] {
  return others.map(({ kind, number }) => w.others[kind]?.(number) ?? w.other(number));
}

function secondsOf(film: NonNullable<Amount['film']>): number {
  return film.reduce((sum, { seconds }) => sum + seconds, 0);
}
