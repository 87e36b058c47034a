// Forgetting: what goes is said before, is gone from every open page after, and leaves a receipt.

import type { Browser, Page } from '@playwright/test';
import { unfold } from './film';
import { StandInCamera, type House } from './house';
import { expect, Somebody, test } from './test';

/** Chooses an entry, and asks to forget it. */
async function forget(page: Page, text: string | RegExp): Promise<void> {
  await entry(page, text).getByRole('checkbox', { name: /^Choose/ }).check();
  await page.getByRole('button', { name: 'Forget …' }).click();
}

const entry = (page: Page, text: string | RegExp) => page.getByRole('article').filter({ hasText: text });

/** Somebody else's open app, on a computer of their own. */
async function beside(browser: Browser, house: House, name: string): Promise<Somebody> {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  const other = new Somebody(await context.newPage(), house);
  await other.signIn(name, 'timeline');
  return other;
}

/** When the last entry with this text leaves a page, in milliseconds since 1970, as the page itself sees it. */
function goesAway(page: Page, text: string): Promise<number> {
  return page.evaluate((text) => new Promise<number>((done) => {
    const look = () => {
      if ([...document.querySelectorAll('article')].some((entry) => entry.textContent.includes(text))) return;
      watch.disconnect();
      done(performance.timeOrigin + performance.now());
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
  }), text);
}

test.describe('what was said', () => {
  test.use({ houseOptions: { voice: true } });
  test.beforeEach(async ({ house }) => {
    await house.addAnnasMicrophone('Study');
    await house.say('Set a timer for ten minutes.', 'Study');
  });

  test('what goes is said before, an effect by choice; then it is gone from every page, and the receipt is checked', async ({ somebody, house, page, browser }) => {
    const other = await beside(browser, house, 'Anna');
    const there = entry(other.page, 'You, Study');
    await there.getByRole('button', { name: /^Open:/ }).click();
    await expect(there.locator('blockquote')).toBeVisible();

    await somebody.signIn('Anna', 'timeline');
    await forget(page, 'You, Study');
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByRole('heading', { level: 2 })).toHaveText('Forget 1 thing you said?');
    await expect(sheet.getByText(/^The .* of sound, the words, the answer$/)).toBeVisible();
    await sheet.getByText('What stays or is out of reach').click();
    await expect(sheet.getByText('One line stays in the ledger: that you forgot this, not what was in it.')).toBeVisible();
    await somebody.isSound('forget');
    await sheet.getByRole('button', { name: 'Keep them' }).click();
    await expect(entry(page, 'You, Study')).toBeVisible();

    await page.getByRole('button', { name: 'Forget …' }).click();
    await expect(sheet.getByRole('button', { name: 'Forget 1 thing' }), 'what it left behind is its own').toBeVisible();
    await sheet.getByRole('switch', { name: /^Forget this with it: Set a timer/ }).uncheck();
    const gone = goesAway(other.page, 'You, Study');
    const done = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/forget' && answer.ok());
    await sheet.getByRole('button', { name: 'Forget 1 thing' }).click();
    const { startTime, responseStart } = (await done).request().timing();
    const after = (await gone) - (startTime + responseStart);
    expect(await gone, 'nothing goes before it was asked for').toBeGreaterThanOrEqual(startTime);
    test.info().annotations.push({ type: 'gone elsewhere', description: `${after.toFixed(0)} ms after the hub said that it is` });
    console.log(`gone from another page ${after.toFixed(0)} ms after the hub said that it is`);
    await expect(other.page.getByText('What was open here was forgotten just now. It was closed.')).toBeVisible();
    await expect(other.page.locator('blockquote')).toHaveCount(0);
    await expect(entry(other.page, 'A timer'), 'the timer stays, as was wished').toBeVisible();

    await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/Gone from every copy/);
    await expect(sheet.getByText('Nobody can open 1 thing you said any more.'), 'as many as were said before').toBeVisible();
    await expect(sheet.getByText(/: some of it was opened\.$/), 'who looked took nothing away').toBeVisible();
    await somebody.isSound('forget-receipt');
    const receipt = page.waitForEvent('download');
    await sheet.getByRole('button', { name: /^Save the receipt/ }).click();
    const [verified] = await house.anna('receipt', 'verify', await (await receipt).path());
    expect(verified).toMatchObject({ verified: true });
    expect(other.troubles).toEqual([]);
    await other.page.context().close();
  });

  test('of two effects one may stay', async ({ somebody, house, page }) => {
    await house.say('Set a timer for twenty minutes.', 'Study');
    await somebody.signIn('Anna', 'timeline');
    await unfold(page);
    await expect(entry(page, 'You, Study')).toHaveCount(2);
    for (const box of await page.getByRole('checkbox', { name: /^Choose You, Study/ }).all()) await box.check();
    await page.getByRole('button', { name: 'Forget …' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('switch').first().uncheck();
    await sheet.getByRole('button', { name: 'Forget 2 things' }).click();
    await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/Gone from every copy/);
    await expect(sheet.getByText('Nobody can open 2 things you said any more.')).toBeVisible();
    const left = await house.anna('list');
    expect(left.map(({ kind }) => kind)).toEqual(['timer']);
  });

  test('everything is forgotten only by who writes the number', async ({ somebody, house, page }) => {
    await house.addAdult('Tom');
    await somebody.signIn('Anna', 'timeline');
    await page.getByRole('button', { name: 'Forget a stretch …' }).click();
    await page.getByRole('radio', { name: 'Yesterday' }).check();
    await page.getByRole('button', { name: 'Show me what would go' }).click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByRole('heading', { name: 'Nothing of this is kept.' })).toBeVisible();
    await sheet.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Forget a stretch …' }).click();
    await page.locator('summary').filter({ hasText: 'All of it, whenever it was' }).click();
    await page.getByRole('radio', { name: 'everything, whoever’s it is' }).check();
    await somebody.isSound('forget-more');
    await page.getByRole('button', { name: 'Show me what would go' }).click();
    await expect(sheet.getByText('Set a timer').first()).toBeVisible();
    const go = sheet.getByRole('button', { name: 'Forget 1 thing' });
    await expect(go).toBeDisabled();
    await expect(sheet.getByText('This is much: 1 thing. Write 1 here to say that you mean all of it.')).toBeInViewport({ ratio: 1 });
    await expect(sheet.getByLabel('The number on the button'), 'what is to be typed stands with the button').toBeInViewport({ ratio: 1 });
    await expect(go).toBeInViewport({ ratio: 1 });
    await sheet.getByLabel('The number on the button').fill('2');
    await expect(go).toBeDisabled();
    await sheet.getByLabel('The number on the button').fill('1');
    await somebody.isSound('forget-everything');
    await go.click();
    await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/Gone from every copy/);
    await sheet.getByRole('button', { name: 'Close' }).last().click();
    await expect(page.getByText('A quiet day. Nothing was kept that you may see.')).toBeVisible();
  });

  test('a session that was proved long ago is asked who it is before everything goes, and then it goes', async ({ somebody, house, page }) => {
    await somebody.signIn('Anna', 'timeline');
    // As the hub answers a quarter of an hour later.
    await page.route('**/api/me', (route) => route.fulfill({ json: { session: { fresh_until: null } } }));
    await page.route('**/api/forget', (route) => route.fulfill({ status: 403, json: { error: 'step-up', message: 'prove who you are first' } }), { times: 1 });
    await page.getByRole('button', { name: 'Forget a stretch …' }).click();
    await page.locator('summary').filter({ hasText: 'All of it, whenever it was' }).click();
    await page.getByRole('radio', { name: 'everything of mine' }).check();
    await page.getByRole('button', { name: 'Show me what would go' }).click();
    const go = page.getByRole('button', { name: 'Forget 1 thing' });
    await go.click();
    const proof = page.getByRole('dialog', { name: 'Is it you?' });
    await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
    await expect(page.getByText(/^Destroying the keys/), 'none is, before the proof').toHaveCount(0);
    await proof.getByLabel(/six digits/).fill(somebody.digits('Anna'));
    await proof.getByRole('button', { name: 'It is me' }).click();
    await expect(page.getByRole('heading', { name: /Gone from every copy/ })).toBeVisible();
  });

  test('what is held stays, and the sheet says why', async ({ somebody, house, page }) => {
    await house.anna('hold', 'add', '--device', 'Study', '--until', '2027-01-15', '--why', 'the insurance');
    await somebody.signIn('Anna', 'timeline');
    await expect(entry(page, 'You, Study')).toContainText('Held until 16 January 2027');
    await forget(page, 'You, Study');
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByRole('heading', { level: 2 })).toHaveText('Nothing of this can be forgotten now');
    await expect(sheet.getByText('You hold these until 16 January 2027. They can be forgotten once you release them.')).toBeVisible();
    await expect(sheet.getByRole('button', { name: /^Forget/ })).toHaveCount(0);
    await somebody.isSound('forget-held');
    await sheet.getByRole('button', { name: 'Release it' }).click();
    await expect(sheet.getByRole('button', { name: 'Forget 1 thing' })).toBeVisible();
    expect(await house.anna('hold', 'list')).toEqual([]);
  });
});

