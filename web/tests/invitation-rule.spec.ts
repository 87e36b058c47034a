// The app's own rule of invitations, without a page, against the vectors that the hub's side is held to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountHash, bind, commitmentTo, greet, grouped, isBinding, isGreeting, isPromised, newCode, newNonce, numbersOf, readCode, secretsOf, type Asking } from '../src/keys/invitation';
import type { NewAccount } from '../src/keys/enrol';
import type { PublicKeys } from '../src/household/document';
import { expect, test } from './test';

interface Vectors {
  code: string;
  shown: string;
  typed: string[];
  zero: { code: string; typed: string };
  none: string[];
  handle: string;
  nonce: string;
  asking: Asking;
  greeting: string;
  nameless: { asking: Asking; greeting: string };
  answer: { keys: PublicKeys; account: NewAccount };
  account_hash: string;
  binding: string;
  numbers: string[];
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../tests/vectors/invitation.json'), 'utf8')) as Vectors;

test('a code of an invitation is read however it was typed, and what is none is not', () => {
  const { code, shown, typed, zero, none } = vectors;
  expect(grouped(code)).toBe(shown);
  for (const one of [...typed, shown]) expect.soft(readCode(one), one).toBe(code);
  expect(readCode(zero.typed)).toBe(zero.code);
  for (const one of none) expect.soft(readCode(one), one).toBeNull();
  const fresh = newCode();
  expect(readCode(grouped(fresh))).toBe(fresh);
  expect(newCode()).not.toBe(fresh);
});

test('what follows from the code is the same here and at the command line, and whatever was changed on the way does not fit', async () => {
  const { code, handle, nonce, asking, greeting, nameless, answer, account_hash, binding, numbers } = vectors;
  const made = { keys: answer.keys, account: account_hash };
  const secrets = await secretsOf(code);
  expect(secrets.handle).toBe(handle);
  expect(await greet(secrets, asking)).toBe(greeting);
  expect(await greet(secrets, nameless.asking)).toBe(nameless.greeting);
  expect(await accountHash(answer.account)).toBe(account_hash);
  expect(await bind(secrets, greeting, made)).toBe(binding);
  expect(await commitmentTo(nonce)).toBe(asking.commitment);
  expect(await numbersOf(secrets, binding, nonce)).toEqual(numbers);

  expect(await isGreeting(secrets, asking, greeting)).toBe(true);
  for (const part of Object.keys(asking) as (keyof Asking)[]) expect.soft(await isGreeting(secrets, { ...asking, [part]: 'other' }, greeting), part).toBe(false);
  expect(await isBinding(secrets, greeting, made, binding)).toBe(true);
  const { keys } = made;
  for (const part of ['recipient', 'signer'] as const) expect.soft(await isBinding(secrets, greeting, { ...made, keys: { ...keys, [part]: 'other' } }, binding), part).toBe(false);
  for (const part of Object.keys(answer.account) as (keyof NewAccount)[]) {
    const account = await accountHash({ ...answer.account, [part]: 'other' });
    expect.soft(await isBinding(secrets, greeting, { ...made, account }, binding), part).toBe(false);
  }
  // Another nonce than was promised, and what is none whatever was promised.
  expect(await isPromised(nonce, asking.commitment)).toBe(true);
  const another = newNonce();
  for (const other of [another, asking.commitment, `${nonce}A`, 'not base64!', '']) expect.soft(await isPromised(other, asking.commitment), other).toBe(false);
  expect(await isPromised('AAAA', await commitmentTo('AAAA'))).toBe(false);
  expect(await isPromised(another, await commitmentTo(another))).toBe(true);
  expect(await numbersOf(secrets, binding, another)).not.toEqual(numbers);
  // Another's code, and what is no code at all.
  const other = await secretsOf(newCode());
  expect(await isGreeting(other, asking, greeting)).toBe(false);
  expect(await isBinding(other, greeting, made, binding)).toBe(false);
  expect(await isBinding(secrets, greeting, made, 'not base64!')).toBe(false);
});
