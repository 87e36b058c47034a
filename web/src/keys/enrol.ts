// Keys and an account for somebody who is to sign in: made in the browser in which they type their passphrase, never at
// the hub. What `crates/household/src/member` and `crates/client/src/enrol.rs` do for the command line.
//
//   const keys = await makeKeys();                    // or keysFromLine(line), keysFromWrapped(wrapped, exportKey)
//   const recovery = await makeRecovery();
//   const { account, totp } = await newAccount({ person, name, household, passphrase, keys, recovery, register });
//     account: the body `NewAccount` of the API; totp: { secret, url } for the authenticator, shown once
//     register: takes the OPAQUE request to the hub and brings back its response, by whatever way there is:
//       (request) => ask('POST', '/api/setup/start', { code, person, request }).then(({ response }) => response)
//   recoveryKit(keys, recovery, name, household)      // the text to print; `age -d -i KIT` takes it as it is
//   await drawer.put(keys.member)                     // when they are whoever is in front of this browser
//   keys.wipe()                                       // at the end
//
// A first household: `person` is newId(), the same that the OPAQUE request was registered for.
//   const signed = await firstHousehold({ name, timeZone, language, person, owner, born, keys });
//
// `weakness(passphrase, known)` in passphrase.ts is to be asked before.

import { base32, base64, base64urlnopad } from '@scure/base';
import { age } from './age';
import { open as openWith } from './open';
import { FORMAT, newId, type Household, type PublicKeys, type SignedDocument } from '../household/document';
import { signed } from '../household/signature';
import { tendCircles } from '../household/circles';
import { ready } from './opaque';
import { accountKey, documentKey, lock, unwrapLine, wrapLine, type MemberKeys, type Signing } from './identity';
import { recoveryKey, type Recovery } from './recovery';
import { accountKey as vouchedKey, state } from './statement';

/** The keys of somebody, while they are being put away. */
export interface NewKeys {
  /** For the household document. */
  public: PublicKeys;
  /** For this browser's drawer; neither can be taken out of it. */
  member: MemberKeys;
  /** Binds changes of how they sign in. It is in no drawer. */
  account: Signing;
  /** The identity's line, `AGE-SECRET-KEY-1…`: everything else follows from it. */
  line: Uint8Array<ArrayBuffer>;
  /** Overwrites the line. */
  wipe: () => void;
}

/** What the hub must know to let a person sign in. */
export interface NewAccount {
  record: string;
  totp_secret: string;
  wrapped: string;
  account_key: string;
  vouched: string;
  recovery_key: string;
  signature: string;
}

/** A second factor to be: base32 to type, and the `otpauth://` URL to show as a square code. */
export interface Totp {
  secret: string;
  url: string;
}

/** That a text holds no key, or more than one. */
export class NotAKit extends Error {}

/** Fresh keys. */
export async function makeKeys(): Promise<NewKeys> {
  const { generateX25519Identity } = await age();
  return keysOf(await generateX25519Identity());
}

/** The keys of an identity's line, `AGE-SECRET-KEY-1…`. */
export async function keysFromLine(line: string): Promise<NewKeys> {
  try {
    return await keysOf(line);
  } catch {
    throw new NotAKit();
  }
}

/** The keys that the hub keeps wrapped, with the export key of a sign-in: to wrap them anew. */
export async function keysFromWrapped(wrapped: string, exportKey: string): Promise<NewKeys> {
  return keysOf(new TextDecoder().decode(await unwrapLine(bytes(wrapped), bytes(exportKey))));
}

export interface Newcomer {
  /** Their id in the household document. */
  person: string;
  name: string;
  /** What the household calls itself; for the authenticator's list. */
  household: string | undefined;
  passphrase: string;
  keys: NewKeys;
  /** What is on their kit. */
  recovery: Recovery;
  register: (request: string) => Promise<string>;
}

/** Makes the account of somebody: what proves the passphrase, a second factor, and the identity, wrapped; bound to them. */
export async function newAccount(who: Newcomer, totp = newTotp(who.household ?? 'your household', who.name)): Promise<{ account: NewAccount; totp: Totp }> {
  const { person, keys, recovery } = who;
  const { record, exportKey } = await registration(who.passphrase, who.register);
  const wrapped = await wrap(keys, exportKey);
  const signature = await state(keys, 'enrolled', [person, record, wrapped, recovery.signing.public]);
  const account = { record, totp_secret: totp.secret, wrapped, ...(await vouchedKey(keys)), recovery_key: recoveryKey(recovery), signature };
  return { account, totp };
}

