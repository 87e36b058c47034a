// What is said before something is forgotten.

import { catalogue, count } from './index.svelte';

const recordings = (n: number) => count(n, 'recording', 'recordings');
const aufnahmen = (n: number) => count(n, 'Aufnahme', 'Aufnahmen');

/** Sentences that the hub makes, in German. What is not among them stays as it is. */
const GERMAN: [RegExp, (...parts: string[]) => string][] = [
  [/^Only an adult of the household can forget these\.$/, () => 'Nur Erwachsene des Haushalts können das vergessen.'],
  [/^Only (.+) can forget these\.$/, (_, name = '') => `Nur ${name} kann das vergessen.`],
  [/^They belong to somebody who is no longer here\.$/, () => 'Das gehört jemandem, der nicht mehr hier ist.'],
  [/^The memory of a look ends by its own date/, () => 'Was von einem Blick aufbewahrt ist, endet an seinem eigenen Tag, damit niemand einen Blick verbergen kann.'],
  [/^(.+) holds these until (\d+)-(\d+)-(\d+) ([\d:]+);.* hold (\d+) /, (_, name = '', y = '', m = '', d = '', time = '', hold = '') =>
    `${name} hält das bis zum ${Number(d)}.${Number(m)}.${y}, ${time} Uhr, fest (Nr. ${hold}). Sobald es freigegeben ist, kann es vergessen werden.`],
];

/** What no forgetting reaches, in German. */
const BEYOND: Record<string, string> = {
  'An image or a snapshot of the whole machine, strongbox included, that was made before.': 'Ein Abbild des ganzen Computers samt Schatulle, das vorher gemacht wurde.',
  'Old blocks of a flash disk, read from its chips.': 'Alte Blöcke eines Flash-Speichers, aus seinen Chips gelesen.',
  'Swap, a core dump or a debugger that held the hub\'s memory before.': 'Auslagerungsspeicher, ein Speicherabbild oder ein Debugger, worin vorher der Speicher des Hubs stand.',
  'What had been looked at or exported before: see the looks.': 'Was vorher angesehen oder mitgenommen wurde: siehe die Blicke.',
};

