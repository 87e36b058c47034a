//! The retention policy in plain words, generated from the rules that run.
//!
//! What it says is made from what [`Household::permit`] answers, so that the policy cannot promise what the hub does not
//! do: first the facts, then the words for them, in each [`Language`] a file of its own.

mod english;
mod german;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{
    Age, Agreement, Capture, DeviceId, DeviceKind, GrowingUp, Household, Keep, Kind, Permit, Person,
    PersonId, Purpose, Speaker,
};

/// One sentence of the policy, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The kind, if it is about one.
    pub kind: Option<Kind>,
    /// The person, if it is about one.
    pub person: Option<PersonId>,
    /// The device, if it is about one.
    pub device: Option<DeviceId>,
    /// The words.
    pub text: String,
}

/// A language that the policy is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// The language of a tag like `de-AT`; English where there is no other.
    pub fn of(tag: &str) -> Self {
        match tag.split('-').next() {
            Some(first) if first.eq_ignore_ascii_case("de") => Self::German,
            _ => Self::English,
        }
    }
}

/// What a sentence says, before there are words for it.
enum Fact<'a> {
    /// What an unknown voice says is answered and forgotten.
    UnknownVoice,
    /// Nothing of what this person says is kept.
    NothingSaid { name: &'a str },
    /// Sound, words and answers of what a person says are all kept for the same time.
    Said { name: &'a str, kept: Kept<'a>, opens: Opens, yet: bool },
    /// One of them is kept for a time of its own.
    Part { what: Kind, name: &'a str, kept: Kept<'a>, yet: bool },
    /// Nothing of what somebody says is kept yet, though it was agreed to: nothing tells that it is them who speaks.
    NotToldApart { name: &'a str },
    /// Who can open what a person said.
    Opens { name: &'a str, opens: Opens },
    /// Nothing of what a teen says can be kept, though it was agreed to: there are no keys to seal it to.
    Unkept { name: &'a str },
    /// Somebody is a teen or an adult soon, and what that changes.
    GrowsUp { name: &'a str, how: &'a GrowingUp },
    /// What a person's voice is known by.
    Voiceprint { name: &'a str, kept: Kept<'a> },
    /// A person's recordings may leave the hub.
    Shared { name: &'a str },
    /// A person's recordings may be used to improve models.
    Trains { name: &'a str },
    /// Nothing of what a camera sees is kept.
    CameraOff { name: &'a str },
    /// A camera's video, and its sound, if an adult agreed to that.
    Video { name: &'a str, kept: Kept<'a>, sound: Option<Agreed<'a>> },
    /// A camera's single pictures.
    Snapshots { name: &'a str, keep: Keep },
    /// What a request left behind, or the detail of a look.
    Left { what: Kind, keep: Keep },
    /// What is forgotten is gone.
    Gone,
    /// Somebody holds what a rule or a consent that is taken back would have forgotten.
    Held { whose: Option<HeldOf<'a>>, until: Date },
}

/// Of what something is held.
#[derive(Debug, Clone, Copy)]
pub enum HeldOf<'a> {
    /// Of what somebody of this name said.
    Person(&'a str),
    /// Of what a camera of this name saw.
    Camera(&'a str),
}

/// For how long, and who agreed.
#[derive(Clone, Copy)]
struct Kept<'a> {
    keep: Keep,
    agreed: Option<Agreed<'a>>,
}

/// Who agreed, and on which day of the household.
#[derive(Clone, Copy)]
struct Agreed<'a> {
    by: &'a str,
    on: Date,
}

/// Who can open what a person said.
#[derive(Clone, Copy)]
enum Opens {
    Person,
    Guardians,
}

/// What was said, in the order people think of it.
const SAID: [Kind; 3] = [Kind::Voice, Kind::Transcript, Kind::Reply];

impl Household {
    /// What is kept, of whom, why, for how long and for whose eyes, as the rules stand at `now`.
    pub fn policy(&self, now: Timestamp, language: Language) -> Vec<Sentence> {
        let text = |fact: &Fact<'_>| match language {
            Language::English => english::text(fact),
            Language::German => german::text(fact),
        };
        let plain = |kind, fact: &Fact<'_>| Sentence { kind, person: None, device: None, text: text(fact) };
        let mut policy = vec![plain(None, &Fact::UnknownVoice)];
        let growing_up = self.growing_up(now);
        for person in &self.people {
            policy.extend(
                self.about_person(person, now)
                    .iter()
                    .map(|(kind, fact)| Sentence { person: Some(person.id.clone()), ..plain(*kind, fact) }),
            );
            policy.extend(growing_up.iter().filter(|how| how.person == person.id).map(|how| {
                let fact = Fact::GrowsUp { name: &person.name, how };
                Sentence { person: Some(person.id.clone()), ..plain(None, &fact) }
            }));
        }
        for camera in self.devices.iter().filter(|d| d.kind == DeviceKind::Camera) {
            policy.extend(self.about_camera(&camera.id, &camera.name, now).iter().map(|(kind, fact)| {
                Sentence { device: Some(camera.id.clone()), ..plain(Some(*kind), fact) }
            }));
        }
        for what in [Kind::Note, Kind::Timer, Kind::Reminder, Kind::Look] {
            if let Some(permit) = self.ask(what, &Speaker::Unknown, None, now) {
                policy.push(plain(Some(what), &Fact::Left { what, keep: permit.keep() }));
            }
        }
        policy.push(plain(None, &Fact::Gone));
        policy
    }

    /// That some of what is kept is held, whatever else the policy says of it.
    pub fn policy_of_held(&self, whose: Option<HeldOf<'_>>, until: Timestamp, language: Language) -> String {
        let fact = Fact::Held { whose, until: self.day(until) };
        match language {
            Language::English => english::text(&fact),
            Language::German => german::text(&fact),
        }
    }

    fn about_person<'a>(&'a self, person: &'a Person, now: Timestamp) -> Vec<(Option<Kind>, Fact<'a>)> {
        let speaker = Speaker::Known(person.id.clone());
        let name = person.name.as_str();
        let opens = match self.age(&person.id, now) {
            Ok(Age::Child) => Opens::Guardians,
            _ => Opens::Person,
        };
        let said: Vec<_> =
            SAID.iter().filter_map(|kind| Some((*kind, self.ask(*kind, &speaker, None, now)?))).collect();
        // A speaker is known by what is an adult's own, and by nothing else.
        let told_apart = self.is_adult(&person.id, now);
        let mut facts = Vec::new();
        match said.first() {
            _ if self.is_unkept(&person.id, now) => facts.push((None, Fact::Unkept { name })),
            None => facts.push((None, Fact::NothingSaid { name })),
            Some((_, first)) if said.iter().all(|(_, permit)| permit.keep() == first.keep()) => {
                let kept = self.kept(first, &person.id, now);
                facts.push((None, Fact::Said { name, kept, opens, yet: told_apart }));
            }
            Some(_) => {
                facts.extend(said.iter().map(|(what, permit)| {
                    let kept = self.kept(permit, &person.id, now);
                    (Some(*what), Fact::Part { what: *what, name, kept, yet: told_apart })
                }));
                facts.push((None, Fact::Opens { name, opens }));
            }
        }
        if !said.is_empty() && !told_apart && !self.is_unkept(&person.id, now) {
            facts.push((None, Fact::NotToldApart { name }));
        }
        if let Some(permit) = self.ask(Kind::Voiceprint, &speaker, None, now) {
            let kept = self.kept(&permit, &person.id, now);
            facts.push((Some(Kind::Voiceprint), Fact::Voiceprint { name, kept }));
        }
        for (purpose, fact) in
            [(Purpose::Sharing, Fact::Shared { name }), (Purpose::Training, Fact::Trains { name })]
        {
            if self.agrees(&person.id, &purpose.into(), now) {
                facts.push((None, fact));
            }
        }
        facts
    }

    fn about_camera<'a>(&'a self, camera: &DeviceId, name: &'a str, now: Timestamp) -> Vec<(Kind, Fact<'a>)> {
        let permit = self.ask(Kind::Video, &Speaker::Unknown, Some(camera), now);
        let agreed = |purpose| {
            let consent = self.camera_consent(camera, purpose, now)?;
            Some(self.agreed(&consent.by, consent.granted))
        };
        let (Some(permit), Some(security)) = (permit, agreed(Purpose::Security)) else {
            return vec![(Kind::Video, Fact::CameraOff { name })];
        };
        let kept = Kept { keep: permit.keep(), agreed: Some(security) };
        let mut facts = vec![(Kind::Video, Fact::Video { name, kept, sound: agreed(Purpose::Sound) })];
        if let Some(permit) = self.ask(Kind::Snapshot, &Speaker::Unknown, Some(camera), now) {
            facts.push((Kind::Snapshot, Fact::Snapshots { name, keep: permit.keep() }));
        }
        facts
    }

    /// The one question that every sentence rests on.
    fn ask(&self, kind: Kind, speaker: &Speaker, device: Option<&DeviceId>, at: Timestamp) -> Option<Permit> {
        self.permit(&Capture { kind, speaker, device, at, as_of: at })
    }

    fn kept(&self, permit: &Permit, person: &PersonId, now: Timestamp) -> Kept<'_> {
        let consent = self.standing(person, &Agreement::from(permit.purpose()), now);
        let agreed = consent.map(|consent| self.agreed(&consent.by, consent.granted));
        Kept { keep: permit.keep(), agreed }
    }

    fn agreed(&self, by: &PersonId, since: Timestamp) -> Agreed<'_> {
        // Whoever agreed to what stands is part of the household: every document is checked for that.
        let by = self.people.iter().find(|person| person.id == *by).map_or("", |person| &person.name);
        Agreed { by, on: self.day(since) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW, at};
    use crate::{Keep, Rule};

    fn in_language(e: &Example, language: Language) -> Vec<String> {
        e.home.policy(NOW, language).into_iter().map(|s| s.text).collect()
    }

    fn texts(e: &Example) -> Vec<String> {
        in_language(e, Language::English)
    }

    #[test]
    fn the_policy_says_what_the_rules_do() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        assert_eq!(
            texts(&e),
            [
                "What an unknown voice says is answered, then forgotten. Nothing of it is kept, except a timer, a reminder or a list item that it asked for.",
                "What Anna says is answered, then forgotten: nobody has agreed to keep it.",
                "What Tom says, its words and the answers are kept for 30 days, to look back on: Tom agreed on 23 November 2026. Only Tom can open it.",
                "What Mia says, its words and the answers would be kept for 30 days, to look back on: Anna agreed on 23 November 2026. Mia's guardians can open it.",
                "None of what Mia says is kept yet: so far only an adult's own session or microphone tells who speaks.",
                "What Leo says is answered, then forgotten: nobody has agreed to keep it.",
                "Video of the camera Porch is kept for 7 days for security, without its sound, which is dropped at the door: Anna agreed on 23 November 2026. The adults of the household can open it.",
                "Single pictures of the camera Porch would be kept for 7 days. None are made yet.",
                "A list item is kept until it is done, and at most 90 days.",
                "A timer is kept until it has rung, and then at most 1 day.",
                "A reminder is kept until it has been said, and then at most 1 day.",
                "That somebody looked at a recording is kept in the ledger; the details for 400 days.",
                "What you forget, what its end date reaches, and what was kept for a consent that is taken back is gone for good: its key is destroyed.",
            ]
        );
    }

    #[test]
    fn a_changed_rule_changes_the_words() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home.grant(&e.anna, &e.anna, &e.porch_sound(), NOW).unwrap();
        e.home.set_rule(Rule::for_kind(Kind::Voice, Keep::Days(3)), NOW).unwrap();
        let forever = Rule { person: Some(e.tom.clone()), ..Rule::for_kind(Kind::Transcript, Keep::Forever) };
        e.home.set_rule(forever, NOW).unwrap();
        let texts = texts(&e);
        for expected in [
            "The sound of what Tom says: kept for 3 days, to look back on: Tom agreed on 23 November 2026.",
            "The words of what Tom says: kept without an end, to look back on: Tom agreed on 23 November 2026.",
            "Video of the camera Porch is kept for 7 days for security, with its sound where it sends any (Anna agreed on 23 November 2026): Anna agreed on 23 November 2026. The adults of the household can open it.",
        ] {
            assert!(texts.iter().any(|t| t == expected), "{expected}\n{texts:#?}");
        }
        let security = e.home.agreement("security:Porch").unwrap();
        e.home.withdraw(&e.anna, &e.anna, &security, NOW).unwrap();
        let text = "What the camera Porch sees is not kept: no adult agrees to it.";
        assert!(e.home.policy(NOW, Language::English).iter().any(|s| s.text == text));
    }

    #[test]
    fn a_kind_with_a_time_of_its_own_is_called_kept_only_where_it_is_and_what_is_held_is_said() {
        let mut e = Example::new();
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        e.home.set_rule(Rule::for_kind(Kind::Voice, Keep::Days(3)), NOW).unwrap();
        let texts = texts(&e);
        let voice = "The sound of what Mia says: would be kept for 3 days, to look back on: Anna agreed on 23 November 2026.";
        assert!(texts.iter().any(|text| text == voice), "{texts:#?}");
        let german = in_language(&e, Language::German);
        for begins in [
            "Der Ton von dem, was Mia sagt: würde 3 Tage lang aufbewahrt, ",
            "Die Antworten von dem, was Mia sagt: würden 30 Tage lang aufbewahrt, ",
        ] {
            assert!(german.iter().any(|text| text.starts_with(begins)), "{german:#?}");
        }

        let until = at("2026-12-10T12:00:00Z");
        let held = |whose, language| e.home.policy_of_held(whose, until, language);
        assert_eq!(
            held(Some(HeldOf::Person("Mia")), Language::English),
            "Some of what Mia said is held until 10 December 2026, or until the hold is released: until then it is kept, whatever else stands here."
        );
        assert_eq!(
            held(Some(HeldOf::Camera("Porch")), Language::German),
            "Einiges von dem, was die Kamera Porch gesehen hat, wird bis 10. Dezember 2026 festgehalten, oder bis es freigegeben wird: So lange bleibt es, was auch immer sonst hier steht."
        );
    }

    #[test]
    fn the_policy_says_the_same_in_german() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        assert_eq!(
            in_language(&e, Language::of("de-AT")),
            [
                "Was eine unbekannte Stimme sagt, wird beantwortet und dann vergessen. Nichts davon wird aufbewahrt, außer worum sie gebeten hat: ein Timer, eine Erinnerung oder ein Eintrag auf einer Liste.",
                "Was Anna sagt, wird beantwortet und dann vergessen: Niemand hat zugestimmt, es aufzubewahren.",
                "Was Tom sagt, wird mit Wortlaut und Antworten 30 Tage lang aufbewahrt, um darauf zurückzublicken: Tom hat am 23. November 2026 zugestimmt. Nur Tom kann es öffnen.",
                "Was Mia sagt, würde mit Wortlaut und Antworten 30 Tage lang aufbewahrt, um darauf zurückzublicken: Anna hat am 23. November 2026 zugestimmt. Die Sorgeberechtigten von Mia können es öffnen.",
                "Noch wird nichts von dem aufbewahrt, was Mia sagt: Wer spricht, zeigt bisher nur die eigene Sitzung oder das eigene Mikrofon von Erwachsenen.",
                "Was Leo sagt, wird beantwortet und dann vergessen: Niemand hat zugestimmt, es aufzubewahren.",
                "Film der Kamera Porch wird 7 Tage lang aufbewahrt, zur Sicherheit, ohne ihren Ton, der gar nicht erst hereinkommt: Anna hat am 23. November 2026 zugestimmt. Die Erwachsenen des Haushalts können ihn öffnen.",
                "Einzelne Bilder der Kamera Porch würden 7 Tage lang aufbewahrt. Noch werden keine gemacht.",
                "Ein Eintrag auf einer Liste bleibt, bis er erledigt ist, und höchstens 90 Tage.",
                "Ein Timer bleibt, bis er geklingelt hat, und danach höchstens 1 Tag.",
                "Eine Erinnerung bleibt, bis sie gesagt wurde, und danach höchstens 1 Tag.",
                "Dass jemand eine Aufnahme angesehen hat, steht im Buch; die Einzelheiten dazu bleiben 400 Tage lang.",
                "Was du vergessen lässt, was sein Enddatum erreicht und was für eine Zustimmung aufbewahrt wurde, die zurückgenommen ist, ist endgültig weg: Sein Schlüssel ist vernichtet.",
            ]
        );
        assert_eq!(Language::of("fr"), Language::English);
    }

    #[test]
    fn whom_the_calendar_changes_is_in_the_policy_before_the_day() {
        let mut e = Example::new();
        e.home.grant(&e.anna, &e.leo, &Purpose::History.into(), NOW).unwrap();
        let about = |home: &Household, now, id: &PersonId, language| -> Vec<String> {
            let theirs =
                home.policy(now, language).into_iter().filter(|said| said.person.as_ref() == Some(id));
            theirs.map(|said| said.text).collect()
        };
        let (english, german) = (Language::English, Language::German);
        assert_eq!(
            about(&e.home, NOW, &e.leo, english),
            [
                "Nothing of what Leo says is kept, though it was agreed to: it would be sealed to Leo alone, who cannot sign in yet."
            ]
        );
        let soon = at("2029-01-15T12:00:00Z");
        assert_eq!(
            about(&e.home, soon, &e.leo, english)[1],
            "From 2029-03-01 on Leo counts as an adult. What a guardian agreed to for Leo ends then, and what was kept for it is forgotten."
        );
        assert_eq!(
            about(&e.home, soon, &e.leo, german)[1],
            "Ab 1. März 2029 gilt Leo als erwachsen. Wozu jemand Sorgeberechtigtes für Leo Ja gesagt hat, endet dann, und was dafür aufbewahrt wurde, wird vergessen."
        );
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        let soon = at("2031-05-01T12:00:00Z");
        assert_eq!(
            about(&e.home, soon, &e.mia, english)[2],
            "From 2031-06-01 on Mia counts as a teen: what is kept of Mia is sealed to Mia alone from then on. Mia cannot sign in yet, so until then nothing would be kept."
        );
        assert!(about(&e.home, NOW, &e.mia, english).len() == 2, "that is long to come");
    }

    /// Whatever a rule says, both languages promise it about the same things and with the same numbers.
    #[test]
    fn no_language_promises_more_than_another() {
        let mut e = Example::new();
        for purpose in [Purpose::History, Purpose::Recognition, Purpose::Sharing, Purpose::Training] {
            e.home.grant(&e.tom, &e.tom, &purpose.into(), NOW).unwrap();
        }
        e.home.grant(&e.anna, &e.anna, &e.porch_sound(), NOW).unwrap();
        e.home.set_rule(Rule::for_kind(Kind::Voice, Keep::Days(3)), NOW).unwrap();
        e.home.set_rule(Rule::for_kind(Kind::Note, Keep::Days(1)), NOW).unwrap();
        let forever = Rule { person: Some(e.tom.clone()), ..Rule::for_kind(Kind::Transcript, Keep::Forever) };
        e.home.set_rule(forever, NOW).unwrap();
        let (english, german) = (e.home.policy(NOW, Language::English), e.home.policy(NOW, Language::German));
        assert_eq!(english.len(), german.len());
        // A date is written another way in each; the days are the same numbers.
        let days = |text: &str, unit: &str| -> Vec<String> {
            let words: Vec<_> = text.split([' ', ',', '.', ':']).collect();
            words.windows(2).filter(|pair| pair[1].starts_with(unit)).map(|pair| pair[0].to_owned()).collect()
        };
        for (one, other) in english.iter().zip(&german) {
            assert_eq!((one.kind, &one.person, &one.device), (other.kind, &other.person, &other.device));
            assert_eq!(days(&one.text, "day"), days(&other.text, "Tag"), "{} / {}", one.text, other.text);
            assert_eq!(one.text.contains("without an end"), other.text.contains("ohne Ende"));
            assert_eq!(one.text.contains("23 November 2026"), other.text.contains("23. November 2026"));
        }
    }
}
