import { unfold } from './film';
import { StandInCamera } from './house';
import { expect, ONCE_MORE, test } from './test';

test.describe('with a camera', () => {
  test.setTimeout(180_000);
  let camera: StandInCamera;
  test.beforeEach(async () => {
    camera = await StandInCamera.start();
  });
  test.afterEach(() => camera.close());

  test('the last picture of a camera is opened when somebody asks, and the look is in the ledger', { tag: '@wide' }, async ({ somebody, house, page }) => {
    await house.addCamera('Porch', camera.url);
    // It sends none, whatever was agreed.
    await house.anna('consent', 'grant', 'Anna', 'sound:Porch');
    await somebody.signIn();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^(Good (morning|afternoon|evening)|Hello), Anna\.$/);
    const ask = page.getByRole('button', { name: 'Show the last picture of Porch' });
    await expect(ask).toBeVisible({ timeout: 45_000 });
    await expect(page.getByText('Being recorded, without sound.')).toBeVisible();
    await expect(page.getByText('Porch is being recorded.'), 'what is known, and no more').toBeVisible();
    expect(await looks(house), 'nothing was opened without being asked for').toEqual([]);
    await somebody.isSound('home-closed');

    await ask.click();
    await expect(page.getByRole('img', { name: /^Porch at \d\d:\d\d$/ })).toBeVisible();
    await expect(page.getByText('Only you are looking.')).toBeVisible();
    expect(await colours(page), 'there is a picture, and it is not black').toBeGreaterThan(20);
    expect(await looks(house)).toHaveLength(1);
    expect(await lanternIsLit(page)).toBe(true);
    await somebody.isSound('home-pictures');

    await expect(page.getByRole('link', { name: 'Porch: see it in the timeline' })).toHaveAttribute('href', /^#\/timeline\/\d{4}-\d\d-\d\d/);
    await page.getByRole('button', { name: 'Close all pictures' }).click();
    await expect(ask).toBeVisible();
    expect(await lanternIsLit(page)).toBe(false);
    await expect(page.getByText('Film of Porch'), 'what a camera films is no happening').toHaveCount(0);

    // Whoever chooses it on this device need not ask: one look for each visit, which is told; and nobody else's device does.
    const look = await looks(house);
    await page.getByRole('checkbox', { name: /^Open the pictures by themselves/ }).check();
    await expect(ask, 'they were closed by hand').toBeVisible();
    await page.reload();
    await expect(page.getByText('Porch: open, which is in “Who looked”.')).toBeVisible();
    expect(await looks(house)).toHaveLength(look.length + 1);
    await somebody.open('ledger');
    await expect(page.getByText(/^You looked at Porch, twice\.$/)).toBeVisible();
    await somebody.isSound('ledger-looked');
    await page.getByRole('link', { name: /^\d\d:\d\d You looked at Porch/ }).click();
    await expect(page).toHaveURL(/#\/timeline\/\d{4}-\d\d-\d\d$/);

    // So the newest of a day opens too, once a visit, until it is closed.
    const told = page.getByText('1 picture: open, which is in “Who looked”.');
    await expect(told).toBeVisible();
    expect(await looks(house)).toHaveLength(look.length + 2);
    await expect(page.locator('.shot canvas')).toBeVisible();
    await somebody.isSound('timeline-by-itself');
    await page.getByRole('button', { name: 'Close all' }).click();
    await expect(told).toBeHidden();
    await expect(page.locator('.shot canvas')).toHaveCount(0);
    expect(await lanternIsLit(page)).toBe(false);
    expect(await looks(house)).toHaveLength(look.length + 2);
  });

  test('a picture that is forgotten is gone from the page, and who looks from elsewhere is named', async ({ somebody, house, page }) => {
    // One that never answered is the household's first, and not the largest on its page.
    await house.addCamera('Attic', 'rtsp://127.0.0.1:9/none');
    await house.addCamera('Porch', camera.url);
    await house.addAdult('Tom');
    await house.signIn('Tom');
    await somebody.signIn();
    await page.getByRole('button', { name: 'Show the last picture of Porch' }).click({ timeout: 45_000 });
    await expect(page.getByRole('img', { name: /^Porch at/ })).toBeVisible();

    const [newest] = (await house.run('Tom', 'list', '--kind', 'video')).slice(-1);
    await house.run('Tom', 'open', String(newest!['id']), '--out', house.file('porch.mp4'));
    await expect(page.getByRole('status').filter({ hasText: 'Tom looked at Porch' })).toContainText('You are looking too.');
    await expect(page.locator('.cam.main h3')).toHaveText('Porch');
    await somebody.isSound('home-watched');
    // Whoever takes film away is not said to have looked.
    await house.run('Tom', 'export', String(newest!['id']), '--out', house.file('export'));
    const taken = page.getByRole('status').filter({ hasText: 'Tom saved film of Porch as files' });
    await expect(taken).toBeVisible();
    await expect(taken).not.toContainText('You are looking too.');

    await house.anna('forget', '--device', 'Porch', '--yes');
    await expect(page.getByRole('img', { name: /^Porch at/ })).toBeHidden();
  });

  test('a teen is told that film is the adults’ to open, and not that there is none', async ({ somebody, house, page }) => {
    await house.addTeen('Leo');
    // One that never answered, and so never recorded.
    await house.addCamera('Attic', 'rtsp://127.0.0.1:9/none');
    await house.addCamera('Porch', camera.url);
    await house.addCamera('Yard', camera.url);
    const filmed = async () => new Set((await house.anna('list', '--kind', 'video')).map(({ device }) => device)).size;
    await expect.poll(filmed, { timeout: 45_000 }).toBe(2);
    await somebody.signIn('Leo');
    const tile = (name: string) => page.getByRole('figure').filter({ has: page.getByRole('heading', { name }) });
    for (const name of ['Porch', 'Yard']) {
      await expect(tile(name).getByText('Being recorded, without sound.')).toBeVisible();
      await expect(tile(name).getByText('Only the adults of your household can open this.')).toBeVisible();
      await expect(tile(name).getByText('No picture is kept.')).toBeHidden();
    }
    await expect(tile('Attic').getByText('No picture is kept.')).toBeVisible();
    await expect(tile('Attic').getByText('Only the adults of your household can open this.')).toBeHidden();
    const cut = () => page.locator('.frame').evaluateAll((frames) => frames.filter((frame) => frame.scrollHeight > frame.clientHeight).length);
    expect(await cut(), 'tiles whose words are cut off').toBe(0);
    // That the one never recorded is what happened; the film of the others is none of it.
    await expect(page.getByText('Attic was not recorded', { exact: true })).toBeVisible();
    await expect(page.getByText(/^Film of/)).toHaveCount(0);
    await somebody.isSound('home-teen');

    // That nobody agrees to it is a choice, and no fault of a camera that never answered; and here as on its own page it is told as one.
    await expect(page.getByText(/^Attic has not recorded yet\./)).toBeVisible();
    await house.anna('consent', 'withdraw', 'Anna', 'security:Attic', '--yes');
    await expect(tile('Attic').getByText('Not being recorded: no adult agrees to this camera\'s pictures.')).toBeVisible();
    await expect(page.getByText(/Attic has not recorded yet|refused the connection/)).toHaveCount(0);

    // What is the adults' to say and to open is told as theirs, and not offered.
    await somebody.open('devices');
    await expect(page.getByText('That is for the adults of your household to say.').first()).toBeVisible();
    await expect(page.getByRole('switch', { name: 'Keep what it sees' }).first()).toBeDisabled();
    await expect(page.getByRole('button', { name: /^The last picture of/ })).toHaveCount(0);
    await expect(page.getByText('Not being recorded: no adult agrees to this camera\'s pictures.')).toBeVisible();
  });

  test('a camera out of reach is told in the first sentence, with its last picture and since when', async ({ somebody, house, page }) => {
    await house.addCamera('Porch', camera.url);
    await somebody.signIn();
    await expect(page.getByRole('button', { name: 'Show the last picture of Porch' })).toBeVisible({ timeout: 45_000 });
    camera.close();
    await expect(page.getByText(/^Porch has not been recorded since \d\d:\d\d\. The camera /)).toBeVisible({ timeout: 45_000 });
    await expect(page.getByText(/^Not recording since \d\d:\d\d\. The camera /)).toBeVisible();
    await page.getByRole('button', { name: 'Show the last picture of Porch' }).click();
    await expect(page.locator('.frame.dimmed').getByRole('img', { name: /^Porch at \d\d:\d\d$/ })).toBeVisible();
    await somebody.isSound('home-out-of-reach');
  });
});

test('timers count down, lists are ticked off and written on, and what others do is seen at once', { tag: '@wide' }, async ({ somebody, house, page }) => {
  await somebody.signIn();
  await expect(page.getByText('No camera or microphone is connected yet.')).toBeVisible();
  await house.anna('ask', 'Set a pasta timer for 10 minutes.');
  const timer = page.getByRole('timer', { name: 'Pasta timer' });
  await expect(timer).toHaveText(/^9:5\d$/);
  const before = await timer.textContent();
  await expect(timer, 'it counts down').not.toHaveText(before!);
  await house.anna('ask', 'Pause the pasta timer.');
  await expect(page.getByText('Pasta timer, Paused')).toBeVisible();

  const field = page.getByLabel('Put on the shopping list');
  await field.fill('put 12 off the list, please?');
  await field.press('Enter');
  await expect(page.getByRole('checkbox', { name: 'Tick off put 12 off the list, please?' })).toBeVisible();
  await expect(field).toHaveValue('');
  await house.anna('ask', 'Put oat milk on the shopping list.');
  await expect(page.getByRole('checkbox', { name: 'Tick off oat milk' })).toBeVisible();
  await house.anna('ask', 'Remind me to call Tom tomorrow at 9.');
  await expect(page.getByRole('checkbox', { name: /^Done: call Tom/i })).toBeVisible();
  await somebody.isSound('home-running');

  await page.getByRole('checkbox', { name: 'Tick off oat milk' }).click();
  await expect(page.getByRole('checkbox', { name: 'Tick off oat milk' })).toBeHidden();
  await page.getByRole('checkbox', { name: /^Done: call Tom/i }).click();
  await expect(page.getByRole('heading', { name: 'Reminders' })).toBeHidden();
  await page.getByRole('button', { name: 'Cancel: Pasta timer' }).click();
  await expect(timer).toBeHidden();
  const [left] = await house.anna('effect', 'list');
  expect(left).toMatchObject({ timers: [], reminders: [], lists: [{ name: 'shopping', items: [{ text: 'put 12 off the list, please?' }] }] });
});

test('two notices of one kind are each told, to whom they concern as theirs', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await house.signIn('Tom');
  for (const device of ['Lamp', 'Radio']) {
    await house.run('Tom', 'device', 'add', device, '--kind', 'microphone', '--person', 'Tom');
    await house.anna('device', 'remove', device, '--yes');
  }
  await somebody.signIn('Tom');
  for (const device of ['Lamp', 'Radio']) {
    await expect(page.getByText(new RegExp(`Anna removed ${device}, which was your own\\. What was kept from there goes with it, and what of it is held goes when its hold ends\\.$`))).toBeVisible();
  }
  await page.evaluate(() => localStorage.setItem('porchlight.language', 'de'));
  await page.reload();
  await expect(page.getByText(/das dir allein gehörte/)).toHaveCount(2);
});

