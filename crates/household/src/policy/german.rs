//! The policy in German.

use jiff::civil::Date;

use super::{Agreed, Fact, HeldOf, Kept, Opens};
use crate::{Age, GrowingUp, Keep, Kind};

const UNKNOWN_VOICE: &str = "Was eine unbekannte Stimme sagt, wird beantwortet und dann vergessen. Nichts davon \
     wird aufbewahrt, außer worum sie gebeten hat: ein Timer, eine Erinnerung oder ein Eintrag auf einer Liste.";
const GONE: &str = "Was du vergessen lässt, was sein Enddatum erreicht und was für eine Zustimmung aufbewahrt wurde, \
     die zurückgenommen ist, ist endgültig weg: Sein Schlüssel ist vernichtet.";

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

pub(super) fn text(fact: &Fact<'_>) -> String {
    match fact {
        Fact::UnknownVoice => UNKNOWN_VOICE.to_owned(),
        Fact::NothingSaid { name } => format!(
            "Was {name} sagt, wird beantwortet und dann vergessen: Niemand hat zugestimmt, es aufzubewahren."
        ),
        Fact::Said { name, kept, opens, yet } => format!(
            "Was {name} sagt, {} mit Wortlaut und Antworten {} aufbewahrt, {}. {}",
            if *yet { "wird" } else { "würde" },
            time(kept.keep),
            why("um darauf zurückzublicken", kept),
            open(name, *opens),
        ),
        Fact::Part { what, name, kept, yet } => format!(
            "{} von dem, was {name} sagt: {}{} aufbewahrt, {}.",
            part(*what),
            match (*yet, *what) {
                (true, _) => "",
                (false, Kind::Reply) => "würden ",
                (false, _) => "würde ",
            },
            time(kept.keep),
            why("um darauf zurückzublicken", kept),
        ),
        Fact::NotToldApart { name } => format!(
            "Noch wird nichts von dem aufbewahrt, was {name} sagt: Wer spricht, zeigt bisher nur die eigene Sitzung oder das eigene Mikrofon von Erwachsenen."
        ),
        Fact::Opens { name, opens } => open(name, *opens),
        Fact::Unkept { name } => format!(
            "Nichts von dem, was {name} sagt, wird aufbewahrt, obwohl dem zugestimmt wurde: Es würde für {name} allein versiegelt, und {name} kann sich noch nicht anmelden."
        ),
        Fact::GrowsUp { name, how: GrowingUp { into: Age::Adult, on, consent_ends, .. } } => {
            let ends = format!(
                " Wozu jemand Sorgeberechtigtes für {name} Ja gesagt hat, endet dann, und was dafür aufbewahrt wurde, wird vergessen."
            );
            format!("Ab {} gilt {name} als erwachsen.{}", date(*on), if *consent_ends { &ends } else { "" })
        }
        Fact::GrowsUp { name, how: GrowingUp { on, unkept, .. } } => {
            let nothing =
                format!(" {name} kann sich noch nicht anmelden, darum würde bis dahin nichts aufbewahrt.");
            format!(
                "Ab {} zählt {name} als Jugendliche oder Jugendlicher: Was von {name} aufbewahrt wird, ist von da an für {name} allein versiegelt.{}",
                date(*on),
                if *unkept { &nothing } else { "" }
            )
        }
        Fact::Voiceprint { name, kept } => format!(
            "Woran man die Stimme von {name} erkennt, würde {} aufbewahrt, {}. Porchlight erkennt noch keine Stimmen, darum gibt es nichts davon.",
            time(kept.keep),
            why("um sie wiederzuerkennen", kept),
        ),
        Fact::Shared { name } => {
            format!(
                "Aufnahmen von {name} dürfen den Hub verlassen: Dem wurde zugestimmt. Noch wird keine irgendwohin gegeben."
            )
        }
        Fact::Trains { name } => {
            format!(
                "Aufnahmen von {name} dürfen helfen, Modelle zu verbessern: Dem wurde zugestimmt. Noch wird nichts mit ihnen verbessert."
            )
        }
        Fact::CameraOff { name } => {
            format!("Was die Kamera {name} sieht, wird nicht aufbewahrt: Niemand Erwachsenes stimmt dem zu.")
        }
        Fact::Video { name, kept, sound } => {
            let sound = match sound {
                Some(sound) => format!("mit ihrem Ton, falls sie welchen schickt ({})", agreed(sound)),
                None => "ohne ihren Ton, der gar nicht erst hereinkommt".to_owned(),
            };
            format!(
                "Film der Kamera {name} wird {} aufbewahrt, {}. Die Erwachsenen des Haushalts können ihn öffnen.",
                time(kept.keep),
                why(&format!("zur Sicherheit, {sound}"), kept),
            )
        }
        Fact::Snapshots { name, keep } => {
            format!(
                "Einzelne Bilder der Kamera {name} würden {} aufbewahrt. Noch werden keine gemacht.",
                time(*keep)
            )
        }
        Fact::Left { what: Kind::Note, keep } => {
            format!("Ein Eintrag auf einer Liste bleibt, bis er erledigt ist, und höchstens {}.", days(*keep))
        }
        Fact::Left { what: Kind::Timer, keep } => {
            format!("Ein Timer bleibt, bis er geklingelt hat, und danach höchstens {}.", days(*keep))
        }
        Fact::Left { what: Kind::Reminder, keep } => {
            format!("Eine Erinnerung bleibt, bis sie gesagt wurde, und danach höchstens {}.", days(*keep))
        }
        Fact::Left { keep, .. } => format!(
            "Dass jemand eine Aufnahme angesehen hat, steht im Buch; die Einzelheiten dazu bleiben {}.",
            time(*keep)
        ),
        Fact::Gone => GONE.to_owned(),
        Fact::Held { whose, until } => {
            let some = match whose {
                Some(HeldOf::Person(name)) => format!("Einiges von dem, was {name} gesagt hat,"),
                Some(HeldOf::Camera(name)) => format!("Einiges von dem, was die Kamera {name} gesehen hat,"),
                None => "Einiges von dem, was aufbewahrt ist,".to_owned(),
            };
            format!(
                "{some} wird bis {} festgehalten, oder bis es freigegeben wird: So lange bleibt es, was auch immer sonst hier steht.",
                date(*until)
            )
        }
    }
}

