// The changes that a household makes to its document, each as the command line makes it (`crates/household/src/household/edit.rs`).
// Whether the signer may make it is for the hub to say, which checks it again.

import { hubsTime } from '../hub/clock';
import { openMine } from '../keys';
import { documents as w } from '../words/household';
import { expel, leave, tendCircles } from './circles';
import { now, type Consent, type Device, type Household, type Person, type PublicKeys, type Purpose, type Rule } from './document';
import { decides } from './people';

/** What is agreed to: a purpose, and for a camera's purposes the camera. */
export interface Agreement {
  purpose: Purpose;
  device?: string;
}

/** The consent of a person that stands, given by somebody who may still give it. */
export function standing(household: Household, person: string, to: Agreement): Consent | undefined {
  const whose = household.people.find(({ id }) => id === person);
  const by = (consent: Consent) => household.people.find(({ id }) => id === consent.by);
  return household.consents.find((consent) => isAbout(consent, person, to) && whose !== undefined && decides(household, by(consent), whose));
}

/** The cameras whose film is kept, by somebody's yes that stands. */
export function filming(household: Household): Device[] {
  return household.devices.filter((device) => device.kind === 'camera' && isAgreed(household, 'security', device));
}

/** Whether somebody's yes to a camera's pictures or sound stands. */
export function isAgreed(household: Household, purpose: 'security' | 'sound', device: Device): boolean {
  return household.people.some(({ id }) => standing(household, id, { purpose, device: device.id }));
}

/** As far as it is agreed to anything, the household as it is without somebody: what they agreed to, for others too, goes with them. */
export function agreedWithout(household: Household, id: string): Household {
  const people = household.people.filter((person) => person.id !== id);
  return { ...household, people, consents: household.consents.filter((consent) => consent.person !== id && consent.by !== id) };
}

/** Writes down that `by` agrees, for themself or for a child they guard. What stands already is left as it is. */
export function grant(household: Household, by: string, person: string, to: Agreement): void {
  if (standing(household, person, to)) return;
  // One that lapsed (a guardian's, of a child who has grown up) ends when the new one begins.
  close(household, person, to, now());
  household.consents.push({ person, by, ...to, granted: now() });
}

/**
 * Writes down that `by` takes back what was agreed to for a person. What was kept for it is forgotten by the hub. It is dated by the hub's
 * clock, which wants a date of now: whoever wants less to be kept is not held up by a browser that shows another year.
 */
export async function withdraw(household: Household, by: string, person: string, from: Agreement): Promise<void> {
  close(household, person, from, await hubsTime(), by === person ? undefined : by);
}

/** Ends what was agreed to: by who took it back in another's stead, or without anybody's doing. */
function close(household: Household, person: string, from: Agreement, at: string, by?: string): void {
  for (const consent of household.consents.filter((consent) => isAbout(consent, person, from))) {
    if (by !== undefined) consent.withdrawn_by = by;
    // One that was granted by a clock ahead of this one ends where it began.
    consent.withdrawn = new Date(Math.max(Date.parse(at), Date.parse(consent.granted))).toISOString();
  }
}

export async function addPerson(household: Household, me: Person, person: Person): Promise<void> {
  household.people.push(person);
  await tendCircles(household, me.id, openMine);
}

/** Gives somebody the keys that they made: from then on they sign in, and open what is sealed to them. */
export async function letIn(household: Household, me: Person, id: string, keys: PublicKeys): Promise<void> {
  const person = still(household.people.find((person) => person.id === id));
  // Nobody's keys take the place of another's.
  if (person.keys) throw new Error(w.inAlready(person.name));
  person.keys = keys;
  await tendCircles(household, me.id, openMine);
}

/** What is written about somebody, and may be put right. */
export interface Details {
  name: string;
  /** Year and month. */
  born: string;
  /** Everybody who looks after them. */
  guardians: string[];
  owner: boolean;
}

