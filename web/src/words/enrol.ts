// Choosing how one signs in: a passphrase and a second factor.

import { catalogue } from './index.svelte';

export const enrol = catalogue({
  en: {
    passphrase: 'A passphrase',
    new: 'A new passphrase',
    hint: 'Four or more words that do not belong together are easy to keep and hard to guess.',
    show: 'Show what I type',
    weighing: 'Weighing it …',
    good: 'Strong enough.',
    again: 'The same once more',
    differs: 'The two are not the same yet.',
    authenticator: 'An authenticator',
    scan: 'Open the authenticator app on your phone and scan this square, or open the link on this phone. It then shows six digits that change every half minute.',
    orScan: 'Is the authenticator app on another phone? Scan the square with it. It then shows six digits that change every half minute.',
    square: 'The secret for your authenticator, as a square code',
    link: 'Open it in the app on this phone',
    type: 'Or type this into it',
    digits: 'The six digits that it shows now',
    digitsGood: 'They fit.',
    digitsWrong: 'Those digits do not fit. Wait for the next ones; if they do not fit either, see that this phone’s clock is right.',
  },
  de: {
    passphrase: 'Eine Passphrase',
    new: 'Eine neue Passphrase',
    hint: 'Vier oder mehr Wörter, die nicht zusammengehören, sind leicht zu merken und schwer zu erraten.',
    show: 'Zeigen, was ich tippe',
    weighing: 'Wird eingeschätzt …',
    good: 'Stark genug.',
    again: 'Dieselbe noch einmal',
    differs: 'Die beiden sind noch nicht gleich.',
    authenticator: 'Ein Authentifikator',
    scan: 'Öffne die Authentifikator-App auf deinem Telefon und scanne diesen Code, oder öffne den Link auf diesem Telefon. Dann zeigt sie sechs Ziffern, die alle halbe Minute wechseln.',
    orScan: 'Ist die Authentifikator-App auf einem anderen Telefon? Scanne den Code mit ihr. Dann zeigt sie sechs Ziffern, die alle halbe Minute wechseln.',
    square: 'Das Geheimnis für deinen Authentifikator als QR-Code',
    link: 'In der App auf diesem Telefon öffnen',
    type: 'Oder gib dort das hier ein',
    digits: 'Die sechs Ziffern, die sie jetzt zeigt',
    digitsGood: 'Sie passen.',
    digitsWrong: 'Diese Ziffern passen nicht. Warte auf die nächsten; passen die auch nicht, sieh nach, ob die Uhr dieses Telefons stimmt.',
  },
});
