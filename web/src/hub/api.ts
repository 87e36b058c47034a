// The hub's API, as the app asks it. The session is a cookie that this code never sees.

import { said, type Sentence } from '../words/hub';
import { language } from '../words/index.svelte';
import { fetchPhrases } from '../words/phrases';
import { shell } from '../words/shell';
import { heard } from '../words/time.svelte';

/** What to pick out of all that is kept; every part that is given must fit. Times are RFC 3339, or days of the household. */
export interface Filter {
  device?: string;
  person?: string;
  kind?: string;
  from?: string;
  to?: string;
}

/** Recordings or moments by id, or all that fit a filter, or everything. */
export interface Selection {
  ids?: number[];
  filter?: Filter;
  all?: boolean;
}

/** One recording, as lists show it. */
export interface Recording {
  id: number;
  moment: number;
  kind: string;
  device: string | null;
  room: string | null;
  person: string | null;
  start: string;
  seconds: number;
  owner: string;
  purpose: string;
  ends: string | null;
  /** Until when a hold keeps it, where one does. */
  held_until?: string;
  sources: number[];
  caused_by: number | null;
  size: number;
  media_type: string;
}

export interface Stays {
  recordings: number[];
  said: Sentence;
}

export interface Preview {
  token: string | null;
  goes: Recording[];
  effects: Recording[];
  stays: Stays[];
  copies_said: Sentence[];
  /** What was asked for before, could not be finished then, and is gone now. */
  finished?: Forgotten[];
  /** Whether who asks has to prove anew who it is. */
  step_up?: boolean;
}

export interface Forgotten {
  moments: number;
  recordings: number[];
  strongboxes_said: Sentence[];
  complete: boolean;
  receipt: string | null;
}

export interface Session {
  id: string;
  client: string;
  this: boolean;
}

/** What the hub says is wrong, in the words of the app. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly word: string,
    message: string,
    /** What the hub's sentence speaks of, by name. */
    readonly values: Record<string, string> = {},
    /** What the hub's sentence says, where that is finer than the word. */
    readonly code: string = word,
  ) {
    super(message);
  }
}

let signedOut = (): void => undefined;

/** What is done when the hub says that nobody is signed in. */
export function onSignedOut(then: () => void): void {
  signedOut = then;
}

/** Asks the hub. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(method, path, body);
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

/** Asks the hub for something that is not JSON, or sends it something that is not: a sound, as a `Blob` of its own type. */
export async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  // The hub compares its clock with those of adults; it sets none by them.
  const headers: Record<string, string> = { 'x-porchlight': '1', 'x-porchlight-time': String(Date.now()) };
  const raw = body instanceof Blob;
  if (body !== undefined) headers['content-type'] = raw ? body.type : 'application/json';
  const text = raw ? body : body === undefined ? null : JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: text, signal: signal ?? null });
  } catch (why) {
    if (signal?.aborted) throw why;
    throw new Problem(0, 'no-hub', shell.noHub);
  }
  heard(answer);
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => null)) as { error: string; message: string; said?: Sentence } | null;
  // A proof that was refused is a 401 as well, and ends nothing.
  if (answer.status === 401 && problem?.error === 'signed-out') signedOut();
  if (!problem) throw new Problem(answer.status, 'unknown', shell.noReason);
  await fetchPhrases(language.now);
  // A hub of before gives its word and its English alone.
  const sentence = problem.said ?? { code: problem.error, text: problem.message };
  throw new Problem(answer.status, problem.error, said(sentence), sentence.values, sentence.code);
}

/** What went wrong, in words. */
export function words(why: unknown): string {
  return why instanceof Error ? why.message : String(why);
}