test('a timer that ends is told on the page, and after the hub was away the page is true again', async ({ somebody, house, page }) => {
  await somebody.signIn();
  await house.anna('ask', 'Set a timer for 3 seconds.');
  const ring = page.getByRole('status').filter({ hasText: /timer/i });
  await expect(ring).toContainText(/3 second/);
  await ring.getByRole('button', { name: 'All right' }).click();
  await expect(page.getByRole('button', { name: 'All right' })).toBeHidden();
  // The speech that belongs to it cannot be had from a hub without a voice; the browser notes that in its own words.
  await expect.poll(() => somebody.troubles.length).toBeLessThanOrEqual(1);
  somebody.troubles.length = 0;

  await house.kill();
  await expect(page.getByText(/cannot reach the hub\. What you see is from/)).toBeVisible();
  expect(await lanternIsLit(page), 'a hub that is away sees and hears nothing').toBe(false);
  await house.serve();
  await house.anna('ask', 'Put candles on the shopping list.');
  await expect(page.getByText(/cannot reach the hub/)).toBeHidden();
  await expect(page.getByRole('checkbox', { name: 'Tick off candles' })).toBeVisible();
  somebody.troubles.length = 0;
});

test('what just happened is told without opening it, and words are read in one look', async ({ somebody, house, page }) => {
  await house.anna('consent', 'grant', 'Anna', 'history');
  await house.anna('ask', 'What time is it?');
  await house.anna('ask', 'Put "<b>pasta</b>" on the shopping list.');
  await house.anna('device', 'add', 'Kitchen', '--kind', 'microphone', '--room', 'Kitchen');
  // As if the rule for answers had been a shorter one.
  await page.route('**/api/recordings?*', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const kept = (await answer.json()) as { kind: string; ends: string }[];
    await route.fulfill({ response: answer, json: kept.map((one) => (one.kind === 'reply' ? { ...one, ends: '2027-01-02T11:00:00Z' } : { ...one, ends: '2027-01-05T11:00:00Z' })) });
  });
  await somebody.signIn();
  const log = page.locator('.log');
  await expect(log.getByText('You said something')).toHaveCount(2);
  await expect(log).not.toContainText('What time is it?');
  // Home and the timeline say the same of one's own words.
  const same = ['Only you can open it', /The first of it ends on 2 January( 2027)?, the last on 5 January( 2027)?/];
  for (const text of same) await expect(log.getByRole('listitem').filter({ hasText: 'You said something' }).first()).toContainText(text);
  await somebody.open('timeline');
  await unfold(page);
  await expect(page.getByRole('article').filter({ hasText: 'The first of it ends' }).first()).toContainText(same[1]!);
  await expect(page.getByText('Only you can open what you said.')).toBeVisible();
  await somebody.open();

  await house.anna('ask', 'What time is it?', '--device', 'Kitchen');
  await expect(log.getByText('Answered and forgotten')).toBeVisible();
  await page.getByRole('button', { name: 'Read what you said' }).click();
  await expect(log.getByText('“What time is it?”')).toBeVisible();
  await expect(log.getByText('<b>pasta</b>')).toBeVisible();
  expect(await looks(house), 'both are one look').toHaveLength(1);
  await somebody.isSound('home-happened');

  await house.anna('forget', '--kind', 'transcript', '--yes');
  await expect(log.getByText('“What time is it?”')).toBeHidden();
  await page.getByRole('link', { name: 'See the whole day' }).click();
  await expect(page).toHaveURL(/#\/timeline\/\d{4}-\d\d-\d\d$/);
});

/** The lines of the ledger that are looks. */
async function looks(house: import('./house').House): Promise<Record<string, unknown>[]> {
  return house.anna('ledger', 'list', '--kind', 'look');
}

async function lanternIsLit(page: import('@playwright/test').Page): Promise<boolean> {
  return page.locator('.brand .lantern').evaluate((lantern) => lantern.classList.contains('lit'));
}

/** How many colours the first picture has. */
async function colours(page: import('@playwright/test').Page): Promise<number> {
  return page.locator('.frame canvas').first().evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set<number>();
    for (let at = 0; at < data.length; at += 4 * 101) seen.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!);
    return seen.size;
  });
}
