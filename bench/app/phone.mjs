// The phone that everything is measured as, and its owner's authenticator.

import { createHmac } from 'node:crypto';

export const VIEW = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: 'en-GB' };

/** Lighthouse's slow 4G and a processor four times slower: 150 ms there and back, 1.6 Mbit/s down, 0.75 up. */
export const PHONE = { latency: 150, down: 1.6, up: 0.75, slower: 4 };
/** The same phone in the home's Wi-Fi. */
export const AT_HOME = { latency: 5, down: 50, up: 20, slower: 4 };

export async function throttle(page, { latency, down, up, slower }) {
  const browser = await page.context().newCDPSession(page);
  const bytes = (megabits) => (megabits * 1e6) / 8;
  await browser.send('Network.enable');
  await browser.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: bytes(down), uploadThroughput: bytes(up) });
  await browser.send('Emulation.setCPUThrottlingRate', { rate: slower });
}

let last = 0;

/** Six digits that were not used yet (RFC 6238). Each step's work once, so now and then one has to wait for the next. */
export async function code(base32) {
  const now = () => Math.floor(Date.now() / 30_000);
  // The command line signed in with this step or the next.
  const step = Math.max(now() + 1, last + 1);
  while (step > now() + 1) await new Promise((wait) => setTimeout(wait, 250));
  last = step;
  const bits = [...base32].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
