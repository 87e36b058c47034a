// What is said at the door.

import { NotRight } from '../keys/opaque';
import { Declined, NoPasskey, Sealed } from '../keys/passkeys';
import { Problem, words } from '../hub/api';
import { catalogue } from './index.svelte';

export const door = catalogue({
  en: {
    title: 'Sign in',
    hello: 'Welcome home',
    lead: 'Your passphrase is proved from this browser, and never leaves it.',
    name: 'Your name',
    passphrase: 'Your passphrase',
    digits: 'The six digits of your authenticator',
    go: 'Sign in',
    busy: 'Signing in …',
    stretching: 'Your passphrase is being stretched here; it goes nowhere.',
    passkey: 'Sign in with a passkey',
    orPasskey: 'With a passkey, leave these empty.',
    passkeyBusy: 'Your browser asks you now.',
    or: 'or',
    lost: 'Forgot your passphrase, or lost your phone?',
    recover: 'Come back with your recovery kit',
    invited: 'New here?',
    haveCode: 'I have a code: come in',
    notRight: 'Name, passphrase or digits are not right. Nothing tells which, so that nobody can guess.',
    passkeyNotRight: 'This passkey is not known here. Sign in with your passphrase.',
    used: 'These six digits were used already. Wait for the next ones, at most half a minute.',
    tooLate: 'This took too long, or the hub was started again meanwhile. Try once more.',
    declined: 'Your browser did not get an answer from a passkey. Nothing was done.',
    noPasskey: 'You have no passkey at this address. Use the six digits.',
    sealedPasskey: 'This passkey can prove that it is you, and cannot open what is sealed to you. Type your passphrase as well, and use the passkey instead of the digits.',
  },
  de: {
    title: 'Anmelden',
    hello: 'Willkommen zu Hause',
    lead: 'Deine Passphrase verlässt diesen Browser nie: Er weist nur nach, dass du sie kennst.',
    name: 'Dein Name',
    passphrase: 'Deine Passphrase',
    digits: 'Die sechs Ziffern deines Authentifikators',
    go: 'Anmelden',
    busy: 'Du wirst angemeldet …',
    stretching: 'Aus deiner Passphrase wird hier ein Schlüssel; sie selbst geht nirgendwohin.',
    passkey: 'Mit einem Passkey anmelden',
    orPasskey: 'Mit einem Passkey bleiben sie leer.',
    passkeyBusy: 'Dein Browser fragt dich jetzt.',
    or: 'oder',
    lost: 'Passphrase vergessen oder Telefon verloren?',
    recover: 'Mit deinem Wiederherstellungsblatt zurückkommen',
    invited: 'Neu hier?',
    haveCode: 'Ich habe einen Code: hereinkommen',
    notRight: 'Name, Passphrase oder Ziffern stimmen nicht. Welches davon, wird nicht gesagt, damit niemand raten kann.',
    passkeyNotRight: 'Dieser Passkey ist hier nicht bekannt. Melde dich mit deiner Passphrase an.',
    used: 'Diese sechs Ziffern wurden schon benutzt. Warte auf die nächsten, höchstens eine halbe Minute.',
    tooLate: 'Das hat zu lange gedauert, oder der Hub wurde inzwischen neu gestartet. Versuche es noch einmal.',
    declined: 'Dein Browser hat von keinem Passkey eine Antwort bekommen. Es ist nichts geschehen.',
    noPasskey: 'Unter dieser Adresse hast du keinen Passkey. Nimm die sechs Ziffern.',
    sealedPasskey: 'Dieser Passkey kann beweisen, dass du es bist, aber nicht öffnen, was für dich versiegelt ist. Gib auch deine Passphrase ein und nimm den Passkey statt der Ziffern.',
  },
});

/** Why a proof was refused, in words; of one by a passkey alone, in others. */
export function refused(why: unknown, byPasskey = false): string {
  if (why instanceof NotRight) return door.notRight;
  if (why instanceof Declined) return door.declined;
  if (why instanceof NoPasskey) return door.noPasskey;
  if (why instanceof Sealed) return door.sealedPasskey;
  if (!(why instanceof Problem)) return words(why);
  switch (why.word) {
    case 'not-right':
      return byPasskey ? door.passkeyNotRight : door.notRight;
    case 'code-used':
      return door.used;
    case 'too-late':
      return door.tooLate;
    default:
      return why.message;
  }
}
