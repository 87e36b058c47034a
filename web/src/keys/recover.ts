// Coming back with a recovery kit: the hub's challenge is signed with the key on it, and a new passphrase and second factor take
// the place of the old ones.

import { base64urlnopad } from '@scure/base';
import * as drawer from './drawer';
import { registration, wrap, type NewKeys, type Totp } from './enrol';
import { here } from './sign-in';
import { ask } from '../hub/api';

/** What stands before the challenge in what is signed. */
const CONTEXT = 'porchlight recovery v1\0';

interface Started {
  attempt: string;
  challenge: string;
  response: string;
}

/** The person's name as the household writes it. */
export async function recover(name: string, keys: NewKeys, passphrase: string, totp: Totp): Promise<string> {
  let started: Started | null = null;
  const { record, exportKey } = await registration(passphrase, async (request) => {
    started = await ask<Started>('POST', '/api/recovery/start', { name, request });
    return started.response;
  });
  const { attempt, challenge } = started!; // `registration` has asked
  const signed = new Uint8Array([...new TextEncoder().encode(CONTEXT), ...base64urlnopad.decode(challenge)]);
  const signature = base64urlnopad.encode(new Uint8Array(await crypto.subtle.sign('Ed25519', keys.member.signer, signed)));
  const account = { record, totp_secret: totp.secret, wrapped: await wrap(keys, exportKey) };
  const { person } = await ask<{ person: string }>('POST', '/api/recovery/finish', { attempt, signature, account, ...here() });
  await drawer.put(keys.member);
  return person;
}
