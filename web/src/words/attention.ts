// What an adult can do about what is not as it should be.

import { catalogue } from './index.svelte';

export const attention = catalogue({
  en: {
    confirmClock: 'Look at the time',
    isIt: (at: string) => `The hub’s clock shows ${at}. Is that right? What is due is then forgotten for good.`,
    itIs: 'Yes, that is right',
    leave: 'No, leave it',
    why: 'You say that the time is right, and what is due is forgotten for good.',
    confirming: 'Confirming …',
    endCopies: 'Let newer copies end',
    sure: 'What is only in copies that were made later is then gone for good. Is none of them needed?',
    end: 'None, let them end',
    whyEnd: 'Copies that were made later open nothing of their own any more, for good.',
  },
  de: {
    confirmClock: 'Die Zeit ansehen',
    isIt: (at: string) => `Die Uhr des Hubs zeigt ${at} Uhr. Stimmt das? Was fällig ist, wird dann endgültig vergessen.`,
    itIs: 'Ja, das stimmt',
    leave: 'Nein, so lassen',
    why: 'Du sagst, dass die Zeit stimmt, und was fällig ist, wird endgültig vergessen.',
    confirming: 'Wird bestätigt …',
    endCopies: 'Neuere Kopien enden lassen',
    sure: 'Was nur in später gemachten Kopien steht, ist dann endgültig weg. Wird keine davon gebraucht?',
    end: 'Keine, lass sie enden',
    whyEnd: 'Später gemachte Kopien öffnen nichts Eigenes mehr, endgültig.',
  },
});
