// What is said about the household document itself.

import { catalogue } from './index.svelte';

export const documents = catalogue({
  en: {
    notIt: (why: string) => `The household that this hub shows is not the one it was: ${why}`,
    doNotGoOn: 'Do not go on; look at the hub itself.',
    why: {
      other: (_: string) => 'it is another household.',
      older: (versions: string) => {
        const [shown, known] = versions.split(', ');
        return `it shows version ${shown}, and this browser has seen version ${known}.`;
      },
      stranger: (name: string) => `it is signed by ${name || 'somebody'}, whom this browser does not know as one of your household.`,
      signature: (name: string) => `the signature of ${name} does not fit it. It was changed after it was signed, or signed with another key.`,
      notMe: (_: string) => 'your own key is not in it.',
      illegible: (_: string) => 'it cannot be read.',
      gap: (version: string) => `version ${version} of it lies in between and is missing, so what came after cannot be followed.`,
      fork: (version: string) => `there are two different versions ${version} of it, and it does not go on from the one that this browser has seen.`,
      strangersStep: (version: string) => `version ${version} of it was signed by somebody who did not belong to your household then.`,
      changedStep: (version: string) => `the signature of version ${version} of it does not fit. That version was changed after it was signed, or signed with another key.`,
      forbiddenStep: (version: string) => `version ${version} of it changes whose signature counts in your household, and whoever signed it was not allowed to.`,
    },
    orElse: {
      other: 'Only if you made this household anew yourself is that as it should be.',
      older: 'Only if you put an older copy of the household back yourself is that as it should be.',
      fork: 'Only if you put an older copy of the household back yourself is that as it should be.',
      stranger: 'Only if they joined, or made new keys, since you were last here is that as it should be. Ask them, and whoever added them.',
    } as Partial<Record<string, string>>,
    anew: 'That is so: take it as it is',
    goneAlready: 'It is no longer part of the household: somebody has removed it already.',
    inAlready: (name: string) => `${name} can sign in already: somebody was faster.`,
    busy: 'The household is being changed by somebody else all the time. Try again.',
    stood: 'It stands so already, so nothing was changed.',
  },
  de: {
    notIt: (why: string) => `Der Haushalt, den dieser Hub zeigt, ist nicht mehr der, der er war: ${why}`,
    doNotGoOn: 'Mach nicht weiter; sieh dir den Hub selbst an.',
    why: {
      other: (_: string) => 'Es ist ein anderer Haushalt.',
      older: (versions: string) => {
        const [shown, known] = versions.split(', ');
        return `Er zeigt Fassung ${shown}, und dieser Browser hat schon Fassung ${known} gesehen.`;
      },
      stranger: (name: string) => `Unterschrieben hat ihn ${name || 'jemand'}, und diesen Menschen kennt dieser Browser nicht als Teil deines Haushalts.`,
      signature: (name: string) => `Die Unterschrift von ${name} passt nicht zu ihm. Er wurde nach dem Unterschreiben geändert oder mit einem anderen Schlüssel unterschrieben.`,
      notMe: (_: string) => 'Dein eigener Schlüssel steht nicht darin.',
      illegible: (_: string) => 'Er lässt sich nicht lesen.',
      gap: (version: string) => `Seine Fassung ${version} liegt dazwischen und fehlt. Was danach kam, lässt sich deshalb nicht nachvollziehen.`,
      fork: (version: string) => `Es gibt zwei verschiedene Fassungen ${version}, und er geht nicht von der aus weiter, die dieser Browser gesehen hat.`,
      strangersStep: (version: string) => `Seine Fassung ${version} hat jemand unterschrieben, der damals nicht zu deinem Haushalt gehörte.`,
      changedStep: (version: string) => `Die Unterschrift unter seiner Fassung ${version} passt nicht. Diese Fassung wurde nach dem Unterschreiben geändert oder mit einem anderen Schlüssel unterschrieben.`,
      forbiddenStep: (version: string) => `Seine Fassung ${version} ändert, wessen Unterschrift in deinem Haushalt zählt, und wer sie unterschrieben hat, durfte das nicht.`,
    },
    orElse: {
      other: 'Nur wenn du diesen Haushalt selbst neu angelegt hast, ist das in Ordnung.',
      older: 'Nur wenn du selbst eine ältere Kopie des Haushalts zurückgespielt hast, ist das in Ordnung.',
      fork: 'Nur wenn du selbst eine ältere Kopie des Haushalts zurückgespielt hast, ist das in Ordnung.',
      stranger: 'Nur wenn dieser Mensch dazugekommen ist oder neue Schlüssel gemacht hat, seit du zuletzt hier warst, ist das in Ordnung. Frag ihn und die Person, die ihn hinzugefügt hat.',
    } as Partial<Record<string, string>>,
    anew: 'Das stimmt so: Nimm ihn, wie er ist',
    goneAlready: 'Das gehört nicht mehr zum Haushalt: Jemand hat es schon entfernt.',
    inAlready: (name: string) => `${name} kann sich schon anmelden: Jemand war schneller.`,
    busy: 'Der Haushalt wird gerade dauernd von jemand anderem geändert. Versuch es noch einmal.',
    stood: 'Es steht schon so da. Nichts wurde geändert.',
  },
});
