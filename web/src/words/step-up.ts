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
    passkey: 'Use my passkey instead of the digits',
    wrong: 'Passphrase or digits are not right. Nothing was done.',
    lasts: 'For the next fifteen minutes you will not be asked again here.',
  },
  de: {
    title: 'Bist du es?',
    passphrase: 'Dein Passwortsatz',
    digits: 'Die sechs Ziffern deines Authentifikators',
    go: 'Ich bin es',
    busy: 'Wird bewiesen …',
    leave: 'Lieber nicht',
    passkey: 'Meinen Passkey statt der Ziffern nehmen',
    wrong: 'Passwortsatz oder Ziffern stimmen nicht. Nichts wurde getan.',
    lasts: 'In den nächsten fünfzehn Minuten wirst du hier nicht noch einmal gefragt.',
  },
});
