// A house with film, and the app's player.

import type { Page } from '@playwright/test';
import { StandInCamera, type House } from './house';
import { expect } from './test';

/** A house whose porch was filmed: this many pieces of about four seconds. */
export async function filmed(house: House, pieces: number, after: (camera: StandInCamera) => Promise<void> = async (camera) => camera.close()): Promise<void> {
  const camera = await StandInCamera.start();
  try {
    await house.addCamera('Porch', camera.url);
    await expect.poll(async () => (await house.anna('list', '--kind', 'video')).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(pieces);
  } finally {
    await after(camera);
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
