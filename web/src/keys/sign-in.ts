// Signing in: with a passphrase, which never leaves the browser, and a second factor; or with a passkey alone.

import { arrive } from './index';
import { prove, type Challenge } from './opaque';
import * as passkeys from './passkeys';
import { ask } from '../hub/api';

interface WithPasskey extends Challenge {
  passkey?: PublicKeyCredentialRequestOptionsJSON | null;
}

/** Somebody who has just signed in. */
export interface SignedIn {
  /** Their name as the household writes it. */
  person: string;
  /** The hub's word for this proof: good for one change of how they sign in. Not to be kept. */
  proof: string;
}

/** Signs in. */
export async function signIn(name: string, passphrase: string, by: passkeys.Second): Promise<SignedIn> {
  const { challenge, finalization, exportKey } = await prove(passphrase, (request) =>
    ask<WithPasskey>('POST', '/api/sign-in/start', { name, request }),
  );
  const second = await passkeys.second(challenge, by);
  const finish = { attempt: challenge.attempt, finalization, ...second, ...here() };
  const signedIn = await ask<SignedIn>('POST', '/api/sign-in/finish', finish);
  await arrive(exportKey);
  return signedIn;
}

/** Signs in with a passkey alone. It knows whose it is; the name only tells the hub whose wrong tries to count. */
export async function signInWithPasskey(name: string): Promise<SignedIn> {
  const { attempt, options } = await ask<{ attempt: string; options: PublicKeyCredentialRequestOptionsJSON }>('POST', '/api/sign-in/passkey/start', { name: name || null });
  const { credential, id, secret } = await passkeys.prove(options);
  // Before anybody is signed in: a session that opens nothing helps nobody.
  if (!secret) throw new passkeys.Sealed();
  const signedIn = await ask<SignedIn>('POST', '/api/sign-in/passkey/finish', { attempt, credential, ...here() });
  await arrive(secret, id);
  return signedIn;
}

/** What the hub is told of this browser. */
export function here(): { client: string; cookie: true } {
  return { client: thisBrowser(), cookie: true };
}

/** In words, for the list of sessions. */
function thisBrowser(): string {
  const agent = navigator.userAgent;
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([[/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']]);
  const on = first([[/iPhone/, 'an iPhone'], [/iPad/, 'an iPad'], [/Android/, 'Android'], [/Mac OS/, 'a Mac'], [/Windows/, 'Windows'], [/Linux/, 'Linux']]);
  return `${browser ?? 'A browser'} on ${on ?? 'a computer'}`;
}
