// Opening what is sealed, in words.

import { catalogue } from './index.svelte';

export const keysWords = catalogue({
  en: {
    noKeys: 'Sign in again to open what is sealed to you.',
    otherRecording: 'What the hub handed out is another recording than the one you asked for. Do not go on before you know why.',
  },
  de: {
    noKeys: 'Melde dich noch einmal an, um zu öffnen, was für dich versiegelt ist.',
    otherRecording: 'Was der Hub herausgegeben hat, ist eine andere Aufnahme als die, die du wolltest. Mach nicht weiter, bevor du weißt, warum.',
  },
});