/** Corrects what is written about somebody; what is absent stays as it is. */
export async function changePerson(household: Household, me: Person, id: string, { name, born, guardians, owner }: Partial<Details>): Promise<void> {
  const person = still(household.people.find((person) => person.id === id));
  if (name !== undefined) person.name = name;
  if (born !== undefined) person.born = born;
  if (owner !== undefined) person.owner = owner;
  if (guardians) {
    // Whoever comes is given the child's circle by one who holds it, before those who go take its key along.
    const before = person.guardians ?? [];
    person.guardians = [...new Set([...before, ...guardians])];
    await tendCircles(household, me.id, openMine);
    for (const left of before.filter((guardian) => !guardians.includes(guardian))) {
      leave(household, `guardians:${id}`, left);
      for (const { purpose } of agreedInTheirStead(household, id, left)) close(household, id, { purpose }, now());
    }
    if (guardians.length) person.guardians = [...guardians];
    else delete person.guardians;
  }
  await tendCircles(household, me.id, openMine);
}

/** The purposes that were agreed to in somebody's stead by who would look after them no more: that ends with it. */
export function endsWith(household: Household, id: string, guardians: string[]): Purpose[] {
  const before = household.people.find((person) => person.id === id)?.guardians ?? [];
  return before.filter((guardian) => !guardians.includes(guardian)).flatMap((left) => agreedInTheirStead(household, id, left).map(({ purpose }) => purpose));
}

/** With their consents, those they gave for others, and their rules. Their personal devices become shared. */
export async function removePerson(household: Household, me: Person, id: string): Promise<void> {
  still(household.people.find((person) => person.id === id));
  household.people = household.people.filter((person) => person.id !== id);
  for (const person of household.people) {
    if (!person.guardians) continue;
    person.guardians = person.guardians.filter((guardian) => guardian !== id);
    if (person.guardians.length === 0) delete person.guardians;
  }
  for (const device of household.devices) if (device.person === id) delete device.person;
  household.consents = household.consents.filter((consent) => consent.person !== id && consent.by !== id);
  for (const consent of household.consents) if (consent.withdrawn_by === id) delete consent.withdrawn_by;
  household.retention.rules = household.retention.rules.filter((rule) => rule.person !== id);
  expel(household, id);
  await tendCircles(household, me.id, openMine);
}

/** A camera comes with the consent of the adult who adds it to its pictures: not to its sound. */
export function addDevice(household: Household, me: Person, device: Device): void {
  household.devices.push(device);
  if (device.kind === 'camera') grant(household, me.id, me.id, { purpose: 'security', device: device.id });
}

/** Corrects what a device is called and the room it is in; without a room it is carried around. */
export function changeDevice(household: Household, id: string, name: string, room: string): void {
  const device = still(household.devices.find((device) => device.id === id));
  device.name = name;
  if (room) device.room = room;
  else delete device.room;
}

/** Where a camera is reached: its host alone. */
export function moveCamera(household: Household, id: string, host: string): void {
  still(household.devices.find((device) => device.id === id)).address = host;
}

/** With every consent to it and every rule about it. */
export function removeDevice(household: Household, id: string): void {
  still(household.devices.find((device) => device.id === id));
  household.devices = household.devices.filter((device) => device.id !== id);
  household.consents = household.consents.filter((consent) => consent.device !== id);
  household.retention.rules = household.retention.rules.filter((rule) => rule.device !== id);
}

/** What an edit is about may be gone by now: somebody was faster. Then nothing is signed, and it is said. */
function still<T>(there: T | undefined): T {
  if (!there) throw new Error(w.goneAlready);
  return there;
}

/** Sets how long what the rule names is kept, in place of an earlier rule about the same; without a time, by the default again. */
export function setRule(household: Household, about: Omit<Rule, 'keep'>, keep: string | null): void {
  const same = (rule: Rule) => rule.kind === about.kind && rule.device === about.device && rule.person === about.person;
  const standing = household.retention.rules.filter(same);
  if (standing.length === 1 && standing[0]?.keep === keep) return;
  household.retention.rules = household.retention.rules.filter((rule) => !same(rule));
  if (keep !== null) household.retention.rules.push({ ...about, keep });
}

function agreedInTheirStead(household: Household, id: string, guardian: string): Consent[] {
  return household.consents.filter((consent) => consent.person === id && consent.by === guardian && consent.withdrawn === undefined);
}

function isAbout(consent: Consent, person: string, to: Agreement): boolean {
  return consent.withdrawn === undefined && consent.person === person && consent.purpose === to.purpose && consent.device === to.device;
}
