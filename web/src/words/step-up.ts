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
    orPasskey: 'If you have a passkey, you can leave the digits empty: your browser asks for it then.',
    passphraseFor: 'Your keys have to be opened once more for this, so your passphrase is needed.',
    lasts: 'For the next fifteen minutes you will not be asked again here.',
  },
  de: {
    title: 'Bist du es?',
    passphrase: 'Deine Passphrase',
    digits: 'Die sechs Ziffern deines Authentifikators',
    go: 'Ich bin es',
    busy: 'Wird bewiesen …',
    leave: 'Lieber nicht',
    orPasskey: 'Hast du einen Passkey, kannst du die Ziffern leer lassen: Dein Browser fragt dann nach ihm.',
    passphraseFor: 'Dafür müssen deine Schlüssel noch einmal geöffnet werden, also braucht es deine Passphrase.',
    lasts: 'In den nächsten fünfzehn Minuten wirst du hier nicht noch einmal gefragt.',
  },
});
