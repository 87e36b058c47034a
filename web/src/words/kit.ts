// The recovery kit: what is on the paper, and around it.

import { catalogue } from './index.svelte';

export const kit = catalogue({
  en: {
    label: 'Recovery kit',
    of: (person: string) => `${person}’s recovery kit`,
    made: (household: string, day: string) => `${household}, made on ${day}`,
    home: 'Your home',
    square: 'The same key as a square code',
    opens: (person: string) => [`Opens everything that is sealed to ${person}, also without Porchlight, with the free program `, '.'],
    whoever: 'Whoever holds this sheet can do the same. Keep it like a passport.',
    print: 'Print it',
    byHand: 'I will copy it by hand',
    hand: 'Copy every group, and the line above them. There is no letter O, I or B in it, and after the first line no 1: what looks like one is a 0, an L or an 8.',
    where: 'Put it where your passports are, or with someone you trust.',
    noPhoto: 'Please take no photo of it. A photo travels.',
    sure: 'To be sure: what are the last four letters and numbers on your sheet?',
    underlined: 'They are underlined on the paper.',
    notThose: 'Those are not the last four. Look at the sheet once more.',
    later: 'Do this later',
  },
  de: {
    label: 'Wiederherstellungsblatt',
    of: (person: string) => `Wieder\u00ADherstellungs\u00ADblatt von ${person}`,
    made: (household: string, day: string) => `${household}, erstellt am ${day}`,
    home: 'Euer Zuhause',
    square: 'Derselbe Schlüssel als QR-Code',
    opens: (person: string) => [`Öffnet alles, was für ${person} versiegelt ist, auch ohne Porchlight, mit dem freien Programm `, '.'],
    whoever: 'Wer dieses Blatt hat, kann das auch. Bewahre es auf wie einen Reisepass.',
    print: 'Drucken',
    byHand: 'Ich schreibe es von Hand ab',
    hand: 'Schreib jede Gruppe ab, und die Zeile darüber. Es gibt darin kein O, I oder B und nach der ersten Zeile keine 1: Was so aussieht, ist eine 0, ein L oder eine 8.',
    where: 'Leg es zu euren Reisepässen oder gib es jemandem, dem du vertraust.',
    noPhoto: 'Mach bitte kein Foto davon. Ein Foto wandert weiter.',
    sure: 'Zur Sicherheit: Wie lauten die letzten vier Buchstaben und Ziffern auf deinem Blatt?',
    underlined: 'Auf dem Papier sind sie unterstrichen.',
    notThose: 'Das sind nicht die letzten vier. Sieh noch einmal auf das Blatt.',
    later: 'Später',
  },
});
