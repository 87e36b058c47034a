// What is said when somebody proves anew who they are.

import { catalogue } from './index.svelte';

export const stepUp = catalogue({
  en: {
    title: 'Is it you?',
    passphrase: 'Your passphrase',
    digits: 'The six digits of your authenticator',
    go: 'It is me',
    busy: 'Proving it …',
    leave: 'Leave it',
    orPasskey: 'If you have a passkey, leave the digits empty, or both: your browser asks for it then.',
    orPasskeyAlone: 'If you have a passkey, leave it empty: your browser asks for it then.',
    notRight: 'That is not your passphrase. Try it again.',
    digitsNotRight: 'These six digits are not right. Try the ones that are shown now.',
    once: 'It counts for this one change.',
    lasts: 'It counts here for the next fifteen minutes. What decides who belongs to the household asks again.',
  },
  de: {
    title: 'Bist du es?',
    passphrase: 'Deine Passphrase',
    digits: 'Die sechs Ziffern deines Authentifikators',
    go: 'Ich bin es',
    busy: 'Wird nachgewiesen …',
    leave: 'Lieber nicht',
    orPasskey: 'Hast du einen Passkey, lass die Ziffern leer oder beides: Dein Browser fragt dann nach ihm.',
    orPasskeyAlone: 'Hast du einen Passkey, lass das Feld leer: Dein Browser fragt dann nach ihm.',
    notRight: 'Das ist nicht deine Passphrase. Versuch es noch einmal.',
    digitsNotRight: 'Diese sechs Ziffern stimmen nicht. Versuch es mit denen, die jetzt angezeigt werden.',
    once: 'Der Nachweis gilt für diese eine Änderung.',
    lasts: 'Der Nachweis gilt hier für die nächsten fünfzehn Minuten. Was entscheidet, wer zum Haushalt gehört, fragt noch einmal.',
  },
});
