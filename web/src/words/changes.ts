// What the ledger says of a change of the household: each thing in a few words.

import { catalogue } from './index.svelte';

export const changes = catalogue({
  en: {
    somebody: 'somebody who is not in the household now',
    other: 'something that this page does not know of',
    everything: 'everything',
    you: 'you',
    /** The same about whoever reads it. */
    yours: {
      'person-comes': () => 'you came',
      born: () => 'your birth month was changed',
      guardians: () => 'others look after you',
      owner: () => 'whether you can change the household was changed',
      keys: () => 'your keys were changed',
      'device-owner': (device) => `${device} is your own`,
      'consent-withdrawn': (_, agreed) => `what was agreed to for you was taken back: ${agreed}`,
      'person-name': () => 'your name was changed',
    } as Record<string, (device: string, agreed: string, by: string) => string>,
    what: {
      'person-comes': (whom) => `${whom} came`,
      'person-goes': () => 'somebody left',
      born: (whom) => `the birth month of ${whom} was changed`,
      guardians: (whom) => `others look after ${whom}`,
      owner: (whom) => `whether ${whom} can change the household was changed`,
      keys: (whom) => `the keys of ${whom} were changed`,
      circle: () => 'a key that several share was changed',
      'device-owner': (whom, device) => (whom ? `${device} is ${whom}’s own` : `${device} is shared`),
      'device-nature': (_, device) => `what ${device} is, or where it is reached, was changed`,
      'camera-comes': (_, device) => `the camera ${device} was added`,
      'device-comes': (_, device) => `${device} was added`,
      'device-goes': (_, device) => `${device} was removed`,
      'device-name': (_, device) => `the name or room of ${device} was changed`,
      'consent-for-another': (whom, _, agreed, by) => `${by || 'you'} said yes for ${whom} to ${agreed}`,
      'consent-for-oneself': (_whom, _, agreed, by) => `${by || 'you'} said yes to ${agreed}`,
      'consent-withdrawn': (whom, _, agreed) => `what was agreed to for ${whom} was taken back: ${agreed}`,
      'person-name': (whom) => `the name of ${whom} was changed`,
      settings: () => 'its name, time zone, language or units were changed',
    } as Record<string, (whom: string, device: string, agreed: string, by: string) => string>,
    purpose: {
      history: () => 'keeping what is said',
      recognition: () => 'being known by voice',
      reminder: () => 'reminders',
      sharing: () => 'sharing outside the home',
      training: () => 'teaching Porchlight',
      security: (camera) => `the pictures of ${camera}`,
      sound: (camera) => `the sound of ${camera}`,
    } as Record<string, (camera: string) => string>,
    kind: { voice: 'the sound of what is said', transcript: 'the words of what is said', reply: 'the answers', video: 'film', snapshot: 'single pictures', location: 'places', voiceprint: 'what a voice is known by', note: 'what is on lists', timer: 'timers', reminder: 'reminders' } as Record<string, string>,
    kept: (what: string, whom: string, device: string, keep: string | undefined) => {
      const about = `how long ${what}${whom ? ` of ${whom}` : ''}${device ? ` from ${device}` : ''} is kept`;
      return `${about}: ${keep === undefined ? 'as without a rule' : keep === 'forever' ? 'without an end' : keep}`;
    },
  },
  de: {
    somebody: 'jemand, der nicht mehr zum Haushalt gehört',
    other: 'etwas, das diese Seite nicht kennt',
    everything: 'alles',
    you: 'dir',
    yours: {
      'person-comes': () => 'du bist dazugekommen',
      born: () => 'dein Geburtsmonat ist ein anderer',
      guardians: () => 'andere entscheiden für dich',
      owner: () => 'ob du den Haushalt ändern kannst, ist anders',
      keys: () => 'deine Schlüssel sind andere',
      'device-owner': (device) => `${device} gehört dir allein`,
      'consent-for-another': (_, agreed, by) => `${by ? `${by} hat` : 'du hast'} für dich zugestimmt: ${agreed}`,
      'consent-withdrawn': (_, agreed) => `wozu für dich Ja gesagt war, wurde zurückgenommen: ${agreed}`,
      'person-name': () => 'dein Name ist ein anderer',
    } as Record<string, (device: string, agreed: string, by: string) => string>,
    what: {
      'person-comes': (whom) => `${whom} ist dazugekommen`,
      'person-goes': () => 'jemand ist gegangen',
      born: (whom) => `der Geburtsmonat von ${whom} ist ein anderer`,
      guardians: (whom) => `andere entscheiden für ${whom}`,
      owner: (whom) => `ob ${whom} den Haushalt ändern kann, ist anders`,
      keys: (whom) => `die Schlüssel von ${whom} sind andere`,
      circle: () => 'ein gemeinsamer Schlüssel ist ein anderer',
      'device-owner': (whom, device) => (whom ? `${device} gehört ${whom} allein` : `${device} gehört allen`),
      'device-nature': (_, device) => `was ${device} ist, oder wo es zu erreichen ist, ist anders`,
      'camera-comes': (_, device) => `die Kamera ${device} ist dazugekommen`,
      'device-comes': (_, device) => `${device} ist dazugekommen`,
      'device-goes': (_, device) => `${device} wurde entfernt`,
      'device-name': (_, device) => `Name oder Zimmer von ${device} ist ein anderer`,
      'consent-for-another': (whom, _, agreed, by) => `${by ? `${by} hat` : 'du hast'} für ${whom} zugestimmt: ${agreed}`,
      'consent-for-oneself': (_whom, _, agreed, by) => `${by ? `${by} hat` : 'du hast'} zugestimmt: ${agreed}`,
      'consent-withdrawn': (whom, _, agreed) => `wozu für ${whom} Ja gesagt war, wurde zurückgenommen: ${agreed}`,
      'person-name': (whom) => `der Name von ${whom} ist ein anderer`,
      settings: () => 'Name, Zeitzone, Sprache oder Maße des Haushalts sind andere',
    } as Record<string, (whom: string, device: string, agreed: string, by: string) => string>,
    purpose: {
      history: () => 'Gesagtes aufbewahren',
      recognition: () => 'Erkennen an der Stimme',
      reminder: () => 'Erinnerungen',
      sharing: () => 'Weitergabe nach außen',
      training: () => 'Porchlight etwas beibringen',
      security: (camera) => `Bilder von ${camera}`,
      sound: (camera) => `Ton von ${camera}`,
    } as Record<string, (camera: string) => string>,
    kind: { voice: 'der Ton von Gesagtem', transcript: 'der Wortlaut von Gesagtem', reply: 'Antworten', video: 'Film', snapshot: 'einzelne Bilder', location: 'Orte', voiceprint: 'woran eine Stimme erkannt wird', note: 'was auf Listen steht', timer: 'Timer', reminder: 'Erinnerungen' } as Record<string, string>,
    kept: (what: string, whom: string, device: string, keep: string | undefined) => {
      const days = (keep ?? '').replace(/ days$/, ' Tage').replace(/ day$/, ' Tag');
      const about = `wie lange aufbewahrt wird: ${what}${whom ? ` von ${whom}` : ''}${device ? ` aus ${device}` : ''}`;
      return `${about}, ${keep === undefined ? 'wie ohne Regel' : keep === 'forever' ? 'ohne Ende' : days}`;
    },
  },
});
