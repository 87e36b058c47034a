// Whom an owner is letting in: what the hub says of each invitation, and the codes, which the memory of this page alone has.

import { change, type ChangeDone } from '../household/change';
import type { Household, Person, PublicKeys } from '../household/document';
import { letIn } from '../household/edits';
import { home } from '../household/home.svelte';
import { ask, Problem } from '../hub/api';
import { commitmentTo, greet, isBinding, newCode, newNonce, numbersOf, secretsOf, type Made, type Secrets } from '../keys/invitation';
import { proven } from '../keys/step-up.svelte';
import { letIn as w } from '../words/let-in';

/** An invitation as the hub tells of it. */
export interface View {
  /** Who is asked in, by id. */
  person: string;
  /** By which it is known whether this page made it. */
  handle: string;
  until: string;
  state: 'waiting' | 'opened' | 'answered' | 'stopped' | 'ended';
  answer?: Made & { binding: string };
}

/** An invitation that was made on this page. */
interface Mine {
  code: string;
  secrets: Secrets;
  greeting: string;
  /** Given away only when an answer was taken. */
  nonce: string;
  /** The binding of the answer that was taken. No other is afterwards, so that nobody who knows the nonce chooses what is compared. */
  taken?: string;
  /** Whether the nonce is given, or being given. */
  given?: boolean;
}

/** What arrived, and was made by somebody who has the code. */
export interface Arrived {
  keys: PublicKeys;
  binding: string;
  numbers: string[];
}

/** How it stands with somebody. */
export type Standing =
  /** The code is out; on the newcomer's phone nothing has happened yet, or it is open there. */
  | { is: 'waiting' | 'opened'; code: string; until: string }
  /** Both are to compare the numbers. */
  | ({ is: 'answered' } & Arrived)
  /** It is under way, and its code was another page's, or this one's before it was loaded anew. */
  | { is: 'no-code'; answered: boolean }
  /** It is over: by the newcomer, by this page, by the clock, since the hub knows it no longer, or since what came was not made with the code or
   * was exchanged. */
  | { is: 'stopped' | 'stopped-here' | 'lost' | 'forged' }
  | { is: 'ended'; at: string };

class Invitations {
  /** By person; who is not there is not being let in. None before the hub was asked. */
  of = $state.raw<Record<string, Standing> | null>(null);
}

export const invitations = new Invitations();

/** By person. The code of an invitation is in no storage, and the hub never has it. */
const made = new Map<string, Mine>();
/** Whose they are, by id: whoever signs in here next has none of them. */
let owner = '';
/** Whose invitation is being decided here at this moment, by letting them in or by stopping: that it ends by it is no news. */
let deciding = '';
let asked = 0;
/** What was asked last. */
let newest = Promise.resolve();

/** Before a hub that did not answer is given the nonce again, in milliseconds. */
const AGAIN = 2000;

/** Makes a code for somebody. One that was made before ends with that. */
export async function invite(household: Household, me: Person, person: Person): Promise<void> {
  begin();
  const code = newCode();
  const nonce = newNonce();
  const [secrets, commitment] = await Promise.all([secretsOf(code), commitmentTo(nonce)]);
  const greeting = await greet(secrets, {
    household: household.id,
    household_name: household.name ?? null,
    person: person.id,
    name: person.name,
    by: me.name,
    by_signer: me.keys?.signer ?? '',
    commitment,
  });
  const view = await ask<View>('POST', '/api/invitations', { person: person.id, handle: secrets.handle, commitment, greeting });
  // What the hub was asked before has an older answer.
  asked += 1;
  made.set(person.id, { code, secrets, greeting, nonce });
  invitations.of = { ...invitations.of, [person.id]: await standing(view) };
}

/** Asks the hub how it stands with all of them. Whoever asked earlier waits for the newest answer too: before that they know nothing. */
export async function lookUp(): Promise<void> {
  begin();
  const mine = (asked += 1);
  newest = look(mine);
  await newest;
  if (mine !== asked) await newest;
}

