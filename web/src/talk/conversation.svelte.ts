// What is said between whoever is signed in and Porchlight, on this page. Its words are in memory only.

import { home, me } from '../household/home.svelte';
import { ask, Problem, send, words, type Forgotten, type Selection } from '../hub/api';
import { light } from '../parts/lamp.svelte';
import { said, type Sentence } from '../words/hub';
import { shown } from '../words/shown';
import { talk as w } from '../words/talk';
import { NoMicrophone, open, type Microphone } from './microphone';
import { hush, speak, wav } from './speech';
import { LONGEST } from './wav';

/** What the hub answers; `SayAnswer` of its API. */
interface Answer {
  transcript: string;
  intent: string;
  reply: string;
  moment: number | null;
  not_kept_said?: Sentence;
  left: { what: string; change: string }[];
  speech?: string;
  /** What Porchlight asks before much goes; it stands at the end of the reply too. */
  confirm: { question: string } | null;
  /** `forget`: that much is confirmed in the app. */
  open: string | null;
  selection: Selection | null;
  forgotten: Forgotten | null;
}

/** Something that was said, and the answer. */
export interface Exchange {
  you: string;
  /** It was heard, not written. */
  spoken: boolean;
  reply: string;
  /** The moment that was kept of it. */
  moment: number | null;
  /** Why nothing was kept, in words. */
  notKept: string;
  /** The answer as sound, while this browser allows none. */
  silent: Blob | null;
  /** Whether Porchlight asks before it forgets, and how many recordings, where it said so. */
  asks: boolean;
  many: number | null;
  /** Of something that was forgotten by asking for it. */
  receipt: string | null;
  /** It was forgotten. */
  gone: boolean;
}

export const talk = $state({
  state: 'idle' as 'idle' | 'opening' | 'listening' | 'answering',
  /** What was understood so far of somebody who speaks. */
  soFar: '',
  /** How loud they are, from 0 to 1. */
  level: 0,
  seconds: 0,
  last: null as Exchange | null,
  /** What went wrong, in words. */
  trouble: '',
  /** What is to be forgotten, for the sheet that is asked for. */
  sheet: null as Selection | null,
});

/** Between two askings for the words so far, in milliseconds; and as part of how long the last one took. */
const HEAR_EVERY = 1000;

/** Names this page's part of the conversation: a "yes" here answers what was asked here. */
const conversation = crypto.randomUUID();
let microphone: Microphone | null = null;
let dark = (): void => undefined;
let hearing: AbortController | null = null;
/** Counts up with each time the button is pressed, so that what belongs to an earlier one is known. */
let turn = 0;

/** Opens the microphone and listens. */
export async function listen(): Promise<void> {
  if (talk.state !== 'idle') return;
  const mine = (turn += 1);
  hush();
  Object.assign(talk, { state: 'opening', soFar: '', level: 0, seconds: 0, trouble: '' });
  dark = light();
  try {
    const opened = await open(heard, () => void finish());
    if (mine !== turn) return void (await drop(opened));
    microphone = opened;
    talk.state = 'listening';
    hearing = new AbortController();
    void follow(opened, hearing.signal);
  } catch (why) {
    if (mine !== turn) return;
    rest();
    talk.trouble = why instanceof NoMicrophone ? w.noMicrophone[why.why] : words(why);
  }
}

/** The sentence is over: it is answered. */
export async function finish(): Promise<void> {
  if (talk.state !== 'listening' || !microphone) return;
  const { sound } = microphone;
  const tooLong = sound.full;
  hearing?.abort();
  const stopping = microphone.stop();
  microphone = null;
  dark();
  talk.state = 'answering';
  await stopping;
  const file = sound.wav();
  sound.erase();
  await answered(true, async () => {
    const path = `/api/say?${new URLSearchParams({ aloud: 'true', conversation })}`;
    return (await (await send('POST', path, file)).json()) as Answer;
  });
  if (tooLong && !talk.trouble) talk.trouble = w.tooLong;
}

/** Nothing was meant: what was heard is dropped, unheard by the hub from here on. */
export async function cancel(): Promise<void> {
  if (talk.state !== 'opening' && talk.state !== 'listening') return;
  turn += 1;
  hearing?.abort();
  const opened = microphone;
  microphone = null;
  rest();
  if (opened) await drop(opened);
}

