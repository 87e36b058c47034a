// The hub's API, as the app asks it. The session is a cookie that this code never sees.

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
  media_type: string;
}

export interface Stays {
  recordings: number[];
  why: string;
}

export interface Preview {
  token: string | null;
  goes: Recording[];
  effects: Recording[];
  stays: Stays[];
  copies: string[];
}

export interface Forgotten {
  moments: number;
  recordings: number[];
  strongboxes: string[];
  complete: boolean;
  receipt: string | null;
}

export interface Session {
  id: string;
  client: string;
  this: boolean;
}

/** What the hub says is wrong, in its own words. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly word: string,
    message: string,
  ) {
    super(message);
  }
}

/** Asks the hub. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(method, path, body);
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

/** Asks the hub for something that is not JSON. */
export async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { 'x-porchlight': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null });
  } catch (why) {
    if (signal?.aborted) throw why;
    throw new Problem(0, 'no-hub', 'Your hub does not answer. Is it on, and is this phone at home?');
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => null)) as { error: string; message: string } | null;
  throw new Problem(answer.status, problem?.error ?? 'unknown', problem?.message ?? 'The hub gave no reason.');
}
