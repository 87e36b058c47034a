// The lines of the ledger, told in words: who did what, and when. The same looks in a row are told as one.

import { told as failedTold, type FailedTries } from '../account/failed-sign-ins';
import { amountOfKinds, inShort } from '../media/amount';
import { client as named } from '../words/client';
import { list } from '../words/index.svelte';
import { ledgerWords as w } from '../words/ledger';
import { date, dayOf, type Day } from '../words/time.svelte';
import { changed, where } from './changes';
import type { Event } from './entry';
import type { Line } from './lines';
import { ended, tellLive } from './lives';
import { goesOn, lookOf, tellLooks, type Looks } from './looks';
import type { Reader, Telling, Topic } from './telling';

/** What the hub calls itself where it does something of its own accord. */
const ITSELF = ['retention', 'hub', ''];

/** Tells lines that come oldest first; the newest telling comes first. */
export function tell(lines: Line[], reader: Reader): Telling[] {
  const tellings: Telling[] = [];
  const over = ended(lines);
  let looks: Looks | null = null;
  const end = () => {
    if (looks) tellings.push(tellLooks(looks, known(looks.who, reader), name(looks.who, reader), reader));
    looks = null;
  };
  for (const line of lines) {
    if (isUnknown(line)) {
      tellings.push(tellUnknown(line));
      continue;
    }
    // What has its end is told with that.
    if (line.entry.line === 'event' && line.entry.kind === 'live' && over.has(text(line.said?.['look']))) continue;
    const look = lookOf(line);
    if (look && looks && goesOn(looks, look)) continue;
    end();
    if (look) looks = look;
    else tellings.push(tellOne(line, reader, over));
  }
  end();
  return placed(tellings.sort((a, b) => first(a) - first(b))).reverse();
}

const first = ({ lines }: Telling): number => lines.at(-1) ?? 0;

/** A day of the ledger: what can be told, and what cannot. */
export interface TellingDay {
  day: Day;
  at: string | null;
  told: Telling[];
  hidden: { why: 'sealed' | 'ended'; tellings: Telling[] }[];
}

/** Tellings by the household's days. */
export function byDay(tellings: Telling[]): TellingDay[] {
  const days: TellingDay[] = [];
  for (const telling of tellings) {
    const day = telling.at === null ? '' : dayOf(telling.at);
    let last = days.at(-1);
    if (last?.day !== day) days.push((last = { day, at: telling.at, told: [], hidden: [] }));
    const { hollow } = telling;
    if (hollow !== 'sealed' && hollow !== 'ended') {
      last.told.push(telling);
      continue;
    }
    const fold = last.hidden.find(({ why }) => why === hollow);
    if (fold) fold.tellings.push(telling);
    else last.hidden.push({ why: hollow, tellings: [telling] });
  }
  return days;
}

/** A line of which only its kind and hour are known. */
type Unknown = Line & { entry: Event };

function isUnknown(line: Line): line is Unknown {
  return line.entry.line === 'event' && !line.said;
}

function tellUnknown({ index, entry, hidden }: Unknown): Telling {
  const what = w.hollow[entry.kind] ?? w.hollowOther(entry.kind);
  return { lines: [index], at: entry.hour, topic: topicOf(entry.kind), by: undefined, who: '', what, note: '', hollow: hidden === 'sealed' ? 'sealed' : 'ended', href: '', receipt: null };
}

