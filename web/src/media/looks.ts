// Looking: the hub writes a look into the ledger, then hands out what is sealed; this browser opens it.
// What is opened together is one look, and its pass lives for an hour.

import { ask, Problem, send, type Recording, type Selection } from '../hub/api';
import { meet } from '../ledger/state.svelte';
import { stepUp } from '../keys/step-up.svelte';
import { media as mediaWords } from '../words/media';
import { open, ready, whole } from './decrypt';

export type Why = 'open' | 'export';

export interface Pass {
  look: number;
  recordings: Recording[];
  sealed_to_others: number;
  /** The signed checkpoint that covers the look's line: the hub is held to it from now on. */
  checkpoint?: string;
}

/** A recording that was opened. */
export interface Opened {
  recording: Recording;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The hub keeps a pass for an hour; a little less, so that none ends between the asking and the answer. */
const LIVES = 58 * 60_000;
/** How many files of one look are under way at the same time. */
const ABREAST = 6;

/** One look: what of it is sealed to this member, opened, and how many recordings are sealed to others alone. */
export async function look(ids: number[], why: Why = 'open'): Promise<{ opened: Opened[]; others: number }> {
  const pass = await enter({ ids }, why);
  const opened: Opened[] = [];
  await each(pass.recordings, async (recording) => {
    opened.push({ recording, bytes: await whole(file(pass, recording.id)) });
  });
  return { opened, others: pass.sealed_to_others };
}

/** Enters a look into the ledger; what it lets this browser fetch. */
export async function enter(selection: Selection, why: Why = 'open'): Promise<Pass> {
  ready();
  const pass = await ask<Pass>('POST', '/api/looks', { selection, why });
  // A hub that is away is told of by what was asked of it, and one that lies by the alarm.
  if (pass.checkpoint) void meet(pass.checkpoint).catch(() => undefined);
  return pass;
}

/** A recording of a look, opened piece by piece as it comes. Where it was not asked for by hand, nobody is asked for a proof either. */
export async function* file(pass: Pick<Pass, 'look'>, id: number, signal?: AbortSignal, byHand = true): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const fetch = () => send('GET', `/api/looks/${pass.look}/${id}`, undefined, signal);
  const answer = await fetch().catch(async (why: unknown) => {
    if (!(byHand && why instanceof Problem && why.word === 'step-up')) throw why;
    if (!(await prove())) throw why;
    return fetch();
  });
  if (answer.body) yield* open(answer.body, id);
}

/** Very much in one day takes a proof of who it is. It is asked for once, however many files wait for it. */
let proving: Promise<boolean> | null = null;

function prove(): Promise<boolean> {
  proving ??= stepUp(mediaWords.much).finally(() => (proving = null));
  return proving;
}

/** Does something with each, a few at the same time; the first trouble ends it. */
export async function each<T>(all: T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  const hand = async (): Promise<void> => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(ABREAST, all.length) }, hand));
}

/** The recordings that one player opens, each under a look that still lives. */
export class Passes {
  private readonly held = new Map<number, { look: number; until: number }>();

  /** Opens one. Where no look covers it, one is made for all that will be opened `together` with it. */
  async *open(id: number, together: number[], signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const held = this.held.get(id);
    const known = held && held.until > Date.now() ? held : null;
    try {
      yield* file(known ?? (await this.enter(id, together)), id, signal);
    } catch (why) {
      // The hub does not remember this look: it was started anew, or many others were made since.
      if (!(known && why instanceof Problem && why.status === 403 && why.word !== 'step-up')) throw why;
      yield* file(await this.enter(id, together), id, signal);
    }
  }

  /** Whether a look is in the ledger that covers it. */
  covers(id: number): boolean {
    return (this.held.get(id)?.until ?? 0) > Date.now();
  }

  private async enter(id: number, together: number[]): Promise<{ look: number }> {
    const until = Date.now() + LIVES;
    const pass = await enter({ ids: [id, ...together.filter((other) => other !== id)] }).catch((why: unknown) => {
      // One of the others was forgotten meanwhile.
      if (why instanceof Problem && why.status === 404 && together.length > 1) return enter({ ids: [id] });
      throw why;
    });
    for (const recording of pass.recordings) this.held.set(recording.id, { look: pass.look, until });
    return pass;
  }
}