test('film that is forgotten on one page stops on another that plays it, and that is said in words', async ({ somebody, house, page, browser }) => {
  test.setTimeout(180_000);
  const camera = await StandInCamera.start();
  try {
    await house.addCamera('Porch', camera.url);
    await house.addAdult('Tom');
    await expect.poll(async () => (await house.anna('list', '--kind', 'video')).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
  } finally {
    camera.close();
  }
  const pieces = await house.anna('list', '--kind', 'video');
  const other = await beside(browser, house, 'Anna');
  await other.page.getByRole('button', { name: /^Open the film/ }).click();
  const toms = await beside(browser, house, 'Tom');
  const video = other.page.locator('video');
  await expect.poll(() => video.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0.3);

  // The piece that plays goes: the film goes on after it.
  await house.anna('forget', String(pieces[0]!['id']), '--yes');
  await expect(other.page.getByText('This part was forgotten just now. The film goes on after it.')).toBeVisible({ timeout: 3000 });
  await expect(toms.page.getByText(/^Anna had [3-8] seconds of Porch forgotten for good\.$/)).toBeVisible();
  const first = Number(pieces[0]!['seconds']);
  await expect.poll(() => video.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(first);
  expect(await video.evaluate((video: HTMLVideoElement) => video.buffered.start(0)), 'nothing of it is left in memory').toBeGreaterThan(first - 0.1);

  // All of it goes, on the page beside.
  await somebody.signIn('Anna', 'timeline');
  await forget(page, 'Porch');
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/^Forget \d+ seconds of Porch\?$/);
  const go = sheet.getByRole('button', { name: /^Forget \d+ seconds$/ });
  await expect(go, 'it is everybody’s who lives there').toBeDisabled();
  const length = /\d+ seconds/.exec((await go.textContent())!)![0];
  await sheet.getByLabel('The number on the button').fill(/\d+/.exec((await go.textContent())!)![0]);
  await somebody.isSound('forget-film');
  await go.click();
  await expect(toms.page.getByText(`Anna had ${length} of Porch forgotten for good.`), 'as long as the button said').toBeVisible();
  await toms.page.context().close();
  await expect(other.page.locator('video')).toHaveCount(0, { timeout: 3000 });
  await expect(other.page.getByText('What was open here was forgotten just now. It was closed.')).toBeVisible();
  await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/Gone from every copy/);
  await expect(sheet.getByText(`Nobody can open ${length} of Porch any more.`), 'as long as was said before').toBeVisible();
  await expect(sheet.getByRole('article').getByText(`${length} of film`), 'and on the receipt').toBeVisible();
  expect(other.troubles).toEqual([]);
  await other.page.context().close();
});
