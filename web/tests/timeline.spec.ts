// The days: choosing, opening, searching, saving.

import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { unfold } from './film';
import { House } from './house';
import { expect, ONCE_MORE, test } from './test';

const entry = (page: Page, text: string | RegExp) => page.getByRole('article').filter({ hasText: text });

test.describe('with things said', () => {
  test.use({ houseOptions: { voice: true } });
  test.beforeEach(async ({ house }) => {
    await house.addAnnasMicrophone('Study');
    await house.say('What time is it?', 'Study');
    await house.say('Set a timer for ten minutes.', 'Study');
  });

  test('nothing is open until somebody asks; then the words are there and the sound plays, and that was one look', { tag: '@wide' }, async ({ somebody, house, page }) => {
    await somebody.signIn('Anna', 'timeline');
    // What was said within half an hour is one line, and what is so of most is told once, at the foot.
    await expect(page.getByText('What you said is kept for 30 days.')).toBeVisible();
    await expect(page.getByText(/Only you can open what you said\. Each opening is a look/)).toBeVisible();
    await somebody.isSound('timeline-folded');
    await unfold(page);
    const first = entry(page, 'You, Study').filter({ hasNotText: 'Set a timer' }).first();
    await expect(first).not.toContainText('Kept until');
    // What a request left behind ends by itself, at a time of its own.
    await expect(page.getByText(/^Set a timer.*\. Kept until it is done, or .* at the latest$/)).toBeVisible();
    expect(await looks(house)).toHaveLength(0);
    await somebody.isSound('timeline');

    await first.getByRole('button', { name: /^Open:/ }).click();
    await expect(first.locator('blockquote')).toContainText(/time/i);
    await expect(first.getByRole('slider', { name: 'Where it plays' })).toHaveAttribute('aria-valuetext', /of 0:0[1-9]/);
    expect(await looks(house), 'the sound, the words and the answer in one').toHaveLength(1);
    const heights = await first.locator('svg line').evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('y2')) - Number(bar.getAttribute('y1'))));
    expect(Math.max(...heights), 'the wave is that of a voice').toBeGreaterThan(15);
    expect(new Set(heights.map((height) => height.toFixed(2))).size).toBeGreaterThan(10);

    await first.getByRole('button', { name: /^Play/ }).click();
    await expect.poll(() => first.locator('audio').evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(0.2);
    await somebody.isSound('timeline-open');
    // All that oneself said, in one look more; it stands in the entries then.
    await page.getByRole('button', { name: 'Read all you said' }).click();
    await expect(entry(page, 'You, Study').locator('blockquote')).toHaveCount(2);
    await expect(page.getByRole('button', { name: 'Read all you said' })).toHaveCount(0);
    expect(await looks(house)).toHaveLength(2);
    expect(await kept(page), 'nothing that was opened is stored').not.toMatch(/timer|time is it/i);

    // Elsewhere and back: it is closed again.
    await page.goto(`${house.address}/#/timeline/2026-01-01`);
    await expect(page.getByText('A quiet day. Nothing was kept that you may see.')).toBeVisible();
    await somebody.isSound('timeline-empty');
    await page.goBack();
    await unfold(page);
    await expect(first.getByRole('button', { name: /^Open:/ })).toBeVisible();
  });

  test('searching opens the words in one look, marks what is found, and lets go of it', async ({ somebody, house, page }) => {
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    await expect(entry(page, 'You, Study')).toHaveCount(2);
    await page.getByRole('button', { name: 'Search in what was said' }).click();
    const search = page.getByRole('searchbox', { name: 'Search in what was said' });
    await search.fill('timers');
    await search.press('Enter');
    await expect(page.getByText('“timers” was said in 1 entry.')).toBeVisible();
    await expect(entry(page, 'You, Study')).toHaveCount(1);
    await expect(page.locator('mark').first()).toHaveText(/timer/i);
    expect(await looks(house)).toHaveLength(1);
    await somebody.isSound('timeline-search');

    await search.fill('elephant');
    await search.press('Enter');
    await expect(page.getByText('“elephant” was not said here.')).toBeVisible();
    expect(await looks(house), 'what is open is not opened again').toHaveLength(1);

    // Forgotten elsewhere: it is not found any more.
    await search.fill('timers');
    await search.press('Enter');
    await expect(entry(page, 'You, Study')).toHaveCount(1);
    await house.anna('forget', '--device', 'Study', '--yes');
    await expect(page.getByText('“timers” was not said here.')).toBeVisible();
    await expect(page.getByText('What was open here was forgotten just now. It was closed.')).toBeVisible();
    await page.getByRole('button', { name: 'Close the words' }).click();
    await expect(page.getByText('A quiet day. Nothing was kept that you may see.')).toBeVisible();
  });

  test('what is chosen is saved as files, and the ledger says that it was', { tag: '@wide' }, async ({ somebody, house, page }) => {
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    await page.getByRole('checkbox', { name: /^Choose You, Study/ }).first().check();
    await expect(page.getByText('1 thing you said', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Save a copy' }).click();
    await expect(page.getByRole('heading', { name: 'Save a copy of 1 thing you said?' })).toBeVisible();
    await expect(page.getByText('it is not sealed, and forgetting does not reach it')).toBeVisible();
    await somebody.isSound('timeline-save');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the copy' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(/^porchlight \d{4}-\d\d-\d\d\.zip$/);
    const zip = readFileSync((await saved.path())!).toString('latin1');
    expect([zip.startsWith('PK'), /timer|time is it/i.test(zip), zip.includes('RIFF')], 'a zip file with the words and the sound').toEqual([true, true, true]);
    await expect(page.getByText('Saved. It is in the folder for downloads')).toBeVisible();
    expect((await looks(house)).at(-1)).toContain('export');
  });

  test('a range is chosen by keyboard, by fields and by dragging; ticks add and take away', { tag: '@wide' }, async ({ somebody, page }) => {
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    await expect(entry(page, 'You, Study')).toHaveCount(2);
    const from = page.getByRole('slider', { name: 'From' });
    await from.focus();
    for (let times = 0; times < 3; times++) await page.keyboard.press('ArrowRight');
    await expect(from).toHaveAttribute('aria-valuetext', 'From 00:15');
    await expect(page.getByText('2 things you said', { exact: true })).toBeVisible();
    await page.getByRole('checkbox', { name: /^Choose You, Study/ }).first().uncheck();
    await expect(page.getByText('1 thing you said', { exact: true })).toBeVisible();

    await page.getByRole('textbox', { name: 'To' }).fill('00:20');
    await page.getByRole('textbox', { name: 'To' }).press('Tab');
    await expect(page.getByText('Nothing chosen')).toBeVisible();
    await page.getByRole('button', { name: 'Choose nothing' }).click();
    await expect(from).toHaveAttribute('aria-valuetext', 'From 00:00');

    const canvas = page.getByRole('region', { name: /from midnight/ }).locator('canvas');
    await canvas.scrollIntoViewIfNeeded();
    const sky = (await canvas.boundingBox())!;
    await page.mouse.move(sky.x + 5, sky.y + 20);
    await page.mouse.down();
    await page.mouse.move(sky.x + sky.width - 2, sky.y + 20, { steps: 5 });
    await page.mouse.up();
    await expect(page.getByText('2 things you said', { exact: true })).toBeVisible();
    await somebody.isSound('timeline-chosen');
  });

  test('filters narrow what is shown, and where nothing is left the way back is offered', async ({ somebody, page }) => {
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    await expect(entry(page, 'You, Study')).toHaveCount(2);
    await page.getByText('Showing everything').click();
    await page.getByLabel('Kind').selectOption({ label: 'pictures and film' });
    await expect(page.getByText('Nothing of pictures and film was kept then that you may see.')).toBeVisible();
    await expect(page.getByText('Showing pictures and film')).toBeVisible();
    await page.getByRole('button', { name: 'Show everything' }).click();
    await unfold(page);
    await expect(entry(page, 'You, Study')).toHaveCount(2);

    await page.getByRole('button', { name: 'Choose a day' }).click();
    await page.getByLabel('From', { exact: true }).and(page.locator('input[type=date]')).fill('2026-11-03');
    await page.getByLabel('To', { exact: true }).and(page.locator('input[type=date]')).fill('2026-11-09');
    await page.getByRole('button', { name: 'Show these days' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('From 3 November to 9 November');
    await expect(page.getByText('Quiet days. Nothing was kept that you may see.')).toBeVisible();
    await somebody.isSound('timeline-days');
    await page.getByRole('button', { name: 'The days before' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('From 27 October to 2 November');
  });

  test('of what somebody else said there is not even a line', async ({ somebody, house, page }) => {
    await house.addAdult('Tom');
    await somebody.signIn('Tom', 'timeline');
    // What Anna asked for is everybody's, and says not when she asked.
    await expect(page.getByRole('article').first()).toBeVisible();
    await expect(entry(page, 'Anna, Study')).toHaveCount(0);
    await expect(page.getByText('Sealed to Anna')).toHaveCount(0);
  });

  test('a sound whose bytes were changed on the way is refused in words, and so is one that ends early', async ({ somebody, page }) => {
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    const first = entry(page, 'You, Study').first();
    let cut = 0;
    await page.route('**/api/looks/*/*', async (route) => {
      const answer = await route.fetch(ONCE_MORE);
      const bytes = await answer.body();
      if (cut) await route.fulfill({ response: answer, body: bytes.subarray(0, bytes.length - cut) });
      else {
        bytes[bytes.length - 20]! ^= 1;
        await route.fulfill({ response: answer, body: bytes });
      }
    });
    await first.getByRole('button', { name: /^Open:/ }).click();
    await expect(first.getByRole('alert')).toHaveText(/bytes of it were changed or are missing/);
    await expect(first.locator('blockquote')).toHaveCount(0);
    cut = 1;
    const shortened = page.waitForResponse('**/api/looks/*/*');
    await first.getByRole('button', { name: /^Open:/ }).click();
    await shortened;
    await expect(first.getByRole('alert')).toHaveText(/bytes of it were changed or are missing/);
    await page.unrouteAll({ behavior: 'wait' });
    await first.getByRole('button', { name: /^Open:/ }).click();
    await expect(first.locator('blockquote')).toBeVisible();
  });

  test('the hub restarts while the page is open, and it goes on', async ({ somebody, house, page }) => {
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    const first = entry(page, 'You, Study').first();
    await expect(first).toBeVisible();
    await house.kill();
    await first.getByRole('button', { name: /^Open:/ }).click();
    await expect(first.getByRole('alert')).toHaveText(/does not answer/);
    await house.serve();
    await house.say('What day is it?', 'Study');
    await unfold(page);
    await expect(entry(page, 'You, Study')).toHaveCount(3);
    await first.getByRole('button', { name: /^Open:/ }).click();
    await expect(first.locator('blockquote')).toBeVisible();
    somebody.troubles.length = 0; // that nobody answered
  });
});

/** Recordings of a day, as a hub hands them out: a page at a time. What was asked for, and how much that was. */
async function handOut(page: Page, all: { id: number; start: string }[]): Promise<{ limit: number; bytes: number }[]> {
  const asked: { limit: number; bytes: number }[] = [];
  await page.route('**/api/recordings?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [limit, to] = [Number(query.get('limit') ?? Infinity), query.get('to') ?? ''];
    const before = to.includes('T') ? all.filter(({ start }) => Date.parse(start) < Date.parse(to)) : all;
    const found = before.slice(Math.max(0, before.length - limit));
    const body = JSON.stringify(query.has('newest') ? found.reverse() : found);
    asked.push({ limit, bytes: body.length });
    await route.fulfill({ body, contentType: 'application/json' });
  });
  return asked;
}

test('a day is folded: film by stretches, talk by half hours, and what is so of most is said once', { tag: '@wide' }, async ({ somebody, page }) => {
  const at = (minutes: number) => new Date(Date.parse('2026-11-18T09:00:00Z') + minutes * 60_000).toISOString();
  const film = (minutes: number, ends: string) => ({
    id: 2 * minutes + 1, moment: 2 * minutes, kind: 'video', device: 'Porch', room: null, person: null, owner: 'household', purpose: 'security',
    ends, start: at(minutes), seconds: 600, sources: [2 * minutes], caused_by: null, size: 1, media_type: 'video/mp4',
  });
  const said = (minutes: number) => ({ ...film(minutes, '2026-12-18T12:00:00Z'), kind: 'transcript', device: 'Speaker', room: 'Kitchen', person: 'Anna', owner: 'Anna', purpose: 'history', seconds: 4 });
  // The rule was made longer after the second piece.
  const pieces = [0, 10, 20, 30].map((minutes) => film(minutes, minutes < 20 ? '2026-11-25T09:00:00Z' : '2026-12-18T09:00:00Z'));
  const asked: unknown[] = [];
  await handOut(page, [...pieces, ...[61, 64, 75].map(said), said(200)]);
  await page.route('**/api/forget/preview', (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ json: { goes: pieces.slice(0, 2), effects: [], stays: [], again: [], copies_said: [], token: 'a-token' } });
  });
  await somebody.signIn('Anna', 'timeline/2026-11-18');
  await expect(entry(page, '3 things said, Kitchen')).toContainText('11:01 to 11:15');
  await expect(page.getByRole('article')).toHaveCount(3);
  await expect(entry(page, 'Porch, 40 minutes')).toContainText('The first of it ends on 25 November, the last on 18 December');
  await expect(entry(page, '3 things said, Kitchen')).not.toContainText(/Kept until|can open/);
  const narrow = (page.viewportSize()?.width ?? 0) < 800;
  if (narrow) expect((await page.getByRole('article').first().boundingBox())!.y, 'the first moment stands on the first screen').toBeLessThan(400);
  await expect(page.getByRole('complementary', { name: 'What you have chosen' })).toHaveCount(narrow ? 0 : 1);

  await page.getByRole('slider', { name: 'From' }).press('ArrowRight');
  await page.getByRole('textbox', { name: 'To' }).fill('10:15');
  await page.getByRole('textbox', { name: 'To' }).press('Tab');
  await expect(page.getByText('20 minutes of Porch', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Forget …' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByRole('heading', { name: 'Forget 20 minutes of Porch?' })).toBeVisible();
  await expect(sheet.getByRole('button', { name: 'Forget 20 minutes' }), 'on the same screen').toBeInViewport({ ratio: 1 });
  await expect(sheet.getByRole('button', { name: 'Keep them' })).toBeInViewport({ ratio: 1 });
  await somebody.isSound('forget-short');
  await sheet.getByRole('button', { name: 'Keep them' }).click();
  await page.getByRole('button', { name: 'Choose nothing' }).click();

  // What is asked for by its time.
  await page.getByRole('button', { name: 'Forget a stretch …' }).click();
  await page.getByRole('radio', { name: 'Yesterday' }).check();
  await page.getByLabel('Device', { exact: true }).last().selectOption('');
  await page.getByRole('button', { name: 'Show me what would go' }).click();
  await expect(sheet.getByRole('heading', { name: 'Forget 20 minutes of Porch?' })).toBeVisible();
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(Date.now() - 86_400_000);
  expect(asked.at(-1)).toEqual({ filter: { from: day, to: day } });
});

test('ten thousand moments of a day scroll as one, and their first line waits for a few of them alone', { tag: '@wide' }, async ({ somebody, page }) => {
  const start = new Date();
  start.setHours(3, 0, 0, 0);
  // One in every room, so that none is folded.
  const recordings = Array.from({ length: 10_000 }, (_, index) => ({
    id: 2 * index + 1, moment: 2 * index, kind: 'voice', device: `Study ${index}`, room: null, person: 'Anna', owner: 'Anna', purpose: 'history', ends: null,
    start: new Date(start.getTime() - index).toISOString(), seconds: 2, sources: [2 * index], caused_by: null, size: 1, media_type: 'audio/wav',
  })).reverse();
  const asked = await handOut(page, recordings);
  await somebody.signIn('Anna', 'timeline');
  await expect(page.getByRole('article').first()).toBeVisible();
  expect(asked[0]!.limit, 'a screen of them').toBeLessThanOrEqual(200);
  expect(asked[0]!.bytes).toBeLessThan(60_000);
  await expect(page.locator('[aria-setsize="10000"]').first(), 'the rest comes by itself').toBeVisible();
  expect(asked.length, 'in few pages').toBeLessThan(8);
  const times = await page.evaluate(async () => {
    const times: number[] = [];
    let last = performance.now();
    for (let frame = 0; frame < 120; frame++) {
      window.scrollBy(0, 2500);
      await new Promise((next) => requestAnimationFrame(next));
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b);
  });
  console.log(`frames while scrolling: median ${times[60]!.toFixed(1)} ms, 95th of a hundred ${times[114]!.toFixed(1)} ms, longest ${times.at(-1)!.toFixed(1)} ms`);
  const shown = await page.getByRole('article').count();
  expect(shown, 'only what is in view is on the page').toBeLessThan(60);
  expect(shown).toBeGreaterThan(2);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await expect(page.locator('[aria-posinset="10000"]')).toBeVisible();
  // All of the day, by keyboard.
  await page.getByRole('slider', { name: 'From' }).press('ArrowRight');
  await expect(page.getByText(/^[\d,]+ things you said$/)).toBeVisible();
});

/** The looks that the ledger tells Anna of, in JSON. */
async function looks(house: House): Promise<string[]> {
  const lines = await house.anna('ledger', 'list');
  return lines.filter((line) => JSON.stringify(line).includes('"look"')).map((line) => JSON.stringify(line));
}

/** All that this browser keeps of the app. */
async function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const stores = await Promise.all((await indexedDB.databases()).map(({ name }) => new Promise<string>((done) => {
      const opening = indexedDB.open(name!);
      opening.onsuccess = async () => {
        const all: unknown[] = [];
        for (const store of opening.result.objectStoreNames) {
          all.push(await new Promise((got) => {
            const asked = opening.result.transaction(store).objectStore(store).getAll();
            asked.onsuccess = () => got(asked.result);
          }));
        }
        opening.result.close();
        done(JSON.stringify(all));
      };
    })));
    const files = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map((request) => request.url).join()));
    return [...stores, ...files, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join('\n');
  });
}