/** The OPAQUE registration alone: for a new passphrase. */
export async function registration(passphrase: string, register: Newcomer['register']): Promise<{ record: string; exportKey: string }> {
  const { client } = await ready();
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password: passphrase });
  const registrationResponse = await register(registrationRequest);
  const done = client.finishRegistration({ clientRegistrationState, registrationResponse, password: passphrase });
  return { record: done.registrationRecord, exportKey: done.exportKey };
}

/** The identity, sealed for keeping at the hub under what a sign-in yields; base64url. The hub cannot open it, so whether it opens is found out here. */
export async function wrap(keys: NewKeys, exportKey: string): Promise<string> {
  const wrapped = await wrapLine(keys.line, bytes(exportKey));
  const again = await unwrapLine(wrapped, bytes(exportKey));
  const same = again.length === keys.line.length && again.every((byte, at) => byte === keys.line[at]);
  again.fill(0);
  if (!same) throw new Error('what was wrapped is not the identity');
  return base64urlnopad.encode(wrapped);
}

/** A fresh second factor. */
export function newTotp(household: string, person: string): Totp {
  return totpOf(base32.encode(crypto.getRandomValues(new Uint8Array(20))), household, person);
}

/** A secret that is there already, under the names that an authenticator shows it by. */
export function totpOf(secret: string, household: string, person: string): Totp {
  // The URL divides by colons.
  const plain = (name: string) => name.replaceAll(':', ' ').trim();
  const issuer = percent(`Porchlight ${plain(household)}`.trim());
  return { secret, url: `otpauth://totp/${issuer}:${percent(plain(person))}?secret=${secret}&issuer=${issuer}` };
}

export interface FirstHousehold {
  /** What it calls itself, if it does. */
  name?: string;
  /** IANA. */
  timeZone: string;
  language: string;
  /** The owner's id. */
  person: string;
  /** The owner's name. */
  owner: string;
  /** The owner's birth month, `YYYY-MM`. */
  born: string;
  keys: NewKeys;
}

/** The first version of a household's document, with the circle of its adults, signed by its owner. */
export async function firstHousehold(first: FirstHousehold): Promise<SignedDocument> {
  const household: Household = {
    format: FORMAT,
    id: newId(),
    version: 1,
    ...(first.name?.trim() ? { name: first.name.trim() } : {}),
    time_zone: first.timeZone,
    language: first.language,
    units: 'metric',
    people: [{ id: first.person, name: first.owner.trim(), born: first.born, owner: true, keys: first.keys.public }],
    devices: [],
    circles: [],
    consents: [],
    retention: { rules: [] },
  };
  const { identity, signer } = first.keys.member;
  await tendCircles(household, first.person, (sealed) => openWith(identity, sealed));
  return signed(household, first.person, async (text) => new Uint8Array(await crypto.subtle.sign('Ed25519', signer, text)));
}

/** A text to print and put away. It holds the member's own secrets and nothing of the hub's. */
export function recoveryKit(keys: NewKeys, recovery: Recovery, person: string, household: string | undefined): string {
  const [who, where] = [oneLine(person), oneLine(household ?? 'your household')];
  return `\
# Porchlight recovery kit of ${who}, ${where}
#
# These are your own keys, ${who}. Print this page and put it where you
# keep your passport. Do not photograph it, and do not send it to anyone.
#
# With it you can
#   - open recordings that you exported, without a hub and without Porchlight:
#         age -d -i THIS-FILE RECORDING.age > recording
#   - get back in when you forgot your passphrase or lost your phone.
#
# Whoever holds it can do the same. If it is lost, make a new kit: this one
# lets nobody in any more then. What is sealed to you it opens still.
#
# It cannot bring back what was forgotten. The keys of forgotten recordings are
# destroyed in the hub and were never on this page, so nobody can be made to
# hand them over, not even you.
#
# Your public key, which is no secret:
# ${keys.public.recipient}

# What gets you back in. It is on this page and nowhere else:
# recovery: ${recovery.text}
${new TextDecoder().decode(keys.line)}
`;
}

async function keysOf(text: string): Promise<NewKeys> {
  const { identityToRecipient } = await age();
  const line = new TextEncoder().encode(text);
  return {
    public: { recipient: await identityToRecipient(text), signer: base64.encode((await documentKey(line)).public) },
    member: await lock(line),
    account: await accountKey(line),
    line,
    wipe: () => line.fill(0),
  };
}

/** A name that could not break out of its comment line. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** Everything but letters, digits and `-_.~`. */
function percent(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64urlnopad.decode(text));
}
