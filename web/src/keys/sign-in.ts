// Signing in with a passphrase, which never leaves the browser, and a second factor.

import { arrive } from './index';
import { prove, type Challenge } from './opaque';
import { ask } from '../hub/api';

export { NotRight } from './opaque';

/** Signs in; the person's name as the household writes it. */
export async function signIn(name: string, passphrase: string, code: string): Promise<string> {
  const { challenge, finalization, exportKey } = await prove(passphrase, (request) =>
    ask<Challenge>('POST', '/api/sign-in/start', { name, request }),
  );
  const finish = { attempt: challenge.attempt, finalization, code, client: thisBrowser(), cookie: true };
  const { person } = await ask<{ person: string }>('POST', '/api/sign-in/finish', finish);
  await arrive(exportKey);
  return person;
}

/** In words, for the list of sessions. */
export function thisBrowser(): string {
  const agent = navigator.userAgent;
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([[/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']]);
  const on = first([[/iPhone/, 'an iPhone'], [/iPad/, 'an iPad'], [/Android/, 'Android'], [/Mac OS/, 'a Mac'], [/Windows/, 'Windows'], [/Linux/, 'Linux']]);
  return `${browser ?? 'A browser'} on ${on ?? 'a computer'}`;
}