fn part(what: Kind) -> &'static str {
    match what {
        Kind::Voice => "Der Ton",
        Kind::Transcript => "Der Wortlaut",
        _ => "Die Antworten",
    }
}

fn open(name: &str, opens: Opens) -> String {
    match opens {
        Opens::Person => format!("Nur {name} kann es öffnen."),
        Opens::Guardians => format!("Die Sorgeberechtigten von {name} können es öffnen."),
    }
}

fn time(keep: Keep) -> String {
    match keep {
        Keep::Forever => "ohne Ende".to_owned(),
        Keep::Days(_) => format!("{} lang", days(keep)),
    }
}

fn days(keep: Keep) -> String {
    match keep {
        Keep::Forever => "ohne Ende".to_owned(),
        Keep::Days(1) => "1 Tag".to_owned(),
        Keep::Days(days) => format!("{days} Tage"),
    }
}

fn why(purpose: &str, kept: &Kept<'_>) -> String {
    match &kept.agreed {
        Some(by) => format!("{purpose}: {}", agreed(by)),
        None => purpose.to_owned(),
    }
}

fn agreed(Agreed { by, on }: &Agreed<'_>) -> String {
    format!("{by} hat am {} zugestimmt", date(*on))
}

fn date(on: Date) -> String {
    let month = MONTHS.get(usize::from(on.month().unsigned_abs()) - 1).unwrap_or(&"");
    format!("{}. {month} {}", on.day(), on.year())
}
