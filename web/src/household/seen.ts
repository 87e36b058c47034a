// The household as this browser saw it last, and what it takes from a hub from then on: the same document, or a later one
// that is signed by somebody whose key was in it. A hub that was broken into must not get its own reader signed.

import { areMine } from '../keys';
import { documents as w } from '../words/household';
import { read, type Household, type Person, type SignedDocument } from './document';
import { isSignedBy } from './signature';

/** That the hub shows another household than it should; says in words what is wrong with it. */
export class NotTheHousehold extends Error {
  constructor(
    readonly what: keyof typeof w.why,
    detail: string,
  ) {
    super(`${w.notIt(w.why[what](detail))} ${w.doNotGoOn}`);
  }

  /** What else could explain it, which only the people of the household know; none where nothing could. */
  get orElse(): string | undefined {
    return w.orElse[this.what];
  }
}

/** Whole, as the hub showed it. It names people and devices, and nothing that was said or seen. */
const KEPT = 'porchlight.household';

/** Takes what a hub shows, or throws `NotTheHousehold`. */
export async function accept(signed: SignedDocument): Promise<{ household: Household; me: Person }> {
  const household = await verifySeen(signed, seen());
  const me = await whoseKeys(household);
  // Whoever shows a document without the key that opens what is sealed to me wants another's in its place.
  if (!me) throw new NotTheHousehold('notMe', '');
  remember(signed);
  return { household, me };
}

/** From now on, nothing older than this. */
export function remember(signed: SignedDocument): void {
  localStorage.setItem(KEPT, JSON.stringify(signed));
}

/** What the hub shows next is taken as it is, if it is signed by somebody in it: a decision of whoever is in front of this browser. */
export function startAnew(): void {
  localStorage.removeItem(KEPT);
}

/** With the document seen last, the same one or a later one; without one, any that is signed by somebody in it. */
export async function verifySeen(signed: SignedDocument, last: SignedDocument | null): Promise<Household> {
  const household = legible(signed);
  if (last?.document === signed.document) return household;
  const known = last ? legible(last) : household;
  if (household.id !== known.id) throw new NotTheHousehold('other', '');
  if (last && household.version <= known.version) throw new NotTheHousehold('older', `${household.version}, ${known.version}`);
  const signer = known.people.find((person) => person.id === signed.signer);
  if (!signer?.keys) throw new NotTheHousehold('stranger', household.people.find((person) => person.id === signed.signer)?.name ?? '');
  if (!(await isSignedBy(signed, signer.keys))) throw new NotTheHousehold('signature', signer.name);
  return household;
}

function seen(): SignedDocument | null {
  const kept = localStorage.getItem(KEPT);
  return kept === null ? null : (JSON.parse(kept) as SignedDocument);
}

function legible(signed: SignedDocument): Household {
  try {
    return read(signed.document);
  } catch (why) {
    throw new NotTheHousehold('illegible', why instanceof Error ? why.message : '');
  }
}

async function whoseKeys(household: Household): Promise<Person | undefined> {
  for (const person of household.people) {
    if (person.keys && (await areMine(person.keys))) return person;
  }
  return undefined;
}
