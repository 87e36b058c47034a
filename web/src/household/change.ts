// Changing the household: read the signed document, check it, edit it, sign the next version, send it.

import { ask, Problem, type Forgotten } from '../hub/api';
import * as keys from '../keys';
import { documents as w } from '../words/household';
import type { Household, Person, SignedDocument } from './document';
import { show } from './home.svelte';
import { accept, remember } from './seen';
import { signed } from './signature';
import { signedStep } from './steps';

/** What goes along with a document, and never into it. */
export interface Extras {
  /** For each new camera, by id, its address with user and password. */
  addresses?: Record<string, string>;
  /** For each person who is let in, by id, the binding of what they answered an invitation with. */
  let_in?: Record<string, string>;
}

export interface ChangeDone {
  version: number;
  /** The recordings that lost their reason to be kept, and are forgotten. */
  forgotten: number[];
  /** The same in words; empty when nothing follows. */
  sentence: string;
  /** The deletions by which they went, each with its receipt; none where nothing was kept. */
  deletions: Forgotten[];
  /** Whether it stood so already, so that nothing was signed. */
  stood?: boolean;
}

/** Edits a copy of the document that is at hand; whatever it throws is told, and nothing is changed. */
export type Edit = (household: Household, me: Person) => Extras | void | Promise<Extras | void>;

/**
 * If somebody else changed the household meanwhile, the edit is made anew on what they left. `proof` is the hub's word for a proof that
 * was made for this change; the hub says where it takes one (see `proven`).
 */
export async function change(edit: Edit, proof?: string): Promise<ChangeDone> {
  for (let tries = 0; tries < 3; tries += 1) {
    const before = await ask<SignedDocument>('GET', '/api/household');
    const { household, me } = await accept(before);
    const next = structuredClone(household);
    const extras = (await edit(next, me)) ?? {};
    if (isSame(next, household) && Object.keys(extras).length === 0) {
      show(household, me.id);
      return { version: household.version, forgotten: [], sentence: '', deletions: [], stood: true };
    }
    next.version = household.version + 1;
    const document = await signed(next, me.id, keys.sign);
    const step = await signedStep(before, document, keys.sign);
    try {
      const done = await ask<ChangeDone>('PUT', '/api/household', { signed: document, step, ...extras, ...(proof === undefined ? {} : { proof }) });
      remember(document);
      show(next, me.id);
      return done;
    } catch (why) {
      if (!(why instanceof Problem) || why.word !== 'conflict') throw why;
    }
  }
  throw new Error(w.busy);
}

/** A version says that something was changed: what stands already is not signed once more. */
function isSame(next: Household, before: Household): boolean {
  return JSON.stringify(next) === JSON.stringify(before);
}
