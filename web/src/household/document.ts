// The household document, field by field as it is written in JSON (`crates/household/src/document`). What is signed is the
// exact text, so whatever is absent here is absent there.

export interface PublicKeys {
  /** What recordings are sealed to: `age1…`. */
  recipient: string;
  /** What documents are signed with: Ed25519, base64. */
  signer: string;
}

export interface Person {
  id: string;
  name: string;
  /** Year and month. */
  born: string;
  guardians?: string[];
  owner?: boolean;
  keys?: PublicKeys;
}

export type DeviceKind = 'microphone' | 'camera' | 'phone';

export interface Device {
  id: string;
  name: string;
  kind: DeviceKind;
  room?: string;
  /** The adult it is personal to, who has said that nobody else speaks there. */
  person?: string;
  /** Without user and password. */
  address?: string;
}

export interface Circle {
  /** `adults`, or `guardians:` and a child's id. */
  name: string;
  /** Absent while it is retired. */
  recipient?: string;
  /** By person: the circle's identities, sealed to theirs; an age file in base64. */
  wrapped: Record<string, string>;
}

export type Purpose = 'history' | 'security' | 'sound' | 'recognition' | 'reminder' | 'sharing' | 'training';

export interface Consent {
  person: string;
  by: string;
  purpose: Purpose;
  /** The camera, for `security` and `sound`. */
  device?: string;
  granted: string;
  withdrawn?: string;
  /** Who took it back, where that was somebody else and of their own will. */
  withdrawn_by?: string;
}

export type Kind = 'voice' | 'transcript' | 'reply' | 'video' | 'snapshot' | 'location' | 'voiceprint' | 'note' | 'timer' | 'reminder' | 'look';

/** How long to keep what is of this kind, from this device and about this person. What is not named fits everything. */
export interface Rule {
  kind?: Kind;
  device?: string;
  person?: string;
  /** `30 days`, or `forever`. */
  keep: string;
}

export interface Household {
  format: number;
  id: string;
  version: number;
  name?: string;
  time_zone: string;
  language: string;
  units: 'metric' | 'imperial';
  people: Person[];
  devices: Device[];
  circles: Circle[];
  consents: Consent[];
  retention: { rules: Rule[] };
}

/** The document with its signature, as the hub keeps it. */
export interface SignedDocument {
  format: number;
  /** The exact JSON text that was signed. */
  document: string;
  /** A person, by id. */
  signer: string;
  /** Ed25519, base64. */
  signature: string;
}

/** The format that is written, and the newest that is read. */
export const FORMAT = 1;

/** Letters and digits that are hard to mistake for each other when read aloud: 32 of them. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz023456789';

/** A fresh id, for a person, a device or a household. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => ALPHABET[byte % 32]).join('');
}

/** Now, as the document writes it. */
export function now(): string {
  return new Date().toISOString();
}

/** The text of a document, which is not verified by that. Throws what is wrong with it. */
export function read(text: string): Household {
  const document = JSON.parse(text) as Household;
  if (document.format !== FORMAT) throw new Error(`format ${String(document.format)}`);
  // What serde takes as absent.
  for (const list of ['devices', 'circles', 'consents'] as const) document[list] ??= [];
  document.retention ??= { rules: [] };
  document.retention.rules ??= [];
  if (!Array.isArray(document.people) || typeof document.version !== 'number' || typeof document.id !== 'string') throw new Error('no household');
  return document;
}

/** The text that is signed. Fields of people and devices that hold nothing are left out, as the hub's own writing does. */
export function write(document: Household): string {
  return JSON.stringify(document);
}
