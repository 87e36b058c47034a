// What the ledger says of a change of the household: each thing as what somebody did, without their name.

import { catalogue } from './index.svelte';

export const changes = catalogue({
  en: {
    somebody: 'somebody who is not in the household now',
    other: 'changed something that this page does not know of',
    everything: 'everything',
    you: 'you',
    youOf: 'you',
    /** What follows the name of whoever did it. */
    what: {
      'person-comes': (whom) => `added ${whom} to the household`,
      'person-goes': () => 'removed somebody from the household',
      born: (whom) => `changed when ${whom} was born`,
      guardians: (whom) => `changed who looks after ${whom}`,
      owner: (whom) => `changed whether ${whom} can change the household`,
      'let-in': (whom) => `let ${whom} in`,
      keys: (whom) => `changed the keys of ${whom}`,
      circle: () => 'changed a key that several share',
      'device-owner': (whom, device) => (whom ? `made ${device} ${whom}’s own` : `made ${device} a shared one`),
      'device-nature': (_, device) => `changed what ${device} is, or how it is reached`,
      'camera-comes': (_, device) => `added the camera ${device}`,
      'device-comes': (_, device) => `added ${device}`,
      'device-goes': (_, device) => `removed ${device}`,
      'device-name': (_, device) => `changed the name or room of ${device}`,
      'consent-for-another': (whom, _, agreed) => `said yes for ${whom} to ${agreed}`,
      'consent-for-oneself': (_whom, _, agreed) => `said yes to ${agreed}`,
      'consent-withdrawn': (whom, _, agreed) => `took back what was agreed to for ${whom}: ${agreed}`,
      'person-name': (whom) => `changed the name of ${whom}`,
      settings: () => 'changed the household’s name, time zone, language or units',
    } as Record<string, (whom: string, device: string, agreed: string) => string>,
    /** The same where it is about whoever reads it. */
    yours: {
      born: () => 'changed when you were born',
      'device-owner': (device) => `made ${device} your own`,
      'let-in': () => 'let you in',
      keys: () => 'changed your keys',
      'person-name': () => 'changed your name',
    } as Record<string, (device: string, agreed: string) => string>,
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
    kept: (what: string, whom: string, device: string, was: string | undefined, keep: string | undefined) => {
      const about = `how long ${what}${whom ? ` of ${whom}` : ''}${device ? ` of ${device}` : ''} is kept`;
      const time = (time: string) => (time === 'forever' ? 'without an end' : time);
      if (keep === undefined) return `took back a rule for ${about}${was === undefined ? '' : `, which was ${time(was)}`}`;
      return `changed ${about}, ${was === undefined ? `to ${time(keep)}` : `from ${time(was)} to ${time(keep)}`}`;
    },
  },
  de: {
    somebody: 'jemanden, der nicht mehr zum Haushalt gehört',
    other: 'etwas geändert, das diese Seite nicht kennt',
    everything: 'alles',
    you: 'dich',
    youOf: 'dir',
    what: {
      'person-comes': (whom) => `${whom} in den Haushalt aufgenommen`,
      'person-goes': () => 'jemanden aus dem Haushalt genommen',
      born: (whom) => `das Geburtsdatum von ${whom} geändert`,
      guardians: (whom) => `geändert, wer für ${whom} entscheidet`,
      owner: (whom) => `geändert, ob ${whom} den Haushalt ändern kann`,
      'let-in': (whom) => `${whom} hereingelassen`,
      keys: (whom) => `die Schlüssel von ${whom} geändert`,
      circle: () => 'einen gemeinsamen Schlüssel geändert',
      'device-owner': (whom, device) => (whom ? `${device} ${whom} allein überlassen` : `${device} allen überlassen`),
      'device-nature': (_, device) => `geändert, was ${device} ist oder wie es zu erreichen ist`,
      'camera-comes': (_, device) => `die Kamera ${device} hinzugefügt`,
      'device-comes': (_, device) => `${device} hinzugefügt`,
      'device-goes': (_, device) => `${device} entfernt`,
      'device-name': (_, device) => `Name oder Zimmer von ${device} geändert`,
      'consent-for-another': (whom, _, agreed) => `für ${whom} zugestimmt: ${agreed}`,
      'consent-for-oneself': (_whom, _, agreed) => `zugestimmt: ${agreed}`,
      'consent-withdrawn': (whom, _, agreed) => `zurückgenommen, wozu für ${whom} Ja gesagt war: ${agreed}`,
      'person-name': (whom) => `den Namen von ${whom} geändert`,
      settings: () => 'Name, Zeitzone, Sprache oder Maße des Haushalts geändert',
    } as Record<string, (whom: string, device: string, agreed: string) => string>,
    yours: {
      born: () => 'dein Geburtsdatum geändert',
      guardians: () => 'geändert, wer für dich entscheidet',
      owner: () => 'geändert, ob du den Haushalt ändern kannst',
      'device-owner': (device) => `${device} dir allein überlassen`,
      'let-in': () => 'dich hereingelassen',
      keys: () => 'deine Schlüssel geändert',
      'person-name': () => 'deinen Namen geändert',
    } as Record<string, (device: string, agreed: string) => string>,
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
    kept: (what: string, whom: string, device: string, was: string | undefined, keep: string | undefined) => {
      const time = (time: string) => (time === 'forever' ? 'ohne Ende' : time.replace(/ days$/, ' Tage').replace(/ day$/, ' Tag'));
      const about = `${what}${whom ? ` von ${whom}` : ''}${device ? ` von ${device}` : ''}`;
      if (keep === undefined) return `eine Regel zurückgenommen, wie lange aufbewahrt wird: ${about}${was === undefined ? '' : `, bisher ${time(was)}`}`;
      return `geändert, wie lange aufbewahrt wird: ${about}, ${was === undefined ? '' : `bisher ${time(was)}, `}von da an ${time(keep)}`;
    },
  },
});
