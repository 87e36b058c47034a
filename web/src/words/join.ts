// Coming into a household, on the newcomer's own screen.

import { Problem, words } from '../hub/api';
import { catalogue } from './index.svelte';
import { clock } from './time.svelte';

/** What a page says instead of going on. */
export interface Halt {
  title: string;
  lead: string;
  /** What is to be done as well. */
  more?: string;
}

export const join = catalogue({
  en: {
    title: 'Come in',
    step: (at: number, of: number) => `Step ${at} of ${of}`,
    // The code
    codeTitle: 'Come in',
    codeLead: 'An owner of your household shows you a code of twelve letters and digits. Type it here.',
    code: 'The code',
    codeHint: 'Capitals, spaces and dashes do not matter.',
    codeShort: 'That is no code: it has twelve letters and digits, and no I, L or 1.',
    codeGo: 'Go on',
    looking: 'Looking for the invitation …',
    signIn: 'Sign in instead',
    unknownTyped: 'No invitation has this code. Look at it once more.',
    // The passphrase
    passphraseTitle: (name: string) => `${name}, choose a passphrase`,
    passphraseLead: (by: string) => `${by} asked you in. Nobody else, ${by} included, will know it.`,
    passphrase: 'Your passphrase',
    needed: 'You need it on each new phone or computer.',
    goOn: 'Go on',
    notNow: 'Not now',
    until: (until: string) => `This invitation is good until ${until}.`,
    // The digits
    digitsTitle: 'Add your six digits',
    digitsLead: 'An app on your phone shows them. With the passphrase they prove that it is you.',
    back: 'Back',
    makingKeys: 'Your keys are being made here …',
    // The kit
    kitTitle: 'Print your kit',
    kitLead: 'If you forget your passphrase and lose your phone, this paper is the only way back to what is yours.',
    kitSave: 'Save as a file',
    kitLater: 'Later, and remind me on Home',
    kitOn: 'Go on to the numbers',
    sending: 'Your answer is being sent …',
    // The numbers
    sentTitle: 'Your answer is sent',
    sentLead: 'Next you both compare four numbers.',
    waitingScreen: (by: string) => `Waiting for ${by}’s screen`,
    screenMore: 'The numbers come when the screen is open that showed you the code. Leave this page open.',
    stop: 'Stop',
    compareTitle: (by: string) => `Compare with ${by}`,
    compareLead: (by: string) => `Read these to ${by}, whose screen must show the same.`,
    waiting: (by: string) => `Waiting for ${by} to let you in`,
    untilThen: 'Until then nothing is open to you. Leave this page open.',
    noHub: 'Your hub does not answer at the moment. This page asks again by itself.',
    ifDiffer: (by: string) => `If the numbers differ, somebody may be between your two phones. Stop, and start again beside ${by}.`,
    differ: 'They differ: stop',
    entering: 'You are let in. Signing you in …',
    signInNow: 'You are in. Sign in with the passphrase that you chose.',
    otherHome: 'The hub shows another household than the one that you were asked into. Do not go on; look at the hub itself.',
    // What is over
    used: 'This code has been used.',
    usedMore: (by: string) => `If that was not you, tell ${by} at once: nobody is let in before the numbers are compared. If it was, and this page was loaded anew: ${by} can still let you in, and then you sign in.`,
    ended: (at: string) => `This code ended at ${at}.`,
    stopped: 'This invitation was stopped.',
    unknown: 'No invitation has this code.',
    unknownMore: 'Look at it once more. When a hub is started again, all codes end.',
    gone: 'The hub does not know this code any more.',
    goneMore: (by: string) => `It may have been started again. If ${by}’s screen says that you are in, sign in. Else ask ${by} for a new code.`,
    askNew: (by: string) => `Ask ${by} for a new one.`,
    who: 'the one who gave it to you',
    false: (by: string) => `This invitation is not from ${by}. Stop.`,
    falseMore: 'It was not made with the code that you have. Somebody may be between this phone and your hub. Type nothing here, and have whoever gave you the code make a new one, side by side.',
    altered: 'This invitation was changed on the way. Stop.',
    alteredMore: (by: string) => `What the hub sent for the numbers is not what ${by}’s screen had promised. Somebody may be between your two phones, or the hub itself was changed. Have ${by} make a new code, side by side.`,
    stoppedHere: 'You stopped.',
    stoppedHereMore: (by: string) => `Nobody was let in, and ${by} is told. Start again side by side.`,
    tooLate: (by: string) => `${by} had let you in by then.`,
    tooLateMore: (by: string) => `Keep your kit. If the numbers differed, do not sign in, and have ${by} take you out of the household.`,
    away: 'Nobody answers at this address.',
    awayMore: 'Is this phone on your home’s network?',
    kitWorthless: 'Destroy the kit that you printed, copied or saved just now, and take the entry out of your authenticator app: they open nothing.',
    kitUnknown: (by: string) => `Keep the kit that you printed, copied or saved until ${by} knows whether you are in.`,
    another: 'Another code',
    // Where somebody is signed in already
    taken: (name: string) => `${name} is signed in here`,
    takenMore: (name: string) => `Whoever comes in does so on their own phone. If this is theirs, sign ${name} out here first.`,
    signOut: (name: string) => `Sign ${name} out here`,
    toHome: 'To Home',
  },
  de: {
    title: 'Hereinkommen',
    step: (at: number, of: number) => `Schritt ${at} von ${of}`,
    codeTitle: 'Komm herein',
    codeLead: 'Jemand, dem euer Haushalt gehört, zeigt dir einen Code aus zwölf Buchstaben und Ziffern. Gib ihn hier ein.',
    code: 'Der Code',
    codeHint: 'Groß oder klein, mit oder ohne Leerzeichen: das ist egal.',
    codeShort: 'Das ist kein Code: Er hat zwölf Buchstaben und Ziffern, und kein I, L oder 1.',
    codeGo: 'Weiter',
    looking: 'Die Einladung wird gesucht …',
    signIn: 'Lieber anmelden',
    unknownTyped: 'Zu diesem Code gibt es keine Einladung. Sieh ihn dir noch einmal an.',
    passphraseTitle: (name: string) => `${name}, wähle eine Passphrase`,
    passphraseLead: (by: string) => `${by} lädt dich ein. Niemand sonst wird sie kennen, auch ${by} nicht.`,
    passphrase: 'Deine Passphrase',
    needed: 'Du brauchst sie auf jedem neuen Telefon oder Computer.',
    goOn: 'Weiter',
    notNow: 'Nicht jetzt',
    until: (until: string) => `Diese Einladung gilt bis ${until} Uhr.`,
    digitsTitle: 'Nimm deine sechs Ziffern dazu',
    digitsLead: 'Eine App auf deinem Telefon zeigt sie. Zusammen mit der Passphrase beweisen sie, dass du es bist.',
    back: 'Zurück',
    makingKeys: 'Deine Schlüssel werden hier gemacht …',
    kitTitle: 'Drucke dein Blatt',
    kitLead: 'Vergisst du deine Passphrase und verlierst dein Telefon, führt nur dieses Papier zurück zu dem, was deins ist.',
    kitSave: 'Als Datei speichern',
    kitLater: 'Später, und zu Hause daran erinnern',
    kitOn: 'Weiter zu den Zahlen',
    sending: 'Deine Antwort wird geschickt …',
    sentTitle: 'Deine Antwort ist geschickt',
    sentLead: 'Als Nächstes vergleicht ihr vier Zahlen.',
    waitingScreen: (by: string) => `Warten auf den Bildschirm von ${by}`,
    screenMore: 'Die Zahlen kommen, sobald die Seite offen ist, die dir den Code gezeigt hat. Lass auch diese hier offen.',
    stop: 'Aufhören',
    compareTitle: (by: string) => `Vergleiche mit ${by}`,
    compareLead: (by: string) => `Lies ${by} diese Zahlen vor. Auf dem anderen Bildschirm müssen dieselben stehen.`,
    waiting: (by: string) => `Warten, bis ${by} dich hereinlässt`,
    untilThen: 'Bis dahin ist für dich nichts offen. Lass diese Seite offen.',
    noHub: 'Dein Hub antwortet gerade nicht. Diese Seite fragt von selbst noch einmal.',
    ifDiffer: (by: string) => `Sind die Zahlen verschieden, steht vielleicht jemand zwischen euren beiden Telefonen. Hör auf und fang neben ${by} noch einmal an.`,
    differ: 'Sie sind verschieden: aufhören',
    entering: 'Du bist hereingelassen. Du wirst angemeldet …',
    signInNow: 'Du bist drin. Melde dich mit der Passphrase an, die du gewählt hast.',
    otherHome: 'Der Hub zeigt einen anderen Haushalt als den, in den du eingeladen wurdest. Mach nicht weiter; sieh dir den Hub selbst an.',
    used: 'Dieser Code wurde benutzt.',
    usedMore: (by: string) => `Warst du das nicht? Dann sag es ${by} sofort: Niemand kommt herein, bevor die Zahlen verglichen sind. Warst du es, und diese Seite wurde neu geladen: ${by} kann dich noch hereinlassen, und dann meldest du dich an.`,
    ended: (at: string) => `Dieser Code hat um ${at} Uhr geendet.`,
    stopped: 'Diese Einladung wurde beendet.',
    unknown: 'Zu diesem Code gibt es keine Einladung.',
    unknownMore: 'Sieh ihn dir noch einmal an. Wenn ein Hub neu gestartet wird, enden alle Codes.',
    gone: 'Der Hub kennt diesen Code nicht mehr.',
    goneMore: (by: string) => `Vielleicht wurde er neu gestartet. Steht auf dem Bildschirm von ${by}, dass du drin bist, dann melde dich an. Sonst lass dir von ${by} einen neuen Code geben.`,
    askNew: (by: string) => `Lass dir von ${by} einen neuen geben.`,
    who: 'der Person, die ihn dir gab,',
    false: (by: string) => `Diese Einladung ist nicht von ${by}. Hör auf.`,
    falseMore: 'Sie wurde nicht mit dem Code gemacht, den du hast. Vielleicht steht jemand zwischen diesem Telefon und eurem Hub. Gib hier nichts ein, und lass dir von der Person, die dir den Code gab, nebeneinander einen neuen machen.',
    altered: 'Diese Einladung wurde unterwegs verändert. Hör auf.',
    alteredMore: (by: string) => `Was der Hub für die Zahlen geschickt hat, ist nicht das, was der Bildschirm von ${by} versprochen hatte. Vielleicht steht jemand zwischen euren beiden Telefonen, oder der Hub selbst wurde verändert. Lass dir von ${by} nebeneinander einen neuen Code machen.`,
    stoppedHere: 'Du hast aufgehört.',
    stoppedHereMore: (by: string) => `Niemand wurde hereingelassen, und ${by} erfährt es. Fangt nebeneinander noch einmal an.`,
    tooLate: (by: string) => `${by} hatte dich da schon hereingelassen.`,
    tooLateMore: (by: string) => `Behalte dein Blatt. Waren die Zahlen verschieden, dann melde dich nicht an, und lass dich von ${by} aus dem Haushalt nehmen.`,
    away: 'Unter dieser Adresse antwortet niemand.',
    awayMore: 'Ist dieses Telefon in eurem Heimnetz?',
    kitWorthless: 'Vernichte das Blatt, das du eben gedruckt, abgeschrieben oder gespeichert hast, und nimm den Eintrag aus deiner Authentifikator-App: Sie öffnen nichts.',
    kitUnknown: (by: string) => `Behalte das Blatt, das du gedruckt, abgeschrieben oder gespeichert hast, bis ${by} weiß, ob du drin bist.`,
    another: 'Ein anderer Code',
    taken: (name: string) => `Hier ist ${name} angemeldet`,
    takenMore: (name: string) => `Hereinkommen geht auf dem eigenen Telefon. Ist es dieses hier, dann melde ${name} zuerst ab.`,
    signOut: (name: string) => `${name} hier abmelden`,
    toHome: 'Nach Hause',
  },
});

/** Why an invitation does not go on, in words; null where it may still. `by` asked, where that is known. */
export function halted(why: unknown, by: string): Halt | null {
  if (!(why instanceof Problem)) return null;
  const asker = why.values['by'] || by || join.who;
  switch (why.code) {
    case 'invitation-used':
      return { title: join.used, lead: join.usedMore(asker) };
    case 'invitation-ended':
      return { title: why.values['at'] ? join.ended(clock(why.values['at'])) : join.stopped, lead: join.askNew(asker) };
    case 'invitation-stopped':
      return { title: join.stopped, lead: join.askNew(asker) };
    case 'invitation-unknown':
      return by ? { title: join.gone, lead: join.goneMore(by) } : { title: join.unknown, lead: join.unknownMore };
    default:
      return null;
  }
}

/** What went wrong, where it may be tried again. */
export function failed(why: unknown): string {
  return why instanceof Problem && why.word === 'no-hub' ? `${join.away} ${join.awayMore}` : words(why);
}
