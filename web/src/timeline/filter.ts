// What of the days is shown: a sentence with four choices in it.

import type { Recording } from '../hub/api';

export interface Shown {
  /** A group of kinds; empty for everything. */
  kind: '' | keyof typeof KINDS;
  /** A name; `NOBODY` for what is of nobody known. */
  person: string;
  room: string;
  device: string;
}

export const KINDS = {
  said: ['voice', 'transcript', 'reply'],
  seen: ['video', 'snapshot'],
  left: ['note', 'timer', 'reminder'],
  places: ['location'],
} as const;

/** No name begins with a space. */
export const NOBODY = ' nobody';

export const EVERYTHING: Shown = { kind: '', person: '', room: '', device: '' };

export function isEverything({ kind, person, room, device }: Shown): boolean {
  return !kind && !person && !room && !device;
}

export function fits(recording: Recording, { kind, person, room, device }: Shown): boolean {
  if (kind && !(KINDS[kind] as readonly string[]).includes(recording.kind)) return false;
  if (person === NOBODY ? recording.person !== null : person && recording.person !== person && recording.owner !== person) return false;
  return (!room || recording.room === room) && (!device || recording.device === device);
}