function tellOne({ index, entry, said: told }: Line, reader: Reader, over: Map<string, number>): Telling {
  const none = { lines: [index], at: null, topic: 'changes' as Topic, by: null, who: w.porchlight, note: '', hollow: null, href: '', receipt: null };
  if (entry.line === 'succession') return { ...none, what: w.succession };
  if (entry.line === 'damaged') return { ...none, who: '', what: w.damaged(index), hollow: 'damaged' };
  if (entry.line === 'continuation') return { ...none, who: '', what: w.continued(Number(entry.checkpoint.split('\n')[1]), entry.because) };
  // Where it is not known, `tellUnknown` tells of it.
  const said = told ?? {};
  const topic = topicOf(entry.kind);
  const by = text(said['by'] ?? said['who']);
  const one = { ...none, at: text(said['at']) || entry.hour, topic, by: known(by, reader), who: name(by, reader) };
  const you = by !== '' && by === reader.me?.id;
  // What somebody did with how they sign in stands on their account.
  if (you && topic === 'sign-ins') one.href = '#/account';
  switch (entry.kind) {
    case 'live':
    case 'live-end':
      return { ...one, ...tellLive(index, entry.kind, said, you, over.get(text(said['look']))) };
    case 'deletion':
      return { ...one, what: w.forgot(you, destroyed(said)), note: w.because[text(said['reason'])] ?? '', receipt: index };
    case 'sign-in':
      // Here `by` is how, and `who` is who.
      return signedIn(one, text(said['who']), text(said['by']), text(said['client']), reader);
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
      const mine = who === reader.me?.id;
      return { ...one, by: known(who, reader), who: '', what: failedTold(said as unknown as FailedTries, mine ? '' : name(who, reader)), href: mine ? '#/account' : '' };
    }
    case 'sign-out':
      return { ...one, what: w.signedOut(you) };
    case 'household':
      return { ...one, what: w.changedHousehold(you, changed(said['changes'], reader.people, reader.me?.id)), href: where(said['changes']) };
    case 'device-credential':
      return { ...one, what: w.madeCredential(you, reader.devices.find(({ id }) => id === said['device'])?.name ?? ''), href: '#/devices' };
    case 'ledger-key':
      return { ...one, what: w.renewedKey(you) };
    case 'clock':
      return { ...one, what: w.confirmedClock(you) };
    case 'copies':
      return { ...one, what: w.endedCopies(you, date(text(said['newer_than']))) };
    case 'phones':
      return { ...one, what: w.letPhonesIn(you), href: '#/phone' };
    case 'privacy':
      return { ...one, what: w.switchedPrivacy(you, said['on'] === true, list(names(said['devices']))), href: '#/' };
    case 'camera-tried':
      return { ...one, what: w.triedCamera(you, text(said['host'])), href: '#/devices' };
    case 'hold':
      return { ...one, what: w.held(you, amount(said), date(text(said['until']))), note: text(said['why']) };
    case 'release':
      return { ...one, what: w.released(you, amount(said)) };
    default:
      return { ...one, what: w.did(you, entry.kind) };
  }
}

function signedIn(one: Omit<Telling, 'what'>, who: string, how: string, client: string, reader: Reader): Telling {
  const mine = who === reader.me?.id;
  return { ...one, by: known(who, reader), who: name(who, reader), what: w.signedIn(mine, named(client), how === 'kit'), href: mine ? '#/account' : '' };
}

/** What a deletion destroyed, as people count it: the same that was said before. */
function destroyed(said: Record<string, unknown>): string {
  return kindsOf(said).length ? amount(said) : w.nothingLeft;
}

interface OfKind {
  kind: string;
  count: number;
  seconds?: number;
}

/** How much a line is about; of a release that did not say how long film was, what it was of. */
function amount(said: Record<string, unknown>): string {
  const kinds = kindsOf(said);
  const film = kinds.some(({ kind }) => kind === 'video');
  const counted = amountOfKinds(kinds);
  if (counted && kinds.length) return inShort(counted);
  const others = amountOfKinds(kinds.filter(({ kind }) => !FILM.includes(kind)));
  const rest = others && kinds.some(({ kind }) => !FILM.includes(kind)) ? [inShort(others)] : [];
  return film ? list([w.film, ...rest]) : w.things(listed(said['moments']));
}

function kindsOf(said: Record<string, unknown>): OfKind[] {
  return Array.isArray(said['recordings']) ? (said['recordings'] as OfKind[]).filter(({ kind }) => typeof kind === 'string') : [];
}

const FILM = ['video', 'snapshot'];

/** A line that has no time of its own stands with the one before it. */
function placed(tellings: Telling[]): Telling[] {
  let last = tellings.find(({ at }) => at !== null)?.at ?? null;
  return tellings.map((telling) => {
    if (telling.at !== null) last = telling.at;
    return { ...telling, at: last };
  });
}

function topicOf(kind: string): Topic {
  return ({ look: 'looks', live: 'looks', 'live-end': 'looks', 'sign-in': 'sign-ins', 'sign-out': 'sign-ins', 'failed-sign-in': 'sign-ins', recovery: 'sign-ins', passphrase: 'sign-ins', 'recovery-kit': 'sign-ins', 'passkey-added': 'sign-ins', 'passkey-removed': 'sign-ins', deletion: 'deletions' } as Record<string, Topic>)[kind] ?? 'changes';
}

function name(id: string, { people, me }: Reader): string {
  if (id !== '' && id === me?.id) return w.you;
  if (ITSELF.includes(id)) return w.porchlight;
  return people.find((person) => person.id === id)?.name ?? w.somebody;
}

function known(id: string, { people }: Reader): string | null | undefined {
  if (ITSELF.includes(id)) return null;
  return people.some((person) => person.id === id) ? id : undefined;
}

/** What ended with a passphrase, beside the sessions. */
function endedMicrophones(said: Record<string, unknown>): string {
  const ended = said['microphones'];
  return Array.isArray(ended) && ended.length ? w.microphonesEnded : '';
}

function names(all: unknown): string[] {
  return Array.isArray(all) ? all.map(text) : [];
}

function listed(ids: unknown): number {
  return Array.isArray(ids) ? ids.length : 1;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
