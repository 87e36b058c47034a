// The household's cameras as they are, and the last picture of each, where somebody asked to see it.

import { ask, Problem, type Recording } from '../hub/api';
import { session } from '../hub/session.svelte';
import { firstFrame } from '../media/frame';
import { look, type Why } from '../media/looks';
import { light } from '../parts/lamp.svelte';
import type { Sentence } from '../words/hub';
import { coalesced } from './soon';

/** A device, as the hub says it is. */
export interface Device {
  /** In the household's document. */
  id: string;
  name: string;
  kind: string;
  room: string | null;
  said: Sentence;
  recording: boolean;
  sound: boolean;
  missed: { from: string; to: string | null; said: Sentence }[];
  /** The newest piece of film that is kept. */
  last: { recording: number; moment: number; start: string; seconds: number } | null;
  /** Who looked at what a camera saw in the last minutes, or took it away as files, the newest last. */
  looks: { person: string; client: string; at: string; why: Why }[];
  /** Who watches it live now, whoever came first first. */
  watching: { look: string; person: string; client: string; since: string }[];
  /** Since when it has privacy and who switched that on: nothing of it is seen, heard or recorded. */
  privacy?: { since: string; by?: string | null } | null;
}

/** Who watches it live beside whoever is signed in, whoever came first first. */
export function othersWatching(device: Device): Device['watching'] {
  return (device.watching ?? []).filter(({ person }) => person !== session.name);
}

/** The same by name, each once. */
export function namesWatching(device: Device): string[] {
  return [...new Set(othersWatching(device).map(({ person }) => person))];
}

/** A picture that was opened. */
export interface Picture {
  recording: number;
  moment: number;
  /** When it was taken. */
  at: string;
  image: ImageBitmap;
}

/** This browser cannot show a camera's film. */
export class NotShown extends Error {}

export const cameras = $state({
  /** None until they were looked up. */
  all: null as Device[] | null,
  /** By the camera's name. */
  pictures: {} as Record<string, Picture | undefined>,
  /** Pictures are wanted for the rest of this visit. */
  wanted: false,
  /** They were closed by hand, and stay so for the rest of this visit. */
  closed: false,
  opening: false,
  /** What went wrong, for the page to put in words. */
  trouble: null as unknown,
});

/** Looks up how the cameras are. No look: nothing is opened. */
export const lookUp = coalesced(async () => {
  try {
    cameras.all = (await ask<Device[]>('GET', '/api/devices')).filter((device) => device.kind === 'camera');
  } catch (why) {
    // A hub out of reach is told by the shell; what stands here is from before.
    if (!(why instanceof Problem && why.word === 'no-hub')) cameras.trouble = why;
  }
});

let dark: (() => void) | null = null;

/** Opens the newest picture of each of these cameras. That is one look, and the ledger has it before the first byte comes. */
export async function show(names: string[]): Promise<void> {
  if (cameras.opening) return;
  cameras.closed = false;
  cameras.opening = true;
  cameras.trouble = null;
  try {
    // What was the newest a while ago may not be so now.
    const devices = (await ask<Device[]>('GET', '/api/devices')).filter((device) => device.kind === 'camera');
    cameras.all = devices;
    const newest = devices.filter((device) => names.includes(device.name) && device.last && cameras.pictures[device.name]?.recording !== device.last.recording);
    if (!newest.length) return;
    const { opened } = await look(newest.map((device) => device.last!.recording));
    for (const { recording, bytes } of opened) {
      await keep(recording, bytes).catch(() => {
        // The others can be shown all the same.
        cameras.trouble = new NotShown();
      });
    }
  } catch (why) {
    cameras.trouble = why;
  } finally {
    cameras.opening = false;
  }
}

async function keep(recording: Recording, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const name = recording.device ?? '';
  try {
    const image = await firstFrame(bytes, recording.media_type);
    // Signed out meanwhile.
    if (session.here !== 'in') return image.close();
    drop(name);
    cameras.pictures[name] = { recording: recording.id, moment: recording.moment, at: recording.start, image };
    dark ??= light();
  } finally {
    bytes.fill(0);
  }
}

function drop(name: string): void {
  cameras.pictures[name]?.image.close();
  delete cameras.pictures[name];
  if (Object.keys(cameras.pictures).length) return;
  dark?.();
  dark = null;
}

/** What is forgotten is gone from here too. */
export function forgotten(moments: number[]): void {
  for (const [name, picture] of Object.entries(cameras.pictures)) {
    if (picture && moments.includes(picture.moment)) drop(name);
  }
}

/** Nobody looks any more, until somebody asks again. */
export function close(): void {
  Object.assign(cameras, { wanted: false, closed: true });
  leave();
}

/** This page is left: its pictures are closed with it. */
export function leave(): void {
  Object.keys(cameras.pictures).forEach(drop);
}

/** In the household's order, but that a camera which has not recorded yet is last: the first one is the largest. */
export function byTiles(devices: Device[]): Device[] {
  return [...devices.filter(hasRecorded), ...devices.filter((device) => !hasRecorded(device))];
}

/** Of film that is sealed to others only this is known, that there was some. */
function hasRecorded({ recording, last, said }: Device): boolean {
  return recording || last !== null || ['camera-away', 'camera-away-long', 'camera-not-kept'].includes(said.code);
}

/** Whether it is known that no film of it is kept, whoever asks. */
export function isEmpty({ said }: Device): boolean {
  return ['camera-never', 'camera-away-long'].includes(said.code);
}

/** Whether it has privacy, or nobody agrees to its pictures: that is the household's choice and nothing that is missing. */
export function isUnwanted({ said }: Device): boolean {
  return ['camera-not-agreed', 'camera-privacy'].includes(said.code);
}

/** Switches the privacy of cameras on or off. When this returns, it is so. */
export async function switchPrivacy(ids: string[], on: boolean): Promise<void> {
  await ask('PUT', '/api/privacy', { on, cameras: ids });
  await lookUp();
}

/** Since when nothing of a camera is kept, where that is known, and why at present; null while its film is kept. */
export function missing(device: Device): { from: string | null; never: boolean; said: Sentence } | null {
  if (device.recording || isUnwanted(device)) return null;
  const open = device.missed.find((stretch) => stretch.to === null);
  if (!open) return null;
  const never = device.said.code === 'camera-never';
  const unknown = never || device.said.code === 'camera-away-long';
  return { from: unknown ? null : (device.said.values?.['since'] ?? open.from), never, said: open.said };
}
