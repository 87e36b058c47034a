// Tries to sign in as somebody that failed.

import { catalogue, count } from './index.svelte';

const tries = { en: (n: number) => count(n, 'try', 'tries'), de: (n: number) => count(n, 'Versuch', 'Versuche') };

export const failedSignIns = catalogue({
  en: {
    label: 'Tries to sign in as you',
    /** `who` is empty for whoever reads it. */
    told: (who: string, n: number, day: string, from: string, until: string) =>
      `${tries.en(n)} to sign in as ${who || 'you'} failed ${day === '' ? '' : `${day}, `}${from === until ? `at ${from}` : `between ${from} and ${until}`}`,
    home: 'from your network at home',
    elsewhere: 'from elsewhere',
    both: (home: number, elsewhere: number) => `${home} from your network at home, ${elsewhere} from elsewhere`,
    nobody: 'Nobody got in by them.',
    knows: 'Your passphrase was right each time, the second factor was not. If that was not you, somebody knows your passphrase: change it now.',
    othersKnown: (who: string) => `The passphrase of ${who} was right each time, the second factor was not.`,
    see: 'Go to your account',
    put: 'Put it away',
  },
  de: {
    label: 'Versuche, sich als du anzumelden',
    told: (who: string, n: number, day: string, from: string, until: string) =>
      `${tries.de(n)}, sich als ${who || 'du'} anzumelden, ${n === 1 ? 'ist' : 'sind'} ${day === '' ? '' : `${day} `}${from === until ? `um ${from} Uhr` : `zwischen ${from} und ${until} Uhr`} gescheitert`,
    home: 'aus eurem Netz zu Hause',
    elsewhere: 'von anderswo',
    both: (home: number, elsewhere: number) => `${home} aus eurem Netz zu Hause, ${elsewhere} von anderswo`,
    nobody: 'Niemand kam dadurch herein.',
    knows: 'Deine Passphrase war jedes Mal richtig, der zweite Faktor nicht. Warst du das nicht, dann kennt jemand deine Passphrase: Ändere sie jetzt.',
    othersKnown: (who: string) => `Die Passphrase von ${who} war jedes Mal richtig, der zweite Faktor nicht.`,
    see: 'Zu deinem Konto',
    put: 'Weglegen',
  },
});
