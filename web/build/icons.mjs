// Draws the app's icons out of public/lantern.svg, for phones that take pictures only: `node build/icons.mjs` in web/, with Chromium.

import { chromium } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';

const PAPER = '#FBF5E9';
const lantern = `data:image/svg+xml;base64,${readFileSync('public/lantern.svg').toString('base64')}`;
/** What is drawn: its size, how much of it the lantern takes, and whether its corners are round. A phone may cut a maskable one to a circle of 80 %. */
const icons = {
  'icon-192': [192, 0.72, true],
  'icon-512': [512, 0.72, true],
  'icon-180': [180, 0.72, false],
  'icon-maskable-192': [192, 0.56, false],
  'icon-maskable-512': [512, 0.56, false],
};

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [name, [size, share, round]] of Object.entries(icons)) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const [inner, radius] = [Math.round(size * share), round ? size * 0.22 : 0];
  const ground = `width:${size}px;height:${size}px;border-radius:${radius}px;background:${PAPER};display:grid;place-items:center`;
  await page.setContent(`<body style="margin:0;background:transparent"><div style="${ground}"><img width="${inner}" height="${inner}" src="${lantern}"></div>`);
  await page.locator('img').evaluate((image) => image.decode());
  writeFileSync(`public/${name}.png`, await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
