// What every test of the app starts from: a household, and somebody who has its app open.

import { test as base, expect, type Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { code, House, type HouseOptions } from './house';

export { expect };
export { House };

/** For what a test fetches in a page's stead: a hub ends a connection that rests, and a browser asks again then. */
export const ONCE_MORE = { maxRetries: 2 };

/** Every page is judged at these widths: the narrowest that is promised, a phone, a desktop. */
const SIZES = [[320, 640], [390, 844], [1280, 800]] as const;
/** What by night may be otherwise than by day: colours, and nothing else. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** Somebody in front of the app. */
export class Somebody {
  /** What went wrong in the page without a word, and what it asked for elsewhere. */
  readonly troubles: string[] = [];

  constructor(
    readonly page: Page,
    readonly house: House,
  ) {
    page.on('pageerror', (error) => this.troubles.push(String(error)));
    page.on('console', (message) => {
      // That a session is over, or something refused, is told in words, and by the browser in its own.
      if (message.type() === 'error' && !/status of (401|403|404|409|429|503)/.test(message.text())) this.troubles.push(message.text());
    });
    page.on('request', (request) => {
      const here = request.url().startsWith(house.address) || /^(blob|data):/.test(request.url());
      if (!here) this.troubles.push(`asked elsewhere: ${request.url()}`);
    });
  }

  /** Opens a page of the app, by the part of its address after the `#/`. */
  async open(path = ''): Promise<void> {
    await this.page.goto(`${this.house.address}/#/${path}`);
  }

  async signIn(name = 'Anna', path = ''): Promise<void> {
    await this.open(path);
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByLabel('Your passphrase').fill(this.house.passphrase(name));
    await this.page.getByLabel(/six digits/).fill(this.digits(name));
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(this.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  }

  /** Opens the sheet to talk in, on a phone. */
  async talk(): Promise<void> {
    await this.page.getByRole('button', { name: /^(Talk|Sprechen)$/ }).click();
    await expect(this.page.locator('#say')).toBeVisible();
  }

  /** Proves who it is, for what takes a proof of its own: a second factor was proved lately, and so the passphrase is enough. */
  async proves(name = 'Anna'): Promise<void> {
    const sheet = this.page.getByRole('dialog', { name: 'Is it you?' });
    await expect(sheet.getByText('It counts for this one change.')).toBeVisible();
    await expect(sheet.getByLabel(/six digits/)).toHaveCount(0);
    await sheet.getByLabel('Your passphrase').fill(this.house.passphrase(name));
    await sheet.getByRole('button', { name: 'It is me' }).click();
    await expect(sheet).toHaveCount(0);
  }

  /** Six digits that let somebody in, whichever were used before. */
  digits(name: string): string {
    this.house.forgetUsedDigits();
    return code(this.house.totp(name));
  }

  /** What everybody can rely on, on whatever page this is: at every width, light and dark; kept as pictures for the gallery. */
  async isSound(name: string): Promise<void> {
    const before = this.page.viewportSize();
    // On a desktop the page is judged as it is there; what a phone's test has judged is not judged twice.
    const sizes = before && before.width > 800 ? SIZES.slice(-1) : SIZES;
    for (const [width, height] of sizes) {
      await this.page.setViewportSize({ width, height });
      const wider = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wider, `${name} is wider than ${width} pixels`).toBeLessThanOrEqual(0);
      for (const theme of ['light', 'dark']) {
        await this.page.evaluate((theme) => (document.documentElement.dataset['theme'] = theme), theme);
        expect(await this.violations(theme === 'light' ? {} : { runOnly: OF_COLOURS }), `${name} at ${width}, ${theme}`).toEqual([]);
        const gallery = process.env['PORCHLIGHT_GALLERY'];
        if (gallery && width > 320) {
          mkdirSync(gallery, { recursive: true });
          // As tall as the page, so that what stays at the edge of the screen is at the edge of the picture.
          const tall = await this.page.evaluate(() => document.documentElement.scrollHeight);
          await this.page.setViewportSize({ width, height: Math.max(height, tall) });
          await this.page.screenshot({ path: join(gallery, `${name}-${width === 390 ? 'phone' : 'desktop'}-${theme}.png`), fullPage: true });
          await this.page.setViewportSize({ width, height });
        }
      }
    }
    if (before) await this.page.setViewportSize(before);
    await this.page.evaluate(() => (document.documentElement.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  }

  /** Text of 150 and 200 %, however it was made so: nothing is wider than a phone, and every word of the bar is on the screen and beside no other. */
  async standsLargeText(name: string): Promise<void> {
    for (const percent of [150, 200]) {
      await this.page.evaluate((percent) => (document.documentElement.style.fontSize = `${1.125 * percent}%`), percent);
      const over = () =>
        this.page.evaluate(() => {
          const wide = document.documentElement.clientWidth;
          const out = [...document.querySelectorAll('.nav li > *, .nums span, .key span')].filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' || one.getBoundingClientRect().right > wide);
          return [document.documentElement.scrollWidth - wide, ...out.map((one) => one.textContent)];
        });
      await expect.poll(over, `${name} with text of ${percent} %`).toEqual([0]);
    }
    await this.page.evaluate(() => (document.documentElement.style.fontSize = ''));
  }

  /** What axe finds, each with where. It comes into the page once, and the page has no frames. */
  private async violations(options: RunOptions): Promise<string[]> {
    if (!(await this.page.evaluate(() => 'axe' in window))) await this.page.evaluate(axe.source);
    const found = await this.page.evaluate(async (options) => (await (window as unknown as { axe: typeof axe }).axe.run(document, options)).violations, { ...options, resultTypes: ['violations'] as 'violations'[] });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  }
}

interface Fixtures {
  /** How the household's hub is to be; see `test.use`. */
  houseOptions: HouseOptions;
  /** A household of this test's own. */
  house: House;
  /** Somebody with the app open, not signed in. Fails the test when anything went wrong in the page. */
  somebody: Somebody;
}

export const test = base.extend<Fixtures>({
  houseOptions: [{}, { option: true }],
  house: async ({ houseOptions }, use) => {
    const house = await House.open(houseOptions);
    await use(house);
    await house.close();
  },
  somebody: async ({ page, house }, use) => {
    const somebody = new Somebody(page, house);
    await use(somebody);
    // What the page still asks is answered by nobody any more, and is no failure of the story.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(somebody.troubles).toEqual([]);
  },
});
