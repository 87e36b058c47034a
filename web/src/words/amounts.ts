// How much something is: film by its length, what was said by how often.

import { catalogue, count } from './index.svelte';

export const amounts = catalogue({
  en: {
    seconds: (n: number) => count(n, 'second', 'seconds'),
    minutes: (n: number) => count(n, 'minute', 'minutes'),
    hours: (n: number) => count(n, 'hour', 'hours'),
    of: (length: string, camera: string) => (camera ? `${length} of ${camera}` : `${length} of film`),
    ofCameras: (length: string, cameras: number) => `${length} of ${cameras} cameras`,
    youSaid: (n: number) => `${count(n, 'thing', 'things')} you said`,
    theySaid: (n: number, who: string) => `${count(n, 'thing', 'things')} ${who} said`,
    somebodySaid: (n: number) => `${count(n, 'thing', 'things')} somebody said`,
    things: (n: number) => count(n, 'thing', 'things'),
    others: {
      snapshot: (n: number) => count(n, 'picture', 'pictures'),
      timer: (n: number) => count(n, 'timer', 'timers'),
      reminder: (n: number) => count(n, 'reminder', 'reminders'),
      note: (n: number) => count(n, 'thing on a list', 'things on lists'),
      location: (n: number) => count(n, 'place', 'places'),
      look: (n: number) => count(n, 'look', 'looks'),
      voiceprint: (n: number) => count(n, 'voiceprint', 'voiceprints'),
    } as Record<string, (n: number) => string>,
    other: (n: number) => count(n, 'recording', 'recordings'),
    nothing: 'nothing',
  },
  de: {
    seconds: (n: number) => count(n, 'Sekunde', 'Sekunden'),
    minutes: (n: number) => count(n, 'Minute', 'Minuten'),
    hours: (n: number) => count(n, 'Stunde', 'Stunden'),
    of: (length: string, camera: string) => (camera ? `${length} „${camera}“` : `${length} Film`),
    ofCameras: (length: string, cameras: number) => `${length} von ${cameras} Kameras`,
    youSaid: (n: number) => `${count(n, 'Satz', 'Sätze')} von dir`,
    theySaid: (n: number, who: string) => `${count(n, 'Satz', 'Sätze')} von ${who}`,
    somebodySaid: (n: number) => `${count(n, 'Satz', 'Sätze')} von jemandem`,
    things: (n: number) => count(n, 'Satz', 'Sätze'),
    others: {
      snapshot: (n: number) => count(n, 'Bild', 'Bilder'),
      timer: (n: number) => count(n, 'Timer', 'Timer'),
      reminder: (n: number) => count(n, 'Erinnerung', 'Erinnerungen'),
      note: (n: number) => count(n, 'Listeneintrag', 'Listeneinträge'),
      location: (n: number) => count(n, 'Ort', 'Orte'),
      look: (n: number) => count(n, 'Blick', 'Blicke'),
      voiceprint: (n: number) => count(n, 'Stimmabdruck', 'Stimmabdrücke'),
    } as Record<string, (n: number) => string>,
    other: (n: number) => count(n, 'Aufnahme', 'Aufnahmen'),
    nothing: 'nichts',
  },
});