export const forgetting = catalogue({
  en: {
    looking: 'Looking what exactly would go …',
    title: (what: string) => `Forget ${what}?`,
    nothing: 'Nothing of this can be forgotten now',
    failed: 'Nothing was forgotten',
    lead: 'This is everything that will go, and nothing else.',
    goes: 'What goes',
    more: (n: number) => `And ${n} more like these.`,
    sound: (span: string) => `The ${span} of sound`,
    words: 'The words written down',
    reply: 'What Porchlight answered',
    video: (span: string) => `The ${span} of film`,
    snapshots: (n: number) => count(n, 'picture made from it', 'pictures made from it'),
    other: (what: string) => what,
    effectsAlone: 'What requests left behind',
    effectGoes: 'It goes too',
    effectStays: 'It stays',
    again: 'What is made again without them',
    voiceprint: (name: string) => `How Porchlight knows ${name}’s voice`,
    voiceprintMore: 'It is made again from the other recordings. Until then Porchlight does not know the voice: it answers, and keeps nothing.',
    copies: 'Where the copies are',
    home: 'This home',
    homeMore: 'Gone at once.',
    dataCopies: 'Copies of the data folder, of any age',
    dataCopiesMore: 'They can no longer open it.',
    mirror: (path: string) => `The strongbox’s copy at ${path}`,
    mirrorMore: 'Brought up to date at once, or named on the receipt as not reached yet.',
    outOfReach: 'What this cannot reach',
    beyond: (sentence: string) => sentence,
    stays: 'What stays',
    staysSome: (n: number) => recordings(n),
    staysLedger: (n: number) => `One line in the ledger: that you forgot ${recordings(n)} today. Not what was in them.`,
    why: (sentence: string) => sentence,
    sure: 'There is no way back.',
    sureMore: 'Nobody can undo this: not you, not us.',
    number: (n: number) => `This is much. Write ${n} to say that you mean all of it.`,
    numberShared: (n: number) => `What a camera saw is everybody’s who lives here. Write ${n} to say that you mean all of it.`,
    numberLabel: 'How many recordings go',
    stepUp: 'You are about to forget what cannot be brought back.',
    forget: (n: number) => `Forget ${recordings(n)} for good`,
    keep: 'Keep them',
    keepOne: 'Keep it',
    close: 'Close',
    receipt: 'The receipt',
    busy: (n: number) => `Destroying the keys of ${recordings(n)} …`,
    goneNow: (n: number) => `Nobody can open ${n === 1 ? 'this recording' : `these ${recordings(n)}`} any more.`,
    complete: 'Gone from every copy Porchlight keeps.',
    incomplete: 'Gone from your home. One copy is still out of reach.',
  },
  de: {
    looking: 'Es wird nachgesehen, was genau vergessen würde …',
    title: (what: string) => `${what.charAt(0).toUpperCase()}${what.slice(1)} vergessen?`,
    nothing: 'Davon kann jetzt nichts vergessen werden',
    failed: 'Nichts wurde vergessen',
    lead: 'Das alles wird vergessen, und sonst nichts.',
    goes: 'Was vergessen wird',
    more: (n: number) => `Und ${n} weitere wie diese.`,
    sound: (span: string) => `${span} Ton`,
    words: 'Die aufgeschriebenen Worte',
    reply: 'Was Porchlight geantwortet hat',
    video: (span: string) => `${span} Film`,
    snapshots: (n: number) => count(n, 'Bild, das daraus gemacht wurde', 'Bilder, die daraus gemacht wurden'),
    other: (what: string) => what,
    effectsAlone: 'Was Bitten an Porchlight hinterlassen haben',
    effectGoes: 'Es wird auch vergessen',
    effectStays: 'Es bleibt',
    again: 'Was ohne sie neu entsteht',
    voiceprint: (name: string) => `Woran Porchlight die Stimme von ${name} erkennt`,
    voiceprintMore: 'Das entsteht neu aus den anderen Aufnahmen. Bis dahin kennt Porchlight die Stimme nicht: Es antwortet und bewahrt nichts auf.',
    copies: 'Wo die Kopien sind',
    home: 'Dieses Zuhause',
    homeMore: 'Sofort weg.',
    dataCopies: 'Kopien des Datenordners, wie alt auch immer',
    dataCopiesMore: 'Auch mit ihnen lässt es sich nicht mehr öffnen.',
    mirror: (path: string) => `Die Kopie der Schatulle in ${path}`,
    mirrorMore: 'Zieht sofort nach oder steht auf dem Beleg als noch nicht erreicht.',
    outOfReach: 'Was das nicht erreicht',
    beyond: (sentence: string) => BEYOND[sentence] ?? sentence,
    stays: 'Was bleibt',
    staysSome: (n: number) => aufnahmen(n),
    staysLedger: (n: number) => `Eine Zeile im Buch: dass du heute ${aufnahmen(n)} vergessen hast. Nicht, was darin war.`,
    why: (sentence: string) => {
      for (const [form, say] of GERMAN) {
        const parts = form.exec(sentence);
        if (parts) return say(...parts);
      }
      return sentence;
    },
    sure: 'Es gibt keinen Weg zurück.',
    sureMore: 'Niemand kann das rückgängig machen: du nicht, wir nicht.',
    number: (n: number) => `Das ist viel. Schreib ${n}, wenn du wirklich alles davon meinst.`,
    numberShared: (n: number) => `Was eine Kamera sah, gehört allen, die hier wohnen. Schreib ${n}, wenn du wirklich alles davon meinst.`,
    numberLabel: 'Wie viele Aufnahmen vergessen werden',
    stepUp: 'Gleich wird vergessen, was niemand zurückholen kann.',
    forget: (n: number) => `${aufnahmen(n)} endgültig vergessen`,
    keep: 'Behalten',
    keepOne: 'Behalten',
    close: 'Schließen',
    receipt: 'Der Beleg',
    busy: (n: number) => `Die Schlüssel von ${aufnahmen(n)} werden vernichtet …`,
    goneNow: (n: number) => (n === 1 ? 'Diese Aufnahme kann niemand mehr öffnen.' : `Diese ${aufnahmen(n)} kann niemand mehr öffnen.`),
    complete: 'Weg aus jeder Kopie, die Porchlight aufbewahrt.',
    incomplete: 'Weg aus deinem Zuhause. Eine Kopie ist noch außer Reichweite.',
  },
});
