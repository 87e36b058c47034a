// Coming back with a recovery kit: the hub's challenge is answered with the recovery secret on it, and a new passphrase and second
// factor take the place of the old ones.

import * as drawer from './drawer';
import { registration, wrap, type Totp } from './enrol';
import type { Kit } from './kit';
import { answer, type Recovery } from './recovery';
import { here } from './sign-in';
import { state } from './statement';
import { ask } from '../hub/api';

interface Started {
  attempt: string;
  challenge: string;
  response: string;
}

/** The person's name as the household writes it. */
export async function recover(name: string, { keys }: Kit, recovery: Recovery, passphrase: string, totp: Totp): Promise<string> {
  let started: Started | null = null;
  const { record, exportKey } = await registration(passphrase, async (request) => {
    started = await ask<Started>('POST', '/api/recovery/start', { name, request });
    return started.response;
  });
  const { attempt, challenge } = started!; // `registration` has asked
  const wrapped = await wrap(keys, exportKey);
  const parts: Parameters<typeof answer>[1] = [challenge, record, totp.secret, wrapped];
  const account = { record, totp_secret: totp.secret, wrapped, signature: await state(keys, 'recovered', parts) };
  const signature = await answer(recovery, parts);
  const { person } = await ask<{ person: string }>('POST', '/api/recovery/finish', { attempt, signature, account, ...here() });
  await drawer.put(keys.member);
  return person;
}
