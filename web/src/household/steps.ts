// The steps of a household from one version to the next (`crates/household/src/signed/step.rs`): whose key could sign from then
// on, and on which document it was made. The hub keeps no older document, since it names people; by its steps a browser that has seen one still
// finds out whether the newest follows from it, though somebody may have signed it who came in between.

import { base64 } from '@scure/base';
import { NotTheHousehold } from './alarm';
import { FORMAT, read, type SignedDocument } from './document';
import { isSignature, type Sign } from './signature';

/** A step with its signature, as the hub keeps it. */
export interface SignedStep {
  /** The exact JSON text that was signed. */
  step: string;
  /** A person, by id in the version before. */
  signer: string;
  /** Ed25519, base64. */
  signature: string;
}

/** Whose key can sign, by person. */
type Signers = ReadonlyMap<string, Signer>;

interface Signer {
  /** Ed25519, base64. */
  key: string;
  owner: boolean;
}

/** What a step says. */
interface Step {
  format: number;
  household: string;
  /** The version that it leads to. */
  version: number;
  /** The document that the version was made on: the SHA-256 of its text, base64. */
  follows: string;
  /** The document of the version, likewise. */
  document: string;
  signers: Record<string, Signer>;
}

/** A version, as far as steps know it. */
interface Place {
  household: string;
  version: number;
  document: string;
  signers: Signers;
}

/** What stands before the text in what is signed, so that a signature over it can mean nothing else. */
const CONTEXT = 'porchlight household step v1\0';

/** Signs the step from one version to the next, in the name of whoever signed that. */
export async function signedStep(before: SignedDocument, next: SignedDocument, sign: Sign): Promise<SignedStep> {
  const { household, version, document, signers } = await placeOf(next);
  const said: Step = { format: FORMAT, household, version, follows: await digest(before), document, signers: Object.fromEntries(signers) };
  const step = JSON.stringify(said);
  return { step, signer: next.signer, signature: base64.encode(await sign(bytes(step))) };
}

/** What a later version of a household has to be like. */
interface Due {
  /** Whose key may have signed it. */
  signers: Signers;
  /** Which document it is, by the digest of its text; none where no step says so. */
  document: string | undefined;
}

/**
 * Follows the steps from the document that was seen to a later version, each signed by somebody who could at the version before. Where the
 * first of them is missing, since no hub keeps them for ever, whoever could sign then is taken to be able to still.
 */
export async function dueAfter(seen: SignedDocument, steps: SignedStep[], version: number): Promise<Due> {
  let place = await placeOf(seen);
  let { signers } = place;
  if (steps[0] === undefined || said(steps[0]).version !== place.version + 1) return { signers, document: undefined };
  for (const step of steps.slice(0, version - place.version)) {
    signers = place.signers;
    place = await after(place, step);
  }
  if (place.version !== version) throw new NotTheHousehold('gap', String(place.version + 1));
  return { signers, document: place.document };
}

/** Where a step leads from a place, if somebody took it who may. */
async function after(place: Place, signed: SignedStep): Promise<Place> {
  const due = place.version + 1;
  const signer = place.signers.get(signed.signer);
  if (!signer) throw new NotTheHousehold('strangersStep', String(due));
  if (!(await isSignature(signer.key, signed.signature, bytes(signed.step)))) throw new NotTheHousehold('changedStep', String(due));
  const { household, version, follows, document, signers } = said(signed);
  if (household !== place.household) throw new NotTheHousehold('other', '');
  if (version !== due) throw new NotTheHousehold('gap', String(due));
  if (follows !== place.document) throw new NotTheHousehold('fork', String(place.version));
  const next = { household, version, document, signers: new Map(Object.entries(signers)) };
  if (!signer.owner && !differsByTheKeyOf(signed.signer, place.signers, next.signers)) throw new NotTheHousehold('forbiddenStep', String(due));
  return next;
}

/** Whether nothing is different but the key of one person: all that a member who owns nothing may change about signing. */
function differsByTheKeyOf(person: string, before: Signers, next: Signers): boolean {
  const same = ([id, signer]: [string, Signer]) => {
    const known = before.get(id);
    return known !== undefined && known.owner === signer.owner && (id === person || known.key === signer.key);
  };
  return before.size === next.size && [...next].every(same);
}

async function placeOf(signed: SignedDocument): Promise<Place> {
  const { id, version, people } = read(signed.document);
  const signers = people.flatMap((person) => (person.keys ? [[person.id, { key: person.keys.signer, owner: person.owner ?? false }] as const] : []));
  return { household: id, version, document: await digest(signed), signers: new Map(signers) };
}

function said(signed: SignedStep): Step {
  try {
    const step = JSON.parse(signed.step) as Step;
    if (step.format === FORMAT && Object.values(step.signers).every(({ key }) => typeof key === 'string')) return step;
  } catch {
    // Told below.
  }
  throw new NotTheHousehold('illegible', '');
}

/** The SHA-256 of a document's text, base64. */
export async function digest(signed: SignedDocument): Promise<string> {
  const text = new TextEncoder().encode(signed.document);
  return base64.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
}

function bytes(step: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(CONTEXT + step);
}