test('very much that is opened in a day takes a proof, which is asked for once', async ({ somebody, house, page }) => {
  // A long story, with many a passphrase to stretch.
  test.setTimeout(180_000);
  await house.anna('consent', 'grant', 'Anna', 'history');
  await house.anna('ask', 'What time is it?');
  await somebody.signIn('Anna', 'timeline');
  // The hub as it is after a thousand recordings and a quarter of an hour.
  let proved = false;
  await page.route('**/api/step-up/finish', (route) => ((proved = true), route.continue()));
  await page.route('**/api/me', async (route) => {
    const response = await route.fetch(ONCE_MORE);
    const me = (await response.json()) as { session: { fresh_until: string | null } };
    if (!proved) me.session.fresh_until = null;
    await route.fulfill({ response, json: me });
  });
  await page.route(/\/api\/looks\/\d+\/\d+$/, (route) => (proved ? route.continue() : route.fulfill({ status: 403, json: { error: 'step-up', message: 'prove it again' } })));
  await page.getByRole('button', { name: /^Open:/ }).first().click();
  const sheet = page.getByRole('dialog', { name: 'Is it you?' });
  await expect(sheet.getByText('Very much was opened today.')).toBeVisible();
  await sheet.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await sheet.getByLabel(/six digits/).fill(somebody.digits('Anna'));
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(page.locator('blockquote').first()).toContainText(/time/i);
  await expect(sheet, 'the words and the answer wait for one proof').toHaveCount(0);
});
