// Whether somebody's authenticator has taken up a fresh secret (RFC 6238): found out before anything depends on it.

import { base32 } from '@scure/base';

const STEP = 30_000;
const DIGITS = 6;

/** Whether these digits are of about now; clocks may differ by one step, as the hub allows. */
export async function shows(secret: string, code: string): Promise<boolean> {
  const key = await keyOf(secret);
  const near = await Promise.all([-1, 0, 1].map((ahead) => digits(key, stepNow() + ahead)));
  return near.includes(code.replaceAll(/\s/g, ''));
}

/** The digits of now: for a page that has just made the secret. */
export async function shownNow(secret: string): Promise<string> {
  return digits(await keyOf(secret), stepNow());
}

function stepNow(): number {
  return Math.floor(Date.now() / STEP);
}

function keyOf(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(base32.decode(secret)), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
}

async function digits(key: CryptoKey, step: number): Promise<string> {
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, message));
  const at = mac.getUint8(mac.byteLength - 1) & 15;
  return String((mac.getUint32(at) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, '0');
}
