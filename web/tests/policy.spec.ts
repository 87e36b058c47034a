import { expect, test, type House } from './test';

async function sentences(house: House): Promise<string[]> {
  const [policy] = (await house.anna('policy')) as { sentences: string[] }[];
  return policy!.sentences;
}

test('the policy is what the running rules do, in both languages, and changes with them', async ({ somebody, house, page }) => {
  await house.anna('consent', 'grant', 'Anna', 'history');
  await house.anna('person', 'add', 'Mia', '--born', '2018-05', '--guardian', 'Anna');
  await somebody.signIn('Anna', 'policy');
  for (const sentence of await sentences(house)) await expect(page.getByText(sentence, { exact: true })).toBeVisible();
  await somebody.isSound('policy');

  await page.getByLabel('The sound of what is said').selectOption('3 days');
  await page.getByRole('button', { name: 'Set it: The sound of what is said' }).click();
  await expect(page.getByText('The sound of what is said: 3 days, from now on. Until now: 30 days, as at first. What is kept already keeps its end date.')).toBeVisible();
  await expect(page.getByText(/^The sound of what Anna says: kept for 3 days/)).toBeVisible();
  expect(await sentences(house), 'the hub runs what the browser signed').toContainEqual(expect.stringMatching(/^The sound of what Anna says: kept for 3 days/));

  await somebody.open('ledger');
  await expect(page.getByText('changed how long the sound of what is said is kept, from 30 days to 3 days')).toBeVisible();
  await somebody.open('policy');

  // By person: forever is for one's own alone, and a child's has a bound.
  const mine = page.getByLabel('Everything of yours');
  const mias = page.getByLabel('Everything of Mia');
  await expect(mine.getByRole('option', { name: 'Without an end' })).toHaveCount(1);
  await expect(mias.getByRole('option', { name: 'Without an end' })).toHaveCount(0);
  await mias.selectOption('Another number of days …');
  await page.getByLabel('Days: Everything of Mia').fill('547');
  await page.getByRole('button', { name: 'Set it: Everything of Mia' }).click();
  expect(await page.getByLabel('Days: Everything of Mia').evaluate((field: HTMLInputElement) => field.validity.rangeOverflow)).toBe(true);
  await page.getByLabel('Days: Everything of Mia').fill('10');
  await page.getByRole('button', { name: 'Set it: Everything of Mia' }).click();
  await expect(page.getByText('Everything of Mia: 10 days, from now on.')).toBeVisible();

  // Back to what holds without a rule.
  await page.getByLabel('The sound of what is said').selectOption({ index: 0 });
  await page.getByRole('button', { name: 'Set it: The sound of what is said' }).click();
  await expect(page.getByText('The sound of what is said, so far: 3 days. From now on: 30 days, as at first. What is kept already keeps its end date.')).toBeVisible();
  await somebody.proves();
  await expect(page.getByText(/^What Anna says, its words and the answers are kept for 30 days/)).toBeVisible();

  await page.evaluate(() => localStorage.setItem('porchlight.language', 'de'));
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Wie lange' })).toBeVisible();
  await expect(page.getByText(/^Was Anna sagt, wird mit Wortlaut und Antworten 30 Tage lang aufbewahrt, um darauf zurückzublicken: Anna hat am .* zugestimmt. Nur Anna kann es öffnen.$/)).toBeVisible();
  await expect(page.getByText('Was Mia sagt, wird beantwortet und dann vergessen: Niemand hat zugestimmt, es aufzubewahren.')).toBeVisible();
  await somebody.isSound('policy-de');
});

test('where a shorter rule wins, the sheet says what will be so', async ({ somebody, house, page }) => {
  await house.addCamera('Porch', 'rtsp://127.0.0.1:9/cam');
  await somebody.signIn('Anna', 'policy');
  const set = async (what: string, days: string) => {
    await page.getByLabel(what, { exact: true }).selectOption(days);
    await page.getByRole('button', { name: `Set it: ${what}` }).click();
  };
  await set('Film', '3 days');
  await expect(page.getByText(/^Film: 3 days, from now on/)).toBeVisible();
  await set('What Porch sees', '30 days');
  await expect(page.getByRole('dialog').getByText(/But not all of it: Film \(Porch\): 3 days, by the rule “Film”\.$/)).toBeVisible();
  await somebody.proves();
  await expect(page.getByText(/^What Porch sees: 30 days, from now on.* But not all of it: Film \(Porch\): 3 days, by the rule “Film”\.$/)).toBeVisible();

  // One's own is kept without an end but where a rule by kind says less.
  await set('The answers', '14 days');
  await expect(page.getByText(/^The answers: 14 days, from now on/)).toBeVisible();
  await set('Everything of yours', 'Without an end');
  await expect(page.getByRole('dialog').getByText(/But not all of it: The answers \(you\): 14 days, by the rule “The answers”\.$/)).toBeVisible();
});

test('who owns nothing changes the rules about themself alone', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.signIn('Tom', 'policy');
  await expect(page.getByText('How long things are kept for everybody is for an owner to say.')).toBeVisible();
  await expect(page.getByRole('combobox')).toHaveCount(1);
  await page.getByLabel('Everything of yours').selectOption('7 days');
  await page.getByRole('button', { name: 'Set it: Everything of yours' }).click();
  await expect(page.getByText('Everything of yours: 7 days, from now on. Until now: As for everybody.')).toBeVisible();
  // As many days, in other words, are no other rule.
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'PUT' && sent.push(request.url()));
  await page.getByLabel('Everything of yours').selectOption('Another number of days …');
  await page.getByLabel('Days: Everything of yours').fill('7');
  await page.getByRole('button', { name: 'Set it: Everything of yours' }).click();
  await expect(page.getByText('It stands so already, so nothing was changed.')).toBeVisible();
  expect(sent).toEqual([]);
});

test('whoever leaves the page before proving who it is gives the change up', async ({ somebody, house, page }) => {
  await house.anna('consent', 'grant', 'Anna', 'history');
  const before = await sentences(house);
  const longer = async () => {
    await page.getByLabel('Everything of yours').selectOption('Without an end');
    await page.getByRole('button', { name: 'Set it: Everything of yours' }).click();
  };
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await somebody.signIn('Anna', 'people');
  await somebody.open('policy');
  await longer();
  await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await page.goBack();
  await expect(proof).toHaveCount(0);

  // Not even where the hub has been asked already.
  await page.goForward();
  await longer();
  await expect(proof.getByLabel('Your passphrase')).toHaveValue('');
  await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  let finish = (): void => undefined;
  const left = new Promise<void>((done) => (finish = done));
  await page.route('**/api/step-up/finish', async (route) => {
    await left;
    await route.continue();
  });
  const asked = page.waitForRequest('**/api/step-up/finish');
  await proof.getByRole('button', { name: 'It is me' }).click();
  await asked;
  await page.goBack();
  await expect(proof).toHaveCount(0);
  const proved = page.waitForResponse('**/api/step-up/finish');
  finish();
  await proved;
  await page.goForward();
  await expect(page.getByLabel('Everything of yours')).toHaveValue('');
  expect(await sentences(house)).toEqual(before);
});
