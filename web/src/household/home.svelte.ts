// The household as every page sees it: its people, devices and days, out of its signed document.

import { ask } from '../hub/api';
import { session } from '../hub/session.svelte';
import { speakAs } from '../words/index.svelte';
import { place } from '../words/time.svelte';

export interface Person {
  id: string;
  name: string;
  /** Year and month. */
  born: string;
  guardians?: string[];
  owner?: boolean;
  keys?: { recipient: string; signer: string };
}

export interface Device {
  id: string;
  name: string;
  kind: 'microphone' | 'camera' | 'phone';
  room?: string;
  person?: string;
  address?: string;
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
  circles: { name: string; recipient?: string; wrapped: Record<string, string> }[];
  consents: { person: string; purpose: string; device?: string; by: string; granted: string; withdrawn?: string }[];
  retention: unknown;
}

/** The document with its signature, as the hub keeps it. */
export interface SignedDocument {
  format: number;
  /** The exact JSON text that was signed. */
  document: string;
  /** A person, by id. */
  signer: string;
  signature: string;
}

/** None until it was loaded. */
export const home = $state<{ household: Household | null }>({ household: null });

/** Reads it. */
export async function load(): Promise<void> {
  const signed = await ask<SignedDocument>('GET', '/api/household');
  const household = JSON.parse(signed.document) as Household;
  home.household = household;
  place.zone = household.time_zone;
  speakAs(household.language);
}

/** Whoever is signed in. */
export function me(): Person | undefined {
  return home.household?.people.find((person) => person.name === session.name);
}
