// What other sites can do with somebody who is signed in: nothing. The other site is a page of its own, at another port of this
// computer; a browser calls that the same site, so it sends the session's cookie along, and the hub itself has to refuse.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './test';

const sites: Server[] = [];

/** A page of somebody else's, in this language of theirs. */
async function site(html: string): Promise<string> {
  const server = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><title>Elsewhere</title>${html}`));
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  sites.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test.afterEach(() => {
  for (const server of sites.splice(0)) server.close();
});

test('no other page can show the app in a frame', async ({ somebody, house, page }) => {
  await somebody.signIn();
  for (const path of ['/', '/api/policy', '/authority.crt', '/lantern.svg']) {
    const refused = page.waitForEvent('console', (message) => message.type() === 'error' && message.text().includes(house.address));
    await page.goto(await site(`<iframe src="${house.address}${path}" width="400" height="400"></iframe>`));
    expect((await refused).text(), path).toMatch(/frame-ancestors|X-Frame-Options/);
    await expect.poll(() => page.frames()[1]?.url(), path).toContain('chrome-error://');
  }
  somebody.troubles.splice(0);
});

test('no other page can ask or change anything, though the browser sends the session along', async ({ somebody, house, page }) => {
  await somebody.signIn();
  const before = await house.anna('session', 'list');

  // A form needs nobody's leave to be sent.
  for (const [method, path, type] of [
    ['POST', '/api/forget', 'text/plain'],
    ['POST', '/api/ledger/key', 'application/x-www-form-urlencoded'],
    ['POST', '/api/say?aloud=false', 'multipart/form-data'],
    ['GET', '/api/sessions', 'application/x-www-form-urlencoded'],
    ['GET', '/api/identity', 'application/x-www-form-urlencoded'],
  ] as const) {
    const sent = page.waitForRequest((request) => request.url().startsWith(house.address + path.split('?')[0]!));
    await page.goto(await site(`<form method="${method}" action="${house.address}${path}" enctype="${type}"><input name='{"all":true,"x":"' value='"}'></form>`));
    const answered = page.waitForResponse((answer) => answer.url().startsWith(house.address));
    await page.evaluate(() => document.forms[0]!.submit());
    const headers = await (await sent).allHeaders();
    expect(headers['cookie'], 'the browser does send it').toContain('porchlight=');
    expect((await answered).status(), `${method} ${path}`).toBe(403);
    await expect(page.getByText('may be of another site')).toBeVisible();
  }

  // A script can send what a form can, reads no answer, and may not set the header that the app sets.
  await page.goto(await site(''));
  const asked = await page.evaluate(async (hub) => {
    const how = (more: RequestInit) => fetch(`${hub}/api/household`, { credentials: 'include', ...more }).then((answer) => `${answer.type} ${answer.status}`, (why: Error) => why.name);
    return [
      await how({}),
      await how({ mode: 'no-cors' }),
      await how({ headers: { 'x-porchlight': '1' } }),
      await how({ method: 'PUT', headers: { 'x-porchlight': '1', 'content-type': 'application/json' }, body: '{}' }),
    ];
  }, house.address);
  // Not even an answer that it cannot read comes in: the hub's are for its own pages.
  expect(asked).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError']);

  // Nor does it learn anything by loading things of the hub as pictures, styles or scripts.
  const loaded = await page.evaluate(async (hub) => {
    const load = (tag: 'img' | 'script', src: string) => new Promise((tell) => {
      const element = document.createElement(tag);
      element.onload = () => tell('loaded');
      element.onerror = () => tell('refused');
      element.src = src;
      document.body.append(element);
    });
    return [await load('img', `${hub}/lantern.svg`), await load('script', `${hub}/api/health`), await load('script', `${hub}/service-worker.js`)];
  }, house.address);
  expect(loaded).toEqual(['refused', 'refused', 'refused']);

  // A window that was opened from elsewhere is not its opener's to follow.
  const opened = page.context().waitForEvent('page');
  await page.evaluate((hub) => Object.assign(window, { other: window.open(hub) }), house.address);
  await (await opened).waitForLoadState();
  await expect.poll(() => page.evaluate(() => (window as unknown as { other: Window }).other.closed), 'the opener is cut off').toBe(true);

  expect(await house.anna('session', 'list')).toEqual(before);
  somebody.troubles.splice(0);
});

test('the app runs nothing that it was not built with, and asks nobody but its hub', async ({ somebody, house, page }) => {
  await somebody.signIn();
  const answer = await page.request.get(house.address);
  const policy = answer.headers()['content-security-policy'] ?? '';
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*|data:/);
  expect(policy.split(/; */)).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]));
  expect(answer.headers()).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' });
  const elsewhere = await site('');
  const tried = await page.evaluate(async (elsewhere) => {
    const blocked: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'window.ran = true');
    document.body.append(button);
    button.click();
    button.remove();
    const styled = document.createElement('p');
    styled.setAttribute('style', 'color: red');
    const image = new Image();
    const seen = new Promise((done) => (image.onerror = done));
    image.src = `${elsewhere}seen.png`;
    await seen;
    const sent = await fetch(elsewhere, { mode: 'no-cors' }).then(() => 'sent', () => 'refused');
    let evaluated = 'refused';
    try {
      evaluated = String((0, eval)('1 + 1'));
    } catch {
      // That is what is hoped for.
    }
    const colour = styled.style.color;
    return { ran: 'ran' in window, sent, evaluated, colour, blocked: [...new Set(blocked)].sort() };
  }, elsewhere);
  expect(tried).toMatchObject({ ran: false, sent: 'refused', evaluated: 'refused', colour: '' });
  expect(tried.blocked).toEqual(expect.arrayContaining(['img-src', 'script-src-attr', 'script-src-elem', 'style-src-attr']));
  somebody.troubles.splice(0);
});
