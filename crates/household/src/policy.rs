//! The retention policy in plain words, generated from the rules that run.
//!
//! Every sentence is made from what [`Household::permit`] answers, so that the policy cannot promise what the hub does
//! not do.

use jiff::Timestamp;

use crate::{
    Agreement, Capture, DeviceId, DeviceKind, Household, Keep, Kind, Permit, Person, PersonId, Purpose,
    Speaker,
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

/// What was said, in the order people think of it, with how it is called in a sentence.
const SAID: [(Kind, &str); 3] =
    [(Kind::Voice, "The sound"), (Kind::Transcript, "the words"), (Kind::Reply, "the answers")];

impl Household {
    /// What is kept, of whom, why, for how long and for whose eyes, as the rules stand at `now`.
    pub fn policy(&self, now: Timestamp) -> Vec<Sentence> {
        let mut policy = vec![plain(
            "What an unknown voice says is answered, then forgotten. Nothing of it is kept, \
             except a timer, a reminder or a list item that it asked for.",
        )];
        for person in &self.people {
            policy.extend(self.about_person(person, now));
        }
        for camera in self.devices.iter().filter(|d| d.kind == DeviceKind::Camera) {
            policy.extend(self.about_camera(&camera.id, &camera.name, now));
        }
        for (kind, what) in [
            (Kind::Note, "A list item is kept until it is done, and at most"),
            (Kind::Timer, "A timer is kept until it has rung, and then at most"),
            (Kind::Reminder, "A reminder is kept until it has been said, and then at most"),
            (Kind::Look, "That somebody looked at a recording is kept in the ledger; the details for"),
        ] {
            if let Some(permit) = self.ask(kind, &Speaker::Unknown, None, now) {
                let text = format!("{what} {}.", permit.keep());
                policy.push(Sentence { kind: Some(kind), ..plain(&text) });
            }
        }
        policy.push(plain(
            "What you forget, what its end date reaches, and what was kept for a consent that is taken back is gone for \
             good: its key is destroyed.",
        ));
        policy
    }

    fn about_person(&self, person: &Person, now: Timestamp) -> Vec<Sentence> {
        let about = |kind, text: String| Sentence { kind, person: Some(person.id.clone()), ..plain(&text) };
        let speaker = Speaker::Known(person.id.clone());
        let name = &person.name;
        let said: Vec<_> = SAID
            .iter()
            .filter_map(|(kind, what)| Some((*kind, *what, self.ask(*kind, &speaker, None, now)?)))
            .collect();
        let mut sentences = Vec::new();
        match said.first() {
            None => sentences.push(about(
                None,
                format!("What {name} says is answered, then forgotten: nobody has agreed to keep it."),
            )),
            Some((_, _, first)) if said.iter().all(|(_, _, permit)| permit.keep() == first.keep()) => {
                let kept = kept(first);
                let text = format!(
                    "What {name} says, its words and the answers are kept {kept}, {}. {}",
                    self.why(first, &person.id, now),
                    self.for_whom(person, now),
                );
                sentences.push(about(None, text));
            }
            Some(_) => {
                for (kind, what, permit) in &said {
                    let why = self.why(permit, &person.id, now);
                    let text =
                        format!("{} of what {name} says: kept {}, {why}.", capital(what), kept(permit));
                    sentences.push(about(Some(*kind), text));
                }
                sentences.push(about(None, self.for_whom(person, now)));
            }
        }
        if let Some(permit) = self.ask(Kind::Voiceprint, &speaker, None, now) {
            let why = self.why(&permit, &person.id, now);
            let text = format!("What {name}'s voice is known by is kept {}, {why}.", kept(&permit));
            sentences.push(about(Some(Kind::Voiceprint), text));
        }
        for (purpose, what) in
            [(Purpose::Sharing, "leave the hub"), (Purpose::Training, "be used to improve models")]
        {
            if self.agrees(&person.id, &purpose.into(), now) {
                sentences.push(about(None, format!("{name}'s recordings may {what}: it was agreed to.")));
            }
        }
        sentences
    }

    fn about_camera(&self, camera: &DeviceId, name: &str, now: Timestamp) -> Vec<Sentence> {
        let about = |kind, text: String| Sentence { kind, device: Some(camera.clone()), ..plain(&text) };
        let permit = self.ask(Kind::Video, &Speaker::Unknown, Some(camera), now);
        let consent = self.camera_consent(camera, Purpose::Security, now);
        let (Some(permit), Some(consent)) = (permit, consent) else {
            let text = format!("What the camera {name} sees is not kept: no adult agrees to it.");
            return vec![about(Some(Kind::Video), text)];
        };
        let agreed = self.agreed(&consent.by, consent.granted);
        let sound = match self.camera_consent(camera, Purpose::Sound, now) {
            Some(sound) => format!("with its sound ({})", self.agreed(&sound.by, sound.granted)),
            None => "without its sound, which is dropped at the door".to_owned(),
        };
        let text = format!(
            "Video of the camera {name} is kept {} for security, {sound}: {agreed}. The adults of the household can open it.",
            kept(&permit),
        );
        let mut sentences = vec![about(Some(Kind::Video), text)];
        if let Some(permit) = self.ask(Kind::Snapshot, &Speaker::Unknown, Some(camera), now) {
            let text = format!("Single pictures of the camera {name} are kept {}.", kept(&permit));
            sentences.push(about(Some(Kind::Snapshot), text));
        }
        sentences
    }

    /// The one question that every sentence rests on.
    fn ask(&self, kind: Kind, speaker: &Speaker, device: Option<&DeviceId>, at: Timestamp) -> Option<Permit> {
        self.permit(&Capture { kind, speaker, device, at })
    }

    fn why(&self, permit: &Permit, person: &PersonId, now: Timestamp) -> String {
        let purpose = match permit.purpose() {
            Purpose::History => "to look back on",
            Purpose::Recognition => "to know it again",
            other => other.word(),
        };
        match self.standing(person, &Agreement::from(permit.purpose()), now) {
            Some(consent) => format!("{purpose}: {}", self.agreed(&consent.by, consent.granted)),
            None => purpose.to_owned(),
        }
    }

    fn agreed(&self, by: &PersonId, since: Timestamp) -> String {
        let name = self.person(by).map_or_else(|_| by.to_string(), |p| p.name.clone());
        format!("{name} agreed on {}", self.day(since))
    }

    fn for_whom(&self, person: &Person, now: Timestamp) -> String {
        match self.age(&person.id, now) {
            Ok(crate::Age::Child) => format!("{}'s guardians can open it.", person.name),
            _ => format!("Only {} can open it.", person.name),
        }
    }
}

fn plain(text: &str) -> Sentence {
    Sentence { kind: None, person: None, device: None, text: text.to_owned() }
}

fn kept(permit: &Permit) -> String {
    match permit.keep() {
        Keep::Forever => "without an end".to_owned(),
        days => format!("for {days}"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW};
    use crate::{Keep, Rule};

    fn texts(e: &Example) -> Vec<String> {
        e.home.policy(NOW).into_iter().map(|s| s.text).collect()
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
                "What Tom says, its words and the answers are kept for 30 days, to look back on: Tom agreed on 2026-11-23. Only Tom can open it.",
                "What Mia says, its words and the answers are kept for 30 days, to look back on: Anna agreed on 2026-11-23. Mia's guardians can open it.",
                "What Leo says is answered, then forgotten: nobody has agreed to keep it.",
                "Video of the camera Porch is kept for 7 days for security, without its sound, which is dropped at the door: Anna agreed on 2026-11-23. The adults of the household can open it.",
                "Single pictures of the camera Porch are kept for 7 days.",
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
            "The sound of what Tom says: kept for 3 days, to look back on: Tom agreed on 2026-11-23.",
            "The words of what Tom says: kept without an end, to look back on: Tom agreed on 2026-11-23.",
            "Video of the camera Porch is kept for 7 days for security, with its sound (Anna agreed on 2026-11-23): Anna agreed on 2026-11-23. The adults of the household can open it.",
        ] {
            assert!(texts.iter().any(|t| t == expected), "{expected}\n{texts:#?}");
        }
        let security = e.home.agreement("security:Porch").unwrap();
        e.home.withdraw(&e.anna, &e.anna, &security, NOW).unwrap();
        let text = "What the camera Porch sees is not kept: no adult agrees to it.";
        assert!(e.home.policy(NOW).iter().any(|s| s.text == text));
    }
}