async function look(mine: number): Promise<void> {
  const views = await ask<View[]>('GET', '/api/invitations');
  // Whatever was asked later has a newer answer, and so has what was made meanwhile.
  if (mine !== asked) return;
  const found = await Promise.all(views.map(async (view) => [view.person, await standing(view)] as const));
  if (mine !== asked) return;
  const before = invitations.of ?? {};
  const of: Record<string, Standing> = Object.fromEntries(found);
  // One that another screen made and ended is gone here too.
  const others = Object.keys(before).filter((person) => before[person]!.is === 'no-code');
  for (const person of [...made.keys(), ...others]) of[person] ??= { is: 'lost' };
  // What is over by this page's doing stays so until it is begun anew; the hub may have let go of it.
  for (const [person, { is }] of Object.entries(before)) if (is === 'forged' || is === 'stopped-here') of[person] = before[person]!;
  if (deciding in before) of[deciding] = before[deciding]!;
  invitations.of = of;
}

function begin(): void {
  if (owner === home.me) return;
  owner = home.me;
  made.clear();
  invitations.of = null;
}

/** Ends an invitation. */
export async function stop(person: string): Promise<void> {
  deciding = person;
  try {
    await end(person);
    made.delete(person);
    invitations.of = { ...invitations.of, [person]: { is: 'stopped-here' } };
  } finally {
    deciding = '';
  }
}

/** Lets somebody in with what arrived, for which the newcomer's screen shows the same numbers. Null when whoever is here would rather not say who they are. */
export async function admit({ id, name }: Person, { keys, binding }: Arrived): Promise<ChangeDone | null> {
  deciding = id;
  try {
    const done = await proven(w.why(name), (proof) =>
      change(async (next, me) => {
        await letIn(next, me, id, keys);
        return { let_in: { [id]: binding } };
      }, proof),
    );
    if (done) forget(id);
    return done;
  } finally {
    deciding = '';
    if (made.has(id)) await lookUp();
  }
}

/** Lets go of what is over, so that it can begin anew. */
export function forget(person: string): void {
  made.delete(person);
  const { [person]: _, ...rest } = invitations.of ?? {};
  invitations.of = rest;
}

async function standing({ person, handle, until, state, answer }: View): Promise<Standing> {
  // Where another screen has made a newer one, the code of this is of no use any more.
  if (made.get(person)?.secrets.handle !== handle) made.delete(person);
  const mine = made.get(person);
  if (state === 'stopped') return { is: 'stopped' };
  if (state === 'ended') return { is: 'ended', at: until };
  if (!mine) return { is: 'no-code', answered: state === 'answered' };
  if (state !== 'answered' || !answer) return { is: state === 'opened' ? 'opened' : 'waiting', code: mine.code, until };
  const { keys, binding } = answer;
  // Before any number is shown, and before the nonce is given: what was swapped on the way has none.
  if ((await isBinding(mine.secrets, mine.greeting, answer, binding)) && (mine.taken ??= binding) === binding) {
    void give(person, mine);
    return { is: 'answered', keys, binding, numbers: await numbersOf(mine.secrets, binding, mine.nonce) };
  }
  made.delete(person);
  const forged: Standing = { is: 'forged' };
  // At once: that it ends is heard of before the answer to ending it.
  invitations.of = { ...invitations.of, [person]: forged };
  await end(person).catch(() => undefined);
  return forged;
}

/** Gives the newcomer what the numbers hang on, for which their answer was taken. */
async function give(person: string, mine: Mine): Promise<void> {
  if (mine.given) return;
  mine.given = true;
  while (made.get(person) === mine) {
    try {
      return await ask('POST', `/api/invitations/${encodeURIComponent(person)}/nonce`, { nonce: mine.nonce });
    } catch (why) {
      // What the hub refuses it has a reason for, which it tells: the invitation is over, or nobody is signed in here.
      if (why instanceof Problem && why.status >= 400 && why.status < 500 && why.status !== 429) {
        mine.given = false;
        return;
      }
      await new Promise((wait) => setTimeout(wait, AGAIN));
    }
  }
}

async function end(person: string): Promise<void> {
  try {
    await ask('DELETE', `/api/invitations/${encodeURIComponent(person)}`);
  } catch (why) {
    // What is not there any more has ended.
    if (!(why instanceof Problem && why.status === 404)) throw why;
  }
}
