// Whether somebody's authenticator has taken up a fresh secret (RFC 6238): found out before anything depends on it.

import { base32 } from '@scure/base';

const STEP = 30_000;
const DIGITS = 6;

/** Whether these digits are of about now; clocks may differ by one step, as the hub allows. */
export async function shows(secret: string, code: string): Promise<boolean> {
  const bytes = new Uint8Array(base32.decode(secret));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  const step = Math.floor(Date.now() / STEP);
  const near = await Promise.all([step - 1, step, step + 1].map((at) => digits(key, at)));
  return near.includes(code.replaceAll(/\s/g, ''));
}

async function digits(key: CryptoKey, step: number): Promise<string> {
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, message));
  const at = mac.getUint8(mac.byteLength - 1) & 15;
  return String((mac.getUint32(at) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, '0');
}
