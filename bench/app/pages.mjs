// The pages of somebody who is signed in.

import { AT_HOME, PHONE, throttle } from './phone.mjs';

/** Longer than anybody waits, in milliseconds. */
const PATIENCE = 60_000;

/** From opening the app to the first picture of a camera, for whoever asks for it as soon as they can: it is a look, so nothing is opened before. */
export async function firstPicture(context, { address, runs }) {
  const told = [];
  for (let run = 0; run < runs; run++) {
    const page = await context.newPage();
    await throttle(page, PHONE);
    await page.goto(`${address}/#/`);
    await page.getByRole('button', { name: /^Show the last picture/ }).click({ timeout: PATIENCE });
    const drawn = await page.waitForFunction(() => document.querySelector('main figure canvas')?.width > 0 && performance.now(), null, { timeout: PATIENCE, polling: 'raf' });
    told.push(await drawn.jsonValue());
    await page.close();
  }
  return told;
}

/** From a tap on a film in the timeline to its first frame on the screen: fetched, opened and decoded anew each time. */
export async function firstFrames(context, { address, runs }) {
  const told = [];
  for (let run = 0; run < 2 * runs; run++) {
    const page = await context.newPage();
    await throttle(page, AT_HOME);
    await page.goto(`${address}/#/timeline`);
    const play = page.getByRole('article').getByRole('button', { name: /^(Play|Open)/ }).last();
    await play.waitFor({ timeout: PATIENCE });
    await page.evaluate(() => {
      window.frame = new Promise((seen) => {
        let began = 0;
        addEventListener('click', () => (began = performance.now()), { capture: true, once: true });
        const watch = (video) => video.requestVideoFrameCallback(() => seen(performance.now() - began));
        const found = new Set();
        new MutationObserver(() => {
          for (const video of document.querySelectorAll('video')) {
            if (!found.has(video)) watch(video);
            found.add(video);
          }
        }).observe(document.body, { childList: true, subtree: true });
      });
    });
    await play.click();
    const shown = await Promise.race([page.evaluate(() => window.frame), new Promise((late) => setTimeout(late, PATIENCE, null))]);
    if (shown !== null) told.push(shown);
    await page.close();
  }
  return told;
}

/** A day of many moments: until its first line is there, and how it scrolls. */
export async function dayOfMany(context, { address, runs }) {
  const told = { first: [], frames: [] };
  for (let run = 0; run < runs; run++) {
    const page = await context.newPage();
    await throttle(page, AT_HOME);
    await page.goto(`${address}/#/timeline`);
    await page.getByRole('article').first().waitFor({ timeout: PATIENCE });
    told.first.push(await page.evaluate(() => performance.now()));
    told.frames.push(...(await page.evaluate(async () => {
      const next = () => new Promise((frame) => requestAnimationFrame(frame));
      const frames = [];
      let before = await next();
      for (let number = 0; number < 300; number++) {
        scrollBy(0, 240);
        const now = await next();
        frames.push(now - before);
        before = now;
      }
      return frames;
    })));
    await page.close();
  }
  return told;
}
