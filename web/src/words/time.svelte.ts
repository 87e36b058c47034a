// Dates and times as the household has them: in its own time zone, whatever this phone's is, and in the language of the app.

import { language } from './index.svelte';

/** Where the household lives, and by how many milliseconds its hub's clock is ahead of this one; until that is known, where this phone is. */
export const place = $state({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, ahead: 0 });

/** Takes the hub's time from an answer of its. That is to the second, so a difference below two of them is none. */
export function heard(answer: Response): void {
  const at = Date.parse(answer.headers.get('date') ?? '');
  const found = at + 500 - Date.now();
  if (Number.isFinite(found) && Math.abs(found - place.ahead) > 2000) place.ahead = Math.abs(found) > 2000 ? found : 0;
}

/** A day of the household, `2026-11-18`. */
export type Day = string;

/** `18:05`. */
export function clock(at: string | Date): string {
  return format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** `18:05:42`. */
export function clockToTheSecond(at: string | Date): string {
  return format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}

/** The hour and minute, told apart in an hour that comes twice: `01:30 (first)`. For lists; what is typed is never so. */
export function clockApart(at: string | Date): string {
  const instants = alike(new Date(at));
  if (instants.length < 2) return clock(at);
  const [first, second] = language.now === 'de' ? ['erstes Mal', 'zweites Mal'] : ['first', 'second'];
  return `${clock(at)} (${new Date(at).getTime() === instants[0] ? first : second})`;
}

/** `24 December`, with the year where it is another one. */
export function date(at: string | Date): string {
  const year = dayOf(at).slice(0, 4) === today().slice(0, 4) ? {} : ({ year: 'numeric' } as const);
  return format(at, { day: 'numeric', month: 'long', ...year });
}

/** `18:05`, with the date where it is not today. */
export function dated(at: string | Date): string {
  return dayOf(at) === today() ? clock(at) : `${date(at)}, ${clock(at)}`;
}

/** `Wednesday 18 November`. */
export function longDate(at: string | Date): string {
  return format(at, { weekday: 'long', day: 'numeric', month: 'long' });
}

/** `18 November 2026`: for what is read in other years. */
export function longDay(at: string | Date): string {
  return format(at, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** `Wednesday`. */
export function weekday(at: string | Date): string {
  return format(at, { weekday: 'long' });
}

/** `42 seconds`, `3 minutes`, `2 hours`. */
export function span(seconds: number): string {
  const [value, unit] = seconds < 99 ? [seconds, 'second'] : seconds < 5940 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
  return new Intl.NumberFormat(language.now, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.max(1, Math.round(value)));
}

/** The household's day at an instant. */
export function dayOf(at: string | Date): Day {
  const { year, month, day } = parts(new Date(at));
  return `${year}-${month}-${day}`;
}

/** By the hub's clock, which begins and ends its days. */
export function today(): Day {
  return dayOf(new Date(Date.now() + place.ahead));
}

export function addDays(day: Day, days: number): Day {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/**
 * The instant of a time (`HH:MM`) on a day of the household: the first, or what ends a range the last, of those at which the clock
 * shows it. Of a time that the clocks skip, the first instant after it.
 */
export function instant(day: Day, time = '00:00', ends = false): Date {
  const wall = Date.parse(`${day}T${time}:00Z`);
  const shown = showing(wall);
  // Twice, since the offset is that of the instant sought, which the first guess may miss by an hour.
  const guess = wall - offset(wall);
  return new Date((ends ? shown.at(-1) : shown[0]) ?? wall - offset(guess));
}

/** Every instant at which the household's clock shows this, written as UTC; earliest first. */
function showing(wall: number): number[] {
  const day = 24 * 3600_000;
  const offsets = [...new Set([offset(wall - day), offset(wall + day)])];
  return offsets.map((ahead) => wall - ahead).filter((at) => at + offset(at) === wall).sort((a, b) => a - b);
}

/** Every instant at which the clock shows what it shows at this one. */
function alike(at: Date): number[] {
  return showing(at.getTime() + offset(at.getTime()));
}

/** The two instants a day lies between: 23, 24 or 25 hours apart. */
export function bounds(day: Day): { from: Date; to: Date } {
  return { from: instant(day), to: instant(addDays(day, 1)) };
}

/** By how many milliseconds the household's clocks are ahead of UTC at an instant. */
function offset(at: number): number {
  const { year, month, day, hour, minute, second } = parts(new Date(at));
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(at / 1000) * 1000;
}

function parts(at: Date): Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string> {
  const two = '2-digit' as const;
  const how = { timeZone: place.zone, year: 'numeric', month: two, day: two, hour: two, minute: two, second: two, hourCycle: 'h23' } as const;
  const found = formatter('en-GB', how).formatToParts(at);
  return Object.fromEntries(found.map(({ type, value }) => [type, value])) as ReturnType<typeof parts>;
}

function format(at: string | Date, how: Intl.DateTimeFormatOptions): string {
  return formatter(language.now === 'en' ? 'en-GB' : language.now, { timeZone: place.zone, ...how }).format(new Date(at));
}

/** Making one costs more than using it a thousand times, and a day may have ten thousand moments. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatter(tag: string, how: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = tag + JSON.stringify(how);
  const known = made.get(name) ?? new Intl.DateTimeFormat(tag, how);
  made.set(name, known);
  return known;
}
