// What the hub says, in the language of the app. English is the hub's own; any other language has words for each code of its API.

import { since } from './dates';
import { language, type Language } from './index.svelte';
import { receiptWords } from './receipt';
import { clock, date } from './time.svelte';

/** A sentence of the hub; `Sentence` of its API. */
export interface Sentence {
  /** What is meant, as a stable word. */
  code: string;
  values?: Record<string, string>;
  /** Why that is so. */
  because?: Sentence;
  /** The whole sentence in English. */
  text: string;
}

type Values = Record<string, string>;
/** A sentence, or what makes one of the values, of the reason, which is empty where there are no words for it, and of the hub's text. */
type Words = string | ((values: Values, because: string, text: string) => string);

/** A sentence of the hub, in the language of the app; in the hub's own where a newer hub says what this app does not know. */
export function said(sentence: Sentence): string {
  return translated(sentence) ?? whole(sentence.text);
}

/** The hub tells programs why it refuses as programs like it: without a capital, and without an end. */
function whole(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?”"]$/.test(text) ? '' : '.');
}

/** The language that a sentence of the hub is shown in, where it is not the app's own. */
export function tongue(sentence: Sentence): 'en' | undefined {
  return language.now !== 'en' && translated(sentence) === null ? 'en' : undefined;
}

function translated({ code, values = {}, because, text }: Sentence): string | null {
  const words = others[language.now]?.[code];
  if (words === undefined) return null;
  return typeof words === 'string' ? words : words(values, because ? (translated(because) ?? '') : '', text);
}

const at = (instant = '') => `${date(instant)}, ${clock(instant)} Uhr`;
const number = (value = '') => new Intl.NumberFormat(language.now).format(Number(value));

