// The lines of the ledger, told in words: who did what, and when. The same looks in a row are told as one, with their length.

import { told as failedTold, type FailedTries } from '../account/failed-sign-ins';
import type { Person } from '../household/home.svelte';
import { client as named } from '../words/client';
import { ledgerWords as w } from '../words/ledger';
import { clock, date, dayOf, span, type Day } from '../words/time.svelte';
import { changed } from './changes';
import type { Event } from './entry';
import type { Line } from './lines';

/** What the page can be narrowed to. */
export type Topic = 'all' | 'looks' | 'sign-ins' | 'deletions' | 'changes';

export interface Telling {
  /** The lines that it tells of, the newest first. */
  lines: number[];
  /** Null where not even the hour is known. */
  at: string | null;
  topic: Topic;
  /** A person's id; null for Porchlight itself; undefined where it is not known. */
  by: string | null | undefined;
  /** The name that the sentence begins with, and its rest. */
  who: string;
  what: string;
  /** What is to be known besides. */
  note: string;
  /** What happened is not known any more, or not to whoever is signed in. */
  hollow: boolean;
  /** The line of a deletion, for its receipt. */
  receipt: number | null;
}

/** Looks that are no further apart were one sitting, in milliseconds. */
const GAP = 10 * 60_000;
/** What the hub calls itself where it does something of its own accord. */
const ITSELF = ['retention', 'hub', ''];

/** Tells lines that come oldest first; the newest telling comes first. */
export function tell(lines: Line[], people: Person[], me: string | undefined): Telling[] {
  const tellings: Telling[] = [];
  let looks: Looks | null = null;
  let unknown: Unknown[] = [];
  const end = () => {
    if (looks) tellings.push(tellLooks(looks, people, me));
    if (unknown[0]) tellings.push(tellUnknown(unknown[0], unknown));
    looks = null;
    unknown = [];
  };
  for (const line of lines) {
    const look = lookOf(line);
    if (look && looks && goesOn(looks, look)) {
      looks.recordings += look.recordings;
      looks.to = look.from;
      looks.lines.unshift(line.index);
    } else if (isUnknown(line) && unknown[0] && isAlike(unknown[0], line)) {
      unknown.push(line);
    } else {
      end();
      if (look) looks = look;
      else if (isUnknown(line)) unknown = [line];
      else tellings.push(tellOne(line, people, me));
    }
  }
  end();
  return placed(tellings).reverse();
}

/** Tellings by the household's days. */
export function byDay(tellings: Telling[]): { day: Day; tellings: Telling[] }[] {
  const days: { day: Day; tellings: Telling[] }[] = [];
  for (const telling of tellings) {
    const day = telling.at === null ? '' : dayOf(telling.at);
    const last = days.at(-1);
    if (last?.day === day) last.tellings.push(telling);
    else days.push({ day, tellings: [telling] });
  }
  return days;
}

interface Looks {
  lines: number[];
  who: string;
  how: string;
  client: string;
  recordings: number;
  from: string;
  to: string;
}

function lookOf({ index, entry, said }: Line): Looks | null {
  if (entry.line !== 'event' || entry.kind !== 'look' || !said) return null;
  const inner = (said['said'] ?? {}) as Record<string, unknown>;
  const at = text(said['at']) || entry.hour;
  const recordings = Array.isArray(said['recordings']) ? said['recordings'].length : 0;
  return { lines: [index], who: text(inner['who']), how: text(inner['how']), client: text(inner['client']), recordings, from: at, to: at };
}

function goesOn(looks: Looks, next: Looks): boolean {
  const alike = looks.who === next.who && looks.how === next.how && looks.client === next.client;
  return alike && Date.parse(next.from) - Date.parse(looks.to) <= GAP && dayOf(looks.from) === dayOf(next.from);
}

function tellLooks({ lines, who, how, client, recordings, from, to }: Looks, people: Person[], me: string | undefined): Telling {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  const long = lines.length > 1 && seconds >= 60 ? span(seconds) : '';
  const you = who === me;
  const what = (how === 'export' ? w.exported : w.opened)(you, recordings, long);
  return { lines, at: from, topic: 'looks', by: known(who, people), who: name(who, people, me), what, note: client ? w.from(named(client)) : '', hollow: false, receipt: null };
}

/** A line of which only its kind and hour are known. */
type Unknown = Line & { entry: Event };

function isUnknown(line: Line): line is Unknown {
  return line.entry.line === 'event' && !line.said;
}

function isAlike(one: Unknown, next: Unknown): boolean {
  return one.entry.kind === next.entry.kind && one.entry.hour === next.entry.hour && one.hidden === next.hidden;
}

/** The same in a row is told once, and how often. */
function tellUnknown({ entry, hidden }: Unknown, all: Unknown[]): Telling {
  const when = all.length === 1 ? w.inTheHour(clock(entry.hour)) : w.often(all.length, clock(entry.hour));
  const note = `${when} ${hidden === 'sealed' ? w.sealed : w.ended}`;
  const what = w.hollow[entry.kind] ?? w.hollowOther(entry.kind);
  return { lines: all.map(({ index }) => index).reverse(), at: entry.hour, topic: topicOf(entry.kind), by: undefined, who: '', what, note, hollow: true, receipt: null };
}

