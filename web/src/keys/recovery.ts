// The recovery secret, as `crates/household/src/member/kit.rs` has it: what gets a member back in. It is made with a kit, derived from
// nothing, and kept nowhere but on paper.

import { base64, bech32 } from '@scure/base';
import { derive, signing, utf8, type Signing } from './identity';
import { recovered, signed } from './statement';

const HRP = 'porchlight-recovery-';
const LENGTH = 16;
const RECOVERY = utf8('porchlight recovery key v1');

/** A recovery secret, while it is being printed or used. */
export interface Recovery {
  /** As it is written: `PORCHLIGHT-RECOVERY-1…`. */
  text: string;
  /** What answers a hub's challenge; it cannot be taken out of this page. */
  signing: Signing;
}

/** A fresh one. */
export async function makeRecovery(): Promise<Recovery> {
  const secret = crypto.getRandomValues(new Uint8Array(LENGTH));
  try {
    return await recoveryOf(bech32.encode(HRP, bech32.toWords(secret)).toUpperCase(), secret);
  } finally {
    secret.fill(0);
  }
}

/** One that was written. Throws when a letter is not right. */
export async function readRecovery(text: string): Promise<Recovery> {
  const { prefix, bytes } = bech32.decodeToBytes(text);
  if (prefix !== HRP || bytes.length !== LENGTH) throw new Error('this is no recovery secret');
  return recoveryOf(text, new Uint8Array(bytes));
}

/** Its public half, for the account. */
export function recoveryKey({ signing }: Recovery): string {
  return base64.encode(signing.public);
}

/** Answers a hub's challenge with the account that is to take the place of the old one; base64url. */
export function answer({ signing }: Recovery, parts: Parameters<typeof recovered>[0]): Promise<string> {
  return signed(signing, recovered(parts));
}

async function recoveryOf(text: string, secret: Uint8Array<ArrayBuffer>): Promise<Recovery> {
  return { text, signing: await signing(await derive(secret, RECOVERY)) };
}
