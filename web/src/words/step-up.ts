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
    once: 'It counts for this one change.',
    lasts: 'For the next fifteen minutes you will not be asked again here.',
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
    once: 'Der Nachweis gilt für diese eine Änderung.',
    lasts: 'In den nächsten fünfzehn Minuten wirst du hier nicht noch einmal gefragt.',
  },
});