function tellOne({ index, entry, said: told }: Line, people: Person[], me: string | undefined): Telling {
  const none = { lines: [index], at: null, topic: 'changes' as Topic, by: null, who: w.porchlight, note: '', hollow: false, receipt: null };
  if (entry.line === 'succession') return { ...none, what: w.succession };
  if (entry.line === 'damaged') return { ...none, who: '', what: w.damaged(index), hollow: true };
  if (entry.line === 'continuation') return { ...none, who: '', what: w.continued(Number(entry.checkpoint.split('\n')[1]), entry.because) };
  // Where it is not known, `tellUnknown` tells of it.
  const said = told ?? {};
  const topic = topicOf(entry.kind);
  const by = text(said['by'] ?? said['who']);
  const one = { ...none, at: text(said['at']) || entry.hour, topic, by: known(by, people), who: name(by, people, me) };
  const you = by === me;
  switch (entry.kind) {
    case 'deletion': {
      const kinds = Array.isArray(said['recordings']) ? (said['recordings'] as { count?: number }[]) : [];
      const recordings = kinds.reduce((sum, { count }) => sum + (count ?? 0), 0);
      return { ...one, what: w.forgot(you, recordings, text(said['reason'])), receipt: index };
    }
    case 'sign-in':
      // Here `by` is how, and `who` is who.
      return signedIn(one, text(said['who']), text(said['by']), text(said['client']), people, me);
    case 'recovery':
      return { ...one, what: w.recovered(you), note: [text(said['client']) && w.from(named(text(said['client']))), endedMicrophones(said)].filter(Boolean).join(' ') };
    case 'passphrase':
      return { ...one, what: w.changedPassphrase(you), note: endedMicrophones(said) };
    case 'recovery-kit':
      return { ...one, what: w.newKit(you) };
    case 'passkey-added':
      return { ...one, what: w.addedPasskey(you, text(said['name'])) };
    case 'passkey-removed':
      return { ...one, what: w.removedPasskey(you, text(said['name'])) };
    case 'failed-sign-in': {
      const who = text(said['who']);
      // Nobody who is known did it: the sentence stands by itself.
      return { ...one, by: known(who, people), who: '', what: failedTold(said as unknown as FailedTries, who === me ? '' : name(who, people, me)) };
    }
    case 'sign-out':
      return { ...one, what: w.signedOut(you) };
    case 'household':
      return { ...one, what: w.changedHousehold(you, Number(said['version']), changed(said['changes'], people, you ? '' : one.who, me)) };
    case 'device-credential':
      return { ...one, what: w.madeCredential(you) };
    case 'ledger-key':
      return { ...one, what: w.renewedKey(you) };
    case 'clock':
      return { ...one, what: w.confirmedClock(you) };
    case 'copies':
      return { ...one, what: w.endedCopies(you, date(text(said['newer_than']))) };
    case 'hold':
      return { ...one, what: w.held(you, listed(said['moments']), date(text(said['until']))), note: text(said['why']) };
    case 'release':
      return { ...one, what: w.released(you, listed(said['moments'])) };
    default:
      return { ...one, what: w.did(you, entry.kind) };
  }
}

function signedIn(one: Omit<Telling, 'what'>, who: string, how: string, client: string, people: Person[], me: string | undefined): Telling {
  return { ...one, by: known(who, people), who: name(who, people, me), what: w.signedIn(who === me, named(client), how === 'kit') };
}

/** A line that has no time of its own stands with the one before it. */
function placed(tellings: Telling[]): Telling[] {
  let last = tellings.find(({ at }) => at !== null)?.at ?? null;
  return tellings.map((telling) => {
    if (telling.at !== null) last = telling.at;
    return { ...telling, at: last };
  });
}

function topicOf(kind: string): Topic {
  return ({ look: 'looks', 'sign-in': 'sign-ins', 'sign-out': 'sign-ins', 'failed-sign-in': 'sign-ins', recovery: 'sign-ins', passphrase: 'sign-ins', 'recovery-kit': 'sign-ins', 'passkey-added': 'sign-ins', 'passkey-removed': 'sign-ins', deletion: 'deletions' } as Record<string, Topic>)[kind] ?? 'changes';
}

function name(id: string, people: Person[], me: string | undefined): string {
  if (id !== '' && id === me) return w.you;
  if (ITSELF.includes(id)) return w.porchlight;
  return people.find((person) => person.id === id)?.name ?? w.somebody;
}

function known(id: string, people: Person[]): string | null | undefined {
  if (ITSELF.includes(id)) return null;
  return people.some((person) => person.id === id) ? id : undefined;
}

/** What ended with a passphrase, beside the sessions. */
function endedMicrophones(said: Record<string, unknown>): string {
  const ended = said['microphones'];
  return Array.isArray(ended) && ended.length ? w.microphonesEnded : '';
}

function listed(ids: unknown): number {
  return Array.isArray(ids) ? ids.length : 1;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
