// The household as this browser saw it last, and what it takes from a hub from then on: the same document, or a later one
// to which signed steps lead from there. A hub that was broken into must not get its own reader signed.

import { ask } from '../hub/api';
import { areMine } from '../keys';
import { NotTheHousehold } from './alarm';
import { read, type Household, type Person, type SignedDocument } from './document';
import { isSignedBy } from './signature';
import { digest, dueAfter, type SignedStep } from './steps';

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

/** With the document seen last, the same one or a later one to which the steps lead; without one, any that is signed by somebody in it. */
async function verifySeen(signed: SignedDocument, last: SignedDocument | null): Promise<Household> {
  const household = legible(signed);
  if (last?.document === signed.document) return household;
  const known = last ? legible(last) : household;
  if (last) checkIsLater(household, known);
  const due = await dueAfter(last ?? signed, last ? await stepsAfter(known) : [], household.version);
  const nameIn = ({ people }: Household) => people.find((person) => person.id === signed.signer)?.name;
  const signer = due.signers.get(signed.signer);
  if (!signer) throw new NotTheHousehold('stranger', nameIn(household) ?? '');
  if (!(await isSignedBy(signed, signer.key))) throw new NotTheHousehold('signature', nameIn(known) ?? nameIn(household) ?? '');
  if (due.document !== undefined && due.document !== (await digest(signed))) throw new NotTheHousehold('fork', String(household.version));
  return household;
}

function checkIsLater(household: Household, known: Household): void {
  if (household.id !== known.id) throw new NotTheHousehold('other', '');
  if (household.version === known.version) throw new NotTheHousehold('fork', String(known.version));
  if (household.version < known.version) throw new NotTheHousehold('older', `${household.version}, ${known.version}`);
}

function stepsAfter({ version }: Household): Promise<SignedStep[]> {
  return ask('GET', `/api/household/steps?after=${version}`);
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
