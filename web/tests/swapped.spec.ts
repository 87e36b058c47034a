// A hub that hands out one recording in the place of another: all of it, its header alone, or its payload alone.

import type { Page } from '@playwright/test';
import { film, filmed, state, unfold } from './film';
import { expect, ONCE_MORE, test } from './test';

type Swap = 'all' | 'header' | 'payload';

const OTHER = 'What the hub handed out is another recording than the one you asked for. Do not go on before you know why.';
const ALTERED = /is not as it was sealed: bytes of it were changed or are missing\./;

/** An age file in its two parts: up to the end of the line that begins with `--- `, and what comes after it. */
function parts(file: Buffer): [Buffer, Buffer] {
  const end = file.indexOf('\n', file.indexOf('\n--- ') + 1) + 1;
  return [file.subarray(0, end), file.subarray(end)];
}

/** The hub gives the recording `instead` where `id` is asked for, as far as `swap` says. Both belong to the look under which it is asked. */
async function lie(page: Page, id: number, instead: number, swap: Swap): Promise<void> {
  await page.route(`**/api/looks/*/${id}`, async (route) => {
    const honest = await route.fetch(ONCE_MORE);
    const other = await route.fetch({ ...ONCE_MORE, url: route.request().url().replace(/\d+$/, `${instead}`) });
    expect(other.status()).toBe(200);
    const [[header, payload], [otherHeader, otherPayload]] = [parts(await honest.body()), parts(await other.body())];
    const told = { all: [otherHeader, otherPayload], header: [otherHeader, payload], payload: [header, otherPayload] }[swap];
    await route.fulfill({ response: honest, body: Buffer.concat(told) });
  });
}

test.describe('with things said', () => {
  test.use({ houseOptions: { voice: true } });

  test('a sound that is another one’s, in whole or in part, is refused in words, and so are words that are another’s', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    await house.addAnnasMicrophone('Study');
    await house.say('What time is it?', 'Study');
    await house.say('What day is it?', 'Study');
    const of = async (kind: string) => (await house.anna('list', '--kind', kind)).map(({ id }) => Number(id)).sort((a, b) => a - b);
    const [sounds, words] = [await of('voice'), await of('transcript')];
    expect([sounds.length, words.length]).toEqual([2, 2]);
    await somebody.signIn('Anna', 'timeline');
    const entries = page.getByRole('article').filter({ hasText: 'You, Study' });
    await unfold(page);
    await expect(entries).toHaveCount(2);
    // The newest comes first. All of both is opened in one look, so that the hub has the other at hand.
    const newest = entries.first();
    await page.route('**/api/looks', async (route) => {
      const { selection } = route.request().postDataJSON() as { selection: { ids: number[] } };
      const answer = await route.fetch({ ...ONCE_MORE, postData: JSON.stringify({ selection: { ids: [...sounds, ...words, ...selection.ids] }, why: 'open' }) });
      const pass = (await answer.json()) as { recordings: { id: number }[] };
      await route.fulfill({ response: answer, json: { ...pass, recordings: pass.recordings.filter(({ id }) => selection.ids.includes(id)) } });
    });
    for (const [kind, [older, newer]] of Object.entries({ sounds, words })) {
      for (const [swap, why] of [['all', OTHER], ['header', OTHER], ['payload', ALTERED]] as const) {
        await lie(page, newer!, older!, swap);
        await newest.getByRole('button', { name: /^Open:/ }).click();
        await expect(newest.getByRole('alert'), `${kind}, ${swap}`).toHaveText(why);
        await page.unroute(`**/api/looks/*/${newer}`);
        await page.reload();
        await unfold(page);
        await expect(entries).toHaveCount(2);
      }
    }
    await page.unroute('**/api/looks');
    await newest.getByRole('button', { name: /^Open:/ }).click();
    await expect(newest.locator('blockquote'), 'an honest hub is believed').toContainText(/day/i);
    await expect(newest.getByRole('alert')).toHaveCount(0);
  });
});

test('film that is another piece, in whole or in part, is left out, in words, and the rest plays', async ({ somebody, house, page }) => {
  test.setTimeout(240_000);
  await filmed(house, 3);
  const pieces = await house.anna('list', '--kind', 'video');
  const [first, second] = pieces.map(({ id }) => Number(id)).sort((a, b) => a - b) as [number, number];
  const seconds = Number(pieces.find(({ id }) => Number(id) === first)!['seconds']);
  await somebody.signIn('Anna', 'timeline');
  for (const [swap, why] of [['all', OTHER], ['header', OTHER], ['payload', ALTERED]] as const) {
    await lie(page, first, second, swap);
    await film(page).click();
    await expect(page.getByText(why), swap).toBeVisible();
    await expect.poll(async () => (await state(page)).at, 'the rest of it plays').toBeGreaterThan(seconds + 0.2);
    expect((await state(page)).buffered[0]![0], 'nothing of it is played').toBeGreaterThan(seconds - 0.1);
    await expect(page.getByText(why)).toBeVisible();
    await page.getByRole('button', { name: 'Close the film' }).click();
    await expect(page.locator('video')).toHaveCount(0);
    await page.unroute(`**/api/looks/*/${first}`);
  }
});
