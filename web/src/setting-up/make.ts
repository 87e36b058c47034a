// Making the household: every key in this browser, and the hub told what it must know.

import { change } from '../household/change';
import { addPerson } from '../household/edits';
import { load } from '../household/home.svelte';
import { startAnew } from '../household/seen';
import { ask } from '../hub/api';
import { firstHousehold, makeKeys, newAccount, registration, type Totp } from '../keys/enrol';
import { setLater } from '../keys/kit-state.svelte';
import { makeRecovery } from '../keys/recovery';
import { signIn } from '../keys/sign-in';
import { justMade, proveAgain } from '../keys/step-up.svelte';
import type { Places, Wizard } from './wizard.svelte';

interface Started extends Places {
  response: string;
}

/** Whether the code and the mirror are right, and where things will be. What is registered by that is thrown away. */
export async function knock(wizard: Wizard): Promise<Places> {
  let places: Places | null = null;
  await registration(crypto.randomUUID(), async (request) => {
    const started = await start(wizard, request);
    places = started;
    return started.response;
  });
  return places!; // `registration` has asked
}

/** Makes the household. */
export async function make(wizard: Wizard, passphrase: string, totp: Totp): Promise<void> {
  const keys = (wizard.keys ??= await makeKeys());
  const recovery = (wizard.recovery ??= await makeRecovery());
  const register = async (request: string) => (await start(wizard, request)).response;
  const who = { person: wizard.id, name: wizard.owner, household: wizard.name, passphrase, keys, recovery, register };
  const { account } = await newAccount(who, totp);
  const first = { name: wizard.name, timeZone: wizard.zone, language: wizard.language, person: wizard.id, owner: wizard.owner, born: wizard.born, keys };
  const wish = { code: code(wizard), signed: await firstHousehold(first), account, mirrors: mirrors(wizard), phones: wizard.phones };
  const made = await ask<{ phones: boolean }>('POST', '/api/setup', wish);
  wizard.phones = made.phones;
  // Whoever closes this page before the kit is on paper is reminded of it.
  setLater(true);
}

/** Comes home: signs in, and writes down who else lives here. */
export async function enter(wizard: Wizard, passphrase: string, digits: string): Promise<void> {
  wizard.proof = (await signIn(wizard.owner.trim(), passphrase, { code: digits })).proof;
  justMade(passphrase);
  // Whatever household this browser knew before, this is another.
  startAnew();
  await load();
  if (wizard.people.length === 0) return;
  // The digits were proved a moment ago.
  const { proof } = await proveAgain(passphrase, null, 'household');
  await change(async (next, me) => {
    for (const person of wizard.people) {
      if (!next.people.some(({ id }) => id === person.id)) await addPerson(next, me, person);
    }
  }, proof);
}

function start(wizard: Wizard, request: string): Promise<Started> {
  return ask<Started>('POST', '/api/setup/start', { code: code(wizard), person: wizard.id, request, mirrors: mirrors(wizard) });
}

/** As the terminal shows it; how it was typed does not matter. */
function code(wizard: Wizard): string {
  return wizard.code.trim();
}

function mirrors({ mirror }: Wizard): string[] {
  return mirror.trim() ? [mirror.trim()] : [];
}
