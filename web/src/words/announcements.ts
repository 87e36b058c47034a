// What is said when somebody came in: on every other screen of the household that is open.

import { catalogue } from './index.svelte';

export const announcements = catalogue({
  en: {
    label: 'Who came in',
    new: (who: string, client: string) => `${who} signed in from a new browser: ${client}.`,
    known: (who: string, client: string) => `${who} signed in again: ${client}.`,
    youNew: (client: string) => `You signed in from a new browser: ${client}.`,
    youKnown: (client: string) => `You signed in again: ${client}.`,
    recovered: (who: string) => `${who} came back with their recovery kit. Their other sessions and their passkeys are gone.`,
    youRecovered: 'Somebody came back with your recovery kit.',
    was: (who: string) => `That was ${who}`,
    wasMe: 'That was me',
    wasNotUs: 'That was not us',
    wasNotMe: 'That was not me',
    endWhy: (client: string) => `You are about to end the session that you do not know: ${client}.`,
    ended: 'That session is ended. Somebody may know your passphrase: change it now.',
    change: 'Go to your account',
    ask: (who: string) => `Ask ${who}. If it was not ${who}, then in their account they can end that session and change their passphrase at once. An owner can take them out of the household until that is done: what is sealed from then on, nobody but the rest of you can open.`,
    kitOut: (who: string) => `If that was not ${who}, somebody else has their sheet of paper, and with it the key. An owner should take ${who} out of the household now and add them anew: with new keys.`,
    put: 'Put it away',
  },
  de: {
    label: 'Wer hereinkam',
    new: (who: string, client: string) => `${who} hat sich von einem neuen Browser aus angemeldet: ${client}.`,
    known: (who: string, client: string) => `${who} hat sich wieder angemeldet: ${client}.`,
    youNew: (client: string) => `Du hast dich von einem neuen Browser aus angemeldet: ${client}.`,
    youKnown: (client: string) => `Du hast dich wieder angemeldet: ${client}.`,
    recovered: (who: string) => `${who} ist mit dem Wiederherstellungsblatt zurückgekommen. Die anderen Sitzungen und die Passkeys sind weg.`,
    youRecovered: 'Jemand ist mit deinem Wiederherstellungsblatt zurückgekommen.',
    was: (who: string) => `Das war ${who}`,
    wasMe: 'Das war ich',
    wasNotUs: 'Das waren nicht wir',
    wasNotMe: 'Das war nicht ich',
    endWhy: (client: string) => `Du willst die Sitzung beenden, die du nicht kennst: ${client}.`,
    ended: 'Diese Sitzung ist beendet. Vielleicht kennt jemand deine Passphrase: Ändere sie jetzt.',
    change: 'Zu deinem Konto',
    ask: (who: string) => `Frag ${who}. War es jemand anders, dann kann ${who} im eigenen Konto diese Sitzung beenden und gleich die Passphrase ändern. Bis dahin kann, wer den Haushalt ändern darf, ${who} herausnehmen: Was von da an versiegelt wird, könnt nur ihr anderen öffnen.`,
    kitOut: (who: string) => `War das nicht ${who}, hat jemand anders das Blatt Papier und damit den Schlüssel. Wer den Haushalt ändern darf, sollte ${who} jetzt herausnehmen und neu aufnehmen: mit neuen Schlüsseln.`,
    put: 'Weglegen',
  },
});
