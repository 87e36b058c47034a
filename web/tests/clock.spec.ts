// The hub's clock: what waits for it is told of where people look, and an hour that comes twice is told apart.

import { unfold } from './film';
import { expect, test, type House } from './test';

/** As if the power had been away for so many hours, since when the hub has seen no time. */
async function withoutPower(house: House, hours: number): Promise<void> {
  await house.kill();
  house.sql('catalog.sqlite', 'UPDATE state SET latest = ?, anchor_boot = NULL', (Date.now() - hours * 3600_000) * 1000);
  await house.serve();
}

test('what reached its end waits for an adult’s word after eight days without power, and every page about it says so', async ({ somebody, house, page }) => {
  await withoutPower(house, 8 * 24);
  await somebody.signIn('Anna', 'policy');
  const waits = page.getByText(/^What reached its end since .* is not being forgotten: the hub was without power/);
  await expect(waits).toBeVisible();
  await somebody.isSound('clock');
  await somebody.open('');
  await expect(waits).toBeVisible();
  await page.evaluate(() => localStorage.setItem('porchlight.language', 'de'));
  await page.reload();
  await expect(page.getByText(/^Was seit .* sein Ende erreicht hat, wird nicht vergessen: Der Hub war dann ohne Strom/)).toBeVisible();
  await page.evaluate(() => localStorage.setItem('porchlight.language', 'en'));
  await page.reload();

  await page.getByRole('button', { name: 'Look at the time' }).click();
  await expect(page.getByText(/^The hub’s clock shows .*, \d\d:\d\d\. Is that right\?/)).toBeVisible();
  await page.getByRole('button', { name: 'Yes, that is right' }).click();
  await expect(waits).toBeHidden();
  expect(await house.anna('ledger', 'list', '--kind', 'clock')).toHaveLength(1);
});

test('the days are those of the hub, whatever this browser’s clock shows', async ({ somebody, house, page }) => {
  await house.addCamera('Porch', 'rtsp://127.0.0.1:9/cam');
  await somebody.signIn('Anna', 'more');
  await page.clock.setSystemTime(Date.now() - 3 * 24 * 3600_000);
  await somebody.open('devices');
  const ends = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', day: 'numeric', month: 'long' }).format(Date.now() + 7 * 24 * 3600_000);
  await expect(page.getByText(new RegExp(`^Kept for 7 days: what it sees today is forgotten on ${ends}`))).toBeVisible();
});

test('two moments that the clock on the wall shows alike are told apart in the list', async ({ somebody, page }) => {
  // Half past two in Berlin, twice.
  const recording = (id: number, start: string) => ({
    id, moment: id, kind: 'transcript', device: 'Study', room: null, person: 'Anna', start, seconds: 3, owner: 'Anna', purpose: 'history',
    ends: '2026-12-24T12:00:00Z', sources: [id], caused_by: null, size: 9, media_type: 'text/plain',
  });
  const kept = [recording(2, '2026-10-25T00:30:00Z'), recording(4, '2026-10-25T01:30:00Z'), recording(6, '2026-10-25T02:30:00Z')];
  await page.route('**/api/recordings?*', (route) => route.fulfill({ json: kept }));
  await somebody.signIn('Anna', 'timeline/2026-10-25');
  await unfold(page);
  for (const shown of ['02:30 (first)', '02:30 (second)', '03:30']) {
    await expect(page.getByRole('article').getByText(shown, { exact: true })).toBeVisible();
  }
});
