// Signing in. The passphrase never leaves the browser: this is OPAQUE (RFC 9807).

import { arrive } from './index';
import { ask } from '../hub/api';

interface Challenge {
  attempt: string;
  response: string;
}

/** Thrown before anything is sent that could tell which of the two was wrong. */
export class NotRight extends Error {}

/** Signs in; the person's name as the household writes it. */
export async function signIn(name: string, passphrase: string, code: string): Promise<string> {
  // A quarter of a megabyte, which nobody who is signed in needs.
  const opaque = await import('@serenity-kit/opaque');
  await opaque.ready;
  const { clientLoginState, startLoginRequest } = opaque.client.startLogin({ password: passphrase });
  const { attempt, response } = await ask<Challenge>('POST', '/api/sign-in/start', { name, request: startLoginRequest });
  const login = opaque.client.finishLogin({ clientLoginState, loginResponse: response, password: passphrase });
  if (!login) throw new NotRight();
  const finish = { attempt, finalization: login.finishLoginRequest, code, client: thisBrowser(), cookie: true };
  const { person } = await ask<{ person: string }>('POST', '/api/sign-in/finish', finish);
  await arrive(login.exportKey);
  return person;
}

/** In words, for the list of sessions. */
function thisBrowser(): string {
  const agent = navigator.userAgent;
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([[/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']]);
  const on = first([[/iPhone/, 'an iPhone'], [/iPad/, 'an iPad'], [/Android/, 'Android'], [/Mac OS/, 'a Mac'], [/Windows/, 'Windows'], [/Linux/, 'Linux']]);
  return `${browser ?? 'A browser'} on ${on ?? 'a computer'}`;
}