/** Written words. */
export async function write(text: string): Promise<void> {
  if (talk.state !== 'idle' || !text.trim()) return;
  hush();
  talk.trouble = '';
  talk.soFar = text.trim();
  talk.state = 'answering';
  await answered(false, () => ask<Answer>('POST', '/api/ask', { text: text.trim(), aloud: false, device: null, conversation }));
}

/** What is gone for good is gone from here too. */
export function forgotten(moments: number[]): void {
  const { last } = talk;
  if (last?.moment != null && moments.includes(last.moment)) {
    Object.assign(last, { you: '', reply: '', silent: null, asks: false, receipt: null, gone: true });
    hush();
  }
}

/** Nobody is here any more. */
export function leave(): void {
  void cancel();
  turn += 1;
  hush();
  Object.assign(talk, { last: null, trouble: '', soFar: '', sheet: null });
}

async function answered(spoken: boolean, asked: () => Promise<Answer>): Promise<void> {
  const mine = turn;
  try {
    const answer = await asked();
    // Whoever asked has gone to another page: their words stay where they are kept, and are not spoken into an empty room.
    if (mine !== turn) return;
    const sound = answer.speech ? wav(answer.speech) : null;
    talk.last = {
      you: shown(answer.transcript),
      spoken,
      reply: answer.transcript ? shown(answer.reply) : '',
      moment: answer.moment,
      notKept: answer.moment === null ? whyNot(answer) : '',
      silent: null,
      asks: answer.confirm !== null,
      many: counted(answer.reply),
      receipt: answer.forgotten?.receipt ?? null,
      gone: false,
    };
    if (answer.open === 'forget' && answer.selection) talk.sheet = answer.selection;
    rest();
    if (sound && !(await speak(sound)) && mine === turn && talk.last) talk.last.silent = sound;
  } catch (why) {
    if (mine === turn) talk.trouble = why instanceof Problem && why.word === 'unavailable' ? w.mute : words(why);
  } finally {
    if (talk.state === 'answering') rest();
  }
}

/** How many recordings an answer speaks of before its question. */
function counted(reply: string): number | null {
  const found = /([\d,]+) recordings?\b[^?]*\?$/.exec(reply)?.[1];
  return found ? Number(found.replaceAll(',', '')) : null;
}

/** Why nothing was kept: truthfully, and in this language where it can be told. */
function whyNot({ transcript, left, not_kept_said }: Answer): string {
  if (!transcript) return w.nothingHeard;
  const person = me();
  const agreed = home.household?.consents.some((consent) => consent.person === person?.id && consent.purpose === 'history' && !consent.withdrawn);
  const why = !agreed ? w.notAgreed : not_kept_said ? w.notKept(said(not_kept_said).replace(/\.$/, '')) : w.nothingKept;
  const asked = left.filter((effect) => effect.change !== 'removed').length;
  return asked ? `${why} ${w.effectKept}` : why;
}

/** The words so far, again and again while somebody speaks; never two requests at once, and fewer of a slow hub. */
async function follow(from: Microphone, signal: AbortSignal): Promise<void> {
  let wait = HEAR_EVERY;
  while (!signal.aborted) {
    await new Promise((later) => setTimeout(later, wait));
    if (signal.aborted || from.sound.seconds === 0) continue;
    const began = performance.now();
    try {
      const answer = await send('POST', '/api/hear', from.sound.wav(), signal);
      const { transcript } = (await answer.json()) as { transcript: string };
      if (!signal.aborted) talk.soFar = shown(transcript);
    } catch (why) {
      // The whole sentence is tried in any case, and what is wrong is said then. A hub that cannot hear need not be spoken to.
      if (signal.aborted) return;
      if (why instanceof Problem && why.word === 'unavailable') {
        await cancel();
        talk.trouble = w.mute;
      }
    }
    wait = Math.max(HEAR_EVERY, performance.now() - began);
  }
}

function heard(level: number): void {
  // Up at once, down slowly: as a voice looks.
  talk.level = Math.max(level, talk.level * 0.85);
  talk.seconds = microphone?.sound.seconds ?? 0;
  if (microphone?.sound.full) void finish();
}

async function drop(opened: Microphone): Promise<void> {
  await opened.stop();
  opened.sound.erase();
}

function rest(): void {
  dark();
  Object.assign(talk, { state: 'idle', soFar: '', level: 0 });
}

/** How many seconds are left to speak; told near the end only. */
export function left(): number | null {
  const rest = LONGEST - talk.seconds;
  return talk.state === 'listening' && rest <= 15 ? Math.max(0, Math.ceil(rest)) : null;
}