const others: Partial<Record<Language, Record<string, Words>>> = {
  de: {
    // Cameras
    'camera-recording': (values) => `Nimmt seit ${since(values['since'] ?? '')} auf, ${values['sound'] === 'true' ? 'mit' : 'ohne'} Ton.`,
    'camera-beginning': 'Ihre Bilder kommen an, und noch ist keins davon aufbewahrt.',
    'camera-not-kept': (values, because) => `Wird seit ${since(values['since'] ?? '')} nicht aufbewahrt. ${because}`.trim(),
    'camera-connecting': 'Die Verbindung zur Kamera wird aufgebaut.',
    'camera-stopped': 'Nimmt nicht auf: Die Kamera wird nicht mehr beobachtet.',
    'camera-away': (values, because) => `Nimmt seit ${since(values['since'] ?? '')} nicht auf. ${because}`.trim(),
    'camera-no-address': 'Nimmt nicht auf: Die Adresse fehlt oder ist nicht lesbar. Entferne die Kamera und füge sie neu hinzu.',
    'camera-refused': 'Die Kamera nimmt die Verbindung nicht an. Sieh nach, ob RTSP in ihren Einstellungen eingeschaltet ist und ob der Anschluss (Port) stimmt.',
    'camera-no-answer': 'Die Kamera antwortet nicht. Prüfe ihren Strom, ihr Netz und ihre Adresse.',
    'camera-unknown-name': 'Der Name der Kamera ist in diesem Netz unbekannt. Prüfe die Schreibweise, oder nimm ihre IP-Adresse.',
    'camera-password-needed': 'Die Kamera verlangt einen Benutzernamen und ein Passwort. Füge sie mit beidem neu hinzu.',
    'camera-wrong-password': 'Die Kamera lehnt den Benutzernamen oder das Passwort ab. Füge sie mit den richtigen neu hinzu.',
    'camera-forbidden': 'Die Kamera lässt diesen Benutzer nicht zusehen. Erlaube es ihm in ihren Einstellungen.',
    'camera-no-stream': 'Unter dieser Adresse hat die Kamera kein Bild. Wie ihre RTSP-Adresse lautet, steht in der Anleitung.',
    'camera-busy': 'Mehr Zuschauer schafft die Kamera nicht. Schließ ein anderes Programm, das ihr zusieht.',
    'camera-garbage': 'Was dort antwortet, sendet nicht wie eine Kamera. Prüfe die Adresse; wenn sie stimmt, starte die Kamera neu.',
    'camera-codec': ({ codec }) => `Die Kamera sendet ${codec}, und das spielen Browser nicht ab. Wähle in ihren Bildeinstellungen H.264.`,
    'camera-no-video': 'Unter dieser Adresse sendet die Kamera keinen Film. Wie ihre RTSP-Adresse lautet, steht in der Anleitung.',
    'camera-no-key-frames': 'Die Kamera sendet zu selten ganze Bilder. Stell in ihren Bildeinstellungen den Abstand der Schlüsselbilder (I-Frames) auf höchstens 10 Sekunden.',
    'camera-ended': 'Die Kamera hat die Übertragung beendet, wie bei einem Neustart. Sobald sie wieder da ist, geht die Aufnahme weiter.',
    'camera-sound-switched': 'Die Aufnahme begann neu, weil der Ton ein- oder ausgeschaltet wurde.',
    'camera-not-taken': 'Der Hub kam nicht hinterher und hat den ältesten Film losgelassen. Prüfe seine Platte, und ob er zu viel zu tun hat.',
    'hub-was-off': 'Porchlight selbst lief nicht.',
    'sound-withdrawn': 'Die Zustimmung zum Ton dieser Kamera wurde inzwischen zurückgenommen.',
    'pictures-withdrawn': 'Keine erwachsene Person stimmt den Bildern dieser Kamera mehr zu.',
    // Addresses of cameras
    'address-empty': 'Die Adresse der Kamera fehlt. Sie sieht aus wie rtsp://192.168.1.20:554/stream.',
    'address-not-rtsp': 'Die Adresse der Kamera muss mit rtsp:// beginnen.',
    'address-no-host': 'In der Adresse der Kamera fehlt nach rtsp:// ihr Name oder ihre IP-Adresse.',
    'address-unreadable': 'Die Adresse der Kamera ist nicht lesbar. Sie sieht aus wie rtsp://192.168.1.20:554/stream. In Benutzername und Passwort schreib / als %2F, ? als %3F, # als %23 und @ als %40.',
    'address-stray': 'In der Adresse der Kamera steht nach dem Namen ein @ oder #. In Benutzername und Passwort schreib / als %2F, ? als %3F, # als %23 und @ als %40.',
    'address-link-local': 'Die Adresse der Kamera gilt nur an einer bestimmten Netzwerkkarte (fe80::…%…), und das geht hier nicht. Nimm ihren Namen oder eine andere ihrer IP-Adressen.',
    'address-no-user': 'In der Adresse der Kamera steht ein Passwort, aber kein Benutzername.',
    'address-not-text': 'Der Benutzername oder das Passwort in der Adresse der Kamera ist kein lesbarer Text.',
    // Microphones and phones
    'speaks-alone': 'Hier spricht nur, wem es gehört.',
    'speaks-anybody': 'Hier können alle sprechen, deshalb wird nichts Gesagtes aufbewahrt.',
    // What was said
    'forgetting-not-kept': 'Eine Bitte zu vergessen wird selbst nicht aufbewahrt.',
    'no-words': 'Es waren keine Worte zu hören.',
    'no-history': ({ person }) => `${person} hat dem Aufbewahren nicht zugestimmt.`,
    'anybody-there': ({ device }) => `Bei ${device} können alle sprechen, auch ein Kind.`,
    'anothers-device': ({ device }) => `${device} gehört jemand anderem.`,
    'adults-session': 'Porchlight erkennt eine Stimme nur dort, wo sich eine erwachsene Person selbst angemeldet hat.',
    // Forgetting
    'stays-look': 'Was von einem Blick aufbewahrt ist, endet an seinem eigenen Tag, damit niemand einen Blick verbergen kann.',
    'stays-person': ({ person }) => `Nur ${person} kann das vergessen.`,
    'stays-nobody': 'Das gehört jemandem, der nicht mehr hier ist.',
    'stays-adults': 'Nur Erwachsene des Haushalts können das vergessen.',
    'stays-held': ({ person, until, hold }) => `${person} hält das fest bis ${at(until)} (Nr. ${hold}). Sobald es freigegeben ist, kann es vergessen werden.`,
    'copies-data': 'Kopien des Datenordners, wie alt auch immer: Auch mit ihnen lässt es sich nicht mehr öffnen.',
    'copies-mirror': ({ path }) => `Die Kopie der Schatulle in ${path} zieht sofort nach oder steht auf dem Beleg als noch nicht erreicht.`,
    'copies-beyond': ({ what = '' }) => `Außer Reichweite: ${receiptWords.cannots[what] ?? what}.`,
    'mirror-gone': ({ path }) => `Weg: die Kopie der Schatulle in ${path}.`,
    'mirror-pending': ({ path }) => `Unvollständig: die Kopie der Schatulle in ${path}. Sie zieht nach, bevor sie wieder zählt.`,
    'remains-left': 'Versiegelte Reste, die niemand öffnen kann, sind noch zu entfernen. Das wird wieder versucht.',
    // How a household keeps its keys
    'keeps-old-versions': ({ path, file_system }) => `Die Schatulle ${path} liegt auf ${disk(file_system)}, und das kann behalten, was überschrieben wurde, auch in Schnappschüssen. Leg sie auf ext4 oder xfs.`,
    volatile: ({ path, file_system }) => `Die Schatulle ${path} liegt auf ${disk(file_system)}, und das ist nach einem Neustart vielleicht leer. Mit ihr ginge jede Aufnahme verloren. Leg sie auf eine Platte.`,
    'file-beside-tpm': ({ path }) => `Der Wurzelschlüssel liegt im TPM und dazu in einer Datei in ${path}. Ein altes Abbild dieser Platte kann öffnen, was seither vergessen wurde. Schließ sie weg, und sichere sie nicht.`,
    swap: 'Der Auslagerungsspeicher (Swap) ist an, darum können Schlüssel aus dem Arbeitsspeicher auf eine Platte geraten. Schalte ihn aus, oder verschlüssle ihn.',
    'core-dumps': 'Speicherabbilder sind möglich, darum können Schlüssel aus dem Arbeitsspeicher auf eine Platte geraten. Starte den Hub mit „ulimit -c 0“.',
    'strongbox-in-data': ({ moved, other, out, options }) => `Die Schatulle ${moved} liegt im Datenordner ${other}. Wer den kopiert, kopiert die Schlüssel mit, und Vergessenes kommt mit ihnen wieder. Beende den Hub, verschieb die Schatulle (mv ${moved} ${out}), starte ihn mit „${options}“, und vernichte jede Kopie, die vom Datenordner gemacht wurde.`,
    'data-in-strongbox': ({ moved, other, out, options }) => `Der Datenordner ${moved} liegt in der Schatulle ${other}. Das eine darf man kopieren, das andere nie. Beende den Hub, verschieb den Datenordner (mv ${moved} ${out}), und starte ihn mit „${options}“.`,
    'strongboxes-overlap': ({ moved, other, out, options }) => `Die Schatullen ${moved} und ${other} sind ein Ordner oder liegen ineinander. Beende den Hub, verschieb die erste (mv ${moved} ${out}), und starte ihn mit „${options}“.`,
    'mirror-behind': ({ path, since }) => `Die Kopie der Schatulle in ${path} ist nicht auf dem neuesten Stand${since ? ` (seit ${at(since)})` : ''} und kann noch öffnen, was seither vergessen wurde. Schließ sie an, oder sieh nach ihrer Platte.`,
    'files-healed': ({ files }) => `Beschädigt und aus einer Kopie wiederhergestellt: ${files}. Wenn nicht gerade der Strom ausfiel, geht diese Platte kaputt. Tausch sie bald aus.`,
    'lines-damaged': ({ lines }) => `Im Protokoll ist auf der Platte beschädigt: Zeile ${lines}. Was dort stand, ist verloren; dass nichts umgeschrieben wurde, lässt sich weiter prüfen. Diese Platte geht kaputt. Tausch sie bald aus.`,
    'line-damaged': 'Eine Zeile des Protokolls ist auf der Platte beschädigt. Die übrigen sind, wie sie waren.',
    'ledger-broken-off': 'Das Protokoll war so beschädigt, dass es sich nicht mehr prüfen ließ. Es geht in einem neuen Baum weiter, der sich auf den letzten bekannten Stand festlegt; die älteren Zeilen bleiben daneben. Eine Platte geht kaputt. Tausch sie bald aus.',
    // The clock
    'clock-behind': ({ now, latest }) => `Was sein Ende erreicht hat, wird gerade nicht vergessen: Die Uhr des Hubs zeigt ${at(now)}, und es war schon ${at(latest)}. Stell die Uhr richtig, oder bestätige, dass sie stimmt.`,
    'clock-jumped': ({ now, latest }) => `Was seit ${at(latest)} sein Ende erreicht hat, wird nicht vergessen: Die Uhr des Hubs wurde auf ${at(now)} gestellt, obwohl er anders gezählt hat. ${UNTIL_CERTAIN}`,
    'clock-ahead': ({ now, latest }) => `Was seit ${at(latest)} sein Ende erreicht hat, wird nicht vergessen: Der Hub war dann ohne Strom, und noch sagt nichts, dass es ${at(now)} ist. ${UNTIL_CERTAIN}`,
    'more-than-planned': ({ due, planned, since }) => `Was seit ${at(since)} sein Ende erreicht hat, wird nicht vergessen: Es sind ${number(due)} Aufnahmen, und erwartet waren etwa ${number(planned)}. Eine erwachsene Person kann bestätigen, dass sie gehen sollen.`,
    'newer-copies': ({ made }) => `Eine ältere Kopie des Datenordners wurde zurückgelegt, vom ${at(made)}. Eine Kopie, die später gemacht wurde, lässt sich noch öffnen und an ihre Stelle legen. Wenn niemand mehr eine braucht, lass sie enden: Was nur in ihnen steht, ist dann endgültig weg.`,
    'no-such-copy': 'So eine Kopie wurde nicht zurückgelegt, oder es wurde schon gesagt, was aus neueren wird. Sieh noch einmal hin.',
    'clock-shows-other': ({ now, shown }) => `Die Uhr des Hubs zeigt ${at(now)} und nicht ${at(shown)}. Sieh noch einmal hin, und bestätige, was sie zeigt.`,
    'clock-was-set': 'Die Uhr wurde vorgestellt. Diese Zeit ist nie vergangen.',
    'hub-was-off-or-clock-set': 'Porchlight war ohne Strom, oder die Uhr wurde vorgestellt. Was davon, ist nicht gewiss.',
    // The disk and what lies on it
    'disk-full': ({ path }) => `Die Platte von ${path} ist voll, darum wird nichts Neues aufbewahrt. Vergiss, was niemand braucht, oder schaff mehr Platz. Vergessen geht immer.`,
    'disk-read-only': ({ path }) => `Die Platte von ${path} lässt sich nur noch lesen, darum wird nichts Neues aufbewahrt. Finde heraus, warum ihr System nicht mehr auf sie schreibt, und lass es wieder schreiben.`,
    'disk-out-of-reach': ({ path }) => `In ${path} lässt sich nichts schreiben, darum wird nichts Neues aufbewahrt. Sieh nach, ob die Platte angeschlossen ist und der Ordner dem gehört, der Porchlight ausführt.`,
    'disk-failing': ({ path }) => `Die Platte von ${path} versagt, darum wird nichts Neues aufbewahrt. Kopiere, was darauf ist, solange das geht, und ersetze sie, wenn es so weitergeht.`,
    'disk-silent': 'Die Platte antwortet nicht. Sieh nach ihr, und was sie sonst so beschäftigt.',
    'teen-without-keys': ({ person }) => `Nichts von dem, was ${person} sagt, wird aufbewahrt, obwohl dem zugestimmt wurde: Es würde für ${person} allein versiegelt, und ${person} kann sich noch nicht anmelden.`,
    'turns-adult': ({ person, on }) => `Ab ${date(on ?? '')} gilt ${person} als erwachsen und entscheidet allein.`,
    'turns-adult-consent-ends': ({ person, on }) =>
      `Ab ${date(on ?? '')} gilt ${person} als erwachsen. Wozu jemand Sorgeberechtigtes für ${person} Ja gesagt hat, endet dann, und was dafür aufbewahrt wurde, wird vergessen.`,
    'turns-teen': ({ person, on }) => `Ab ${date(on ?? '')} zählt ${person} nicht mehr als Kind: Was von ${person} aufbewahrt wird, ist von da an für ${person} allein versiegelt.`,
    'turns-teen-without-keys': ({ person, on }) =>
      `Ab ${date(on ?? '')} zählt ${person} nicht mehr als Kind, und was von ${person} aufbewahrt wird, ist dann für ${person} allein versiegelt. Sorg dafür, dass ${person} sich vorher anmelden kann: Bis dahin würde nichts aufbewahrt.`,
    'data-disk-full': 'Die Platte des Datenordners ist voll, darum wird nichts Neues notiert. Vergiss, was niemand braucht, oder schaff mehr Platz.',
    'change-not-followed': (_values, because) => `Die Änderung ist gemacht. Was daraus folgt, ist noch nicht fertig und wird von selbst nachgeholt. ${because}`.trim(),
    'disk-failed': 'Die Platte des Hubs arbeitet nicht richtig. Nichts davon wurde gespeichert. Prüfe die Platte und ihren freien Platz.',
    damaged: ({ id }) => `Aufnahme ${id} ist beschädigt. Alles andere lässt sich öffnen.`,
    // Problems
    'unknown-id': 'Das gibt es nicht, oder es ist schon vergessen.',
    'being-forgotten': 'Das ist weg oder wird gerade vergessen, darum kann nichts Neues daraus entstehen.',
    'changed-meanwhile': 'Jemand hat den Haushalt inzwischen geändert. Versuch es noch einmal.',
    'no-hold': 'Das wird nicht festgehalten: Es ist zu Ende, freigegeben, oder es war nie so.',
    'adults-only': 'Das können nur die Erwachsenen des Haushalts.',
    'owners-only': 'Das kann nur, wem der Haushalt gehört.',
    'sealed-to-others': 'Das können nur die öffnen, für die es versiegelt ist. Du könntest sie fragen.',
    'nothing-fits': 'Es ist nichts davon aufbewahrt, also gibt es nichts zu öffnen.',
    'look-over': 'Dieser Blick ist zu lange her oder war in einer anderen Sitzung. Sieh noch einmal hin.',
    'effect-gone': 'Diesen Timer, diese Erinnerung oder diesen Eintrag gibt es nicht mehr. Vielleicht ist es schon erledigt.',
    'list-item-length': ({ most }) => `Eine Liste und was darauf steht haben 1 bis ${number(most)} Zeichen, in einer Zeile.`,
    'session-name-length': ({ most }) => `Der Name einer Sitzung ist eine Zeile mit höchstens ${number(most)} Zeichen.`,
    'passkey-name-length': ({ most }) => `Ein Passkey braucht einen Namen: eine Zeile mit höchstens ${number(most)} Zeichen.`,
    'too-many-words': 'Das ist zu lang. Sag es mit weniger Worten.',
    'sound-broke-off': 'Der Ton kam nicht ganz an. Versuch es noch einmal.',
    'sound-too-slow': 'Der Ton kam zu langsam an. Sag weniger auf einmal, oder nimm ein schnelleres Netz.',
    'much-at-once': ({ seconds }) => `Das ist viel auf einmal. Warte, bis das Erste beantwortet ist: etwa ${number(seconds)} ${seconds === '1' ? 'Sekunde' : 'Sekunden'}.`,
    'many-at-once': ({ seconds }) => `Gerade sprechen viele mit Porchlight. Sag es in etwa ${number(seconds)} ${seconds === '1' ? 'Sekunde' : 'Sekunden'} noch einmal.`,
    'bodies-at-once': 'Es wird viel auf einmal gesendet. Warte, bis das Erste beantwortet ist.',
    'body-too-long': ({ most }) => `Das sind mehr als ${number(most)} Bytes. Sende weniger auf einmal.`,
    'body-too-slow': ({ seconds }) => `Das kam nicht in ${number(seconds)} Sekunden an. Nimm ein schnelleres Netz.`,
    stopping: 'Der Hub hört gerade auf. Versuch es wieder, wenn er zurück ist.',
    'many-sign-in': 'Gerade melden sich viele an. Versuch es gleich noch einmal.',
    'too-many-tries': ({ seconds }) => `Das war zu oft falsch. Versuch es in ${number(seconds)} ${seconds === '1' ? 'Sekunde' : 'Sekunden'} noch einmal.`,
    'attempt-over': 'Das hat zu lange gedauert oder war schon abgeschlossen. Fang noch einmal an.',
    'not-this-kit': 'Der Name oder das Wiederherstellungsblatt stimmt nicht. Versuch es noch einmal.',
    'not-their-own': 'Das war nicht mit deinem eigenen Schlüssel unterschrieben, deshalb hat sich nichts geändert. Fang noch einmal an.',
    'not-this-passkey': 'Der Name oder der Passkey stimmt nicht. Versuch es noch einmal.',
    'too-many-passkeys': ({ most }) => `Du hast ${number(most)} Passkeys, mehr gehen nicht. Entferne erst einen.`,
    'passkey-refused': 'Dieser Passkey lässt sich nicht annehmen. Mach ihn noch einmal.',
    'too-many-mirrors': ({ most }) => `Eine Schatulle hat höchstens ${number(most)} Kopien.`,
    'mirror-no-path': ({ path }) => `„${path}“ ist kein ganzer Pfad. Eine Kopie ist ein Ordner wie /media/stick/porchlight.`,
    'mirror-inside': ({ path }) => `${path} und das, wovon es eine Kopie sein soll, liegen ineinander. Nimm einen Ordner auf einer anderen Platte.`,
    'mirror-away': 'Den Ordner, in dem dieser liegen soll, gibt es nicht. Leg ihn an, oder schließ erst seine Platte an.',
    'mirror-not-empty': ({ path }) => `${path} gibt es schon, und der Ordner ist nicht leer. Nenn einen neuen Ordner für die Kopie.`,
    'name-hides': ({ character }) => `Darin steht das Zeichen ${character}, das niemand sieht und durch das es wie etwas anderes aussehen kann. Tippe es neu.`,
    'not-understood-request': 'So nimmt der Hub das nicht an. Lade die Seite neu und versuche es noch einmal.',
    'too-large': 'Das ist mehr, als der Hub auf einmal nimmt.',
    'filter-too-long': 'Das ist mehr, als auf einmal gesucht werden kann. Wähle weniger aus.',
    'microphone-only-speaks': 'Mit seinem eigenen Schlüssel kann ein Mikrofon nur fragen und hören, was dort gesagt werden soll.',
    'credential-camera': ({ device }) => `${device} ist eine Kamera, und Kameras brauchen keinen Schlüssel des Hubs.`,
    'credential-anothers': ({ device }) => `${device} gehört jemand anderem; nur diese Person kann den Schlüssel machen.`,
    'nothing-to-say': 'Dazu ist nichts zu sagen, oder es ist zu lange her.',
    'name-missing': 'Ein Name hat 1 bis 64 Zeichen, in einer Zeile. Nimm einen anderen Namen.',
    'name-taken': ({ name }) => `Den Namen ${name} gibt es schon. Nimm einen anderen.`,
    'needs-guardian': ({ person }) => `${person} ist ein Kind und braucht eine erwachsene Person des Haushalts, die für das Kind entscheidet.`,
    'needs-owner': 'Jemand Erwachsenes mit eigenen Schlüsseln muss den Haushalt ändern können. Gib dieses Recht erst jemand anderem.',
    'owner-not-adult': ({ person }) => `${person} ist nicht erwachsen, und nur Erwachsene können den Haushalt ändern.`,
    'born-in-future': ({ month }) => `${month} liegt in der Zukunft. Schreib den Monat der Geburt, und prüfe die Uhr dieses Computers.`,
    'not-allowed': ({ person }) => `${person} darf das nicht ändern.`,
    // Problems that are known by their `error` alone
    'bad-request': (_, __, text) => `Das nimmt der Hub nicht an. Er sagt: „${text}“`,
    'not-yours': (_, __, text) => `Das darfst du nicht. Der Hub sagt: „${text}“`,
    'not-found': (_, __, text) => `Das gibt es nicht. Der Hub sagt: „${text}“`,
    'not-made': (_, __, text) => `Der Haushalt wurde nicht eingerichtet. Der Hub sagt: „${text}“`,
    'hub-failed': (_, __, text) => `Im Hub ist etwas schiefgegangen. Er sagt: „${text}“`,
    unavailable: 'Diesem Hub fehlen die Sprachmodelle, darum kann er weder hören noch sprechen. Schreiben geht.',
    'signed-out': 'Diese Sitzung ist zu Ende, oder es gab keine. Melde dich noch einmal an.',
    'step-up': 'Dafür musst du in den letzten 15 Minuten gezeigt haben, dass du es bist. Weise es noch einmal nach.',
    'old-kit': 'Dein Wiederherstellungsblatt stammt aus einer früheren Version und lässt dich nicht mehr zurückkommen. Mach zuerst ein neues, in deinem Konto oder mit `porchlight account new-kit`.',
    'no-preview': 'Diese Vorschau ist zu alt oder wurde schon benutzt. Nichts wurde vergessen. Fang noch einmal an.',
    conflict: 'Das hat sich inzwischen geändert. Versuch es noch einmal.',
    held: 'Das hält jemand fest. Es kann vergessen werden, sobald es freigegeben ist.',
    'not-right': 'Der Name, die Passphrase oder der Code stimmt nicht. Versuch es noch einmal.',
    'code-used': 'Dieser Code wurde schon benutzt. Warte auf den nächsten, höchstens 30 Sekunden.',
    'wrong-code': 'Das ist nicht der Code, den der Hub auf seinem eigenen Bildschirm zeigt. Sieh noch einmal nach.',
    made: 'Der Haushalt ist schon eingerichtet. Melde dich an.',
    'no-household': 'Dieser Hub hat noch keinen Haushalt. Richte erst einen ein.',
    'no-passkeys-here': 'Passkeys gehören zu einem Namen und zum eigenen Anschluss des Hubs. Öffne Porchlight erst unter https://porchlight.local mit dem Anschluss des Hubs, oder am Hub selbst unter http://localhost.',
    'bad-wav': 'Dieser Ton lässt sich nicht lesen. Versuch es noch einmal.',
    'other-site': 'Diese Anfrage kam vielleicht von einer fremden Seite und wurde abgelehnt. Fragen dürfen nur die Seiten von Porchlight selbst.',
    'other-host': 'Unter diesem Namen antwortet Porchlight nicht. Nimm http://localhost mit dem Anschluss des Hubs.',
  },
};

const UNTIL_CERTAIN = 'Es geht von selbst weiter, sobald das Netz oder das Telefon einer erwachsenen Person dieselbe Zeit zeigt, oder wenn eine erwachsene Person sie bestätigt.';

/** A file system, as the hub names it. */
function disk(name = ''): string {
  return name === 'an overlay' ? 'einem Overlay' : name;
}
