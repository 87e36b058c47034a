// A house with film, and the app's player.

import type { Page } from '@playwright/test';
import { holdsSound } from '../src/media/sound';
import { StandInCamera, type House } from './house';
import { expect } from './test';

/** A house whose porch was filmed: this many pieces of about four seconds; with its sound where that is asked for. */
export async function filmed(house: House, pieces: number, ...how: '--sound'[]): Promise<void> {
  const camera = await StandInCamera.start(...how);
  try {
    await house.addCamera('Porch', camera.url);
    if (how.length) await house.anna('consent', 'grant', 'Anna', 'sound:Porch');
    const wanted = ({ media_type }: Record<string, unknown>) => !how.length || holdsSound(String(media_type));
    await expect.poll(async () => (await house.anna('list', '--kind', 'video')).filter(wanted).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(pieces);
  } finally {
    camera.close();
  }
}

export interface State {
  at: number;
  paused: boolean;
  buffered: [number, number][];
  width: number;
}

export async function state(page: Page): Promise<State> {
  return page.locator('video').evaluate((video: HTMLVideoElement) => ({
    at: video.currentTime,
    paused: video.paused,
    width: video.videoWidth,
    buffered: Array.from({ length: video.buffered.length }, (_, range): [number, number] => [video.buffered.start(range), video.buffered.end(range)]),
  }));
}

export const film = (page: Page) => page.getByRole('button', { name: /^Open the film/ }).first();
export const position = (page: Page) => page.getByRole('slider', { name: 'Where it plays' });

/** Shows what was said within half an hour in one room one by one, wherever it is folded. */
export async function unfold(page: Page): Promise<void> {
  await expect(page.getByRole('article').first()).toBeVisible();
  const folded = page.getByRole('button', { name: /^One by one/ });
  while (await folded.count()) await folded.first().click();
}
