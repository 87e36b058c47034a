//! What holds of every skill.

use std::collections::BTreeMap;

use serde_json::Value;

use super::example::Home;
use super::{SKILLS, Situation, Slots, Unreadable, answer};
use crate::intent::Recognised;

/// The intents that a file of sentences has.
fn intents(file: &str) -> Vec<String> {
    let file: Value = serde_yaml_ng::from_str(file).unwrap();
    file["intents"].as_object().unwrap().keys().cloned().collect()
}

fn recognised(intent: &str, variant: Option<&str>) -> Recognised {
    let variant = variant.map(str::to_owned);
    Recognised { intent: intent.to_owned(), variant, slots: BTreeMap::new(), guessed: false }
}

#[test]
fn each_skill_answers_its_own_sentences_and_no_other_does() {
    for (at, skill) in SKILLS.iter().enumerate() {
        let english = skill.sentences().iter().find(|(language, _)| *language == "en");
        let (_, english) = english.expect("it has English sentences");
        for intent in intents(english) {
            // Which of several skills answers may depend on the variant, as with a bare "stop".
            let answers = |variant| {
                let recognised = recognised(&intent, variant);
                SKILLS.iter().position(|skill| skill.answers(&Slots(&recognised)))
            };
            let ways = [answers(None), answers(Some("stop"))];
            assert!(ways.contains(&Some(at)), "{intent} of skill {at} is answered by {ways:?}");
        }
    }
    let unknown = recognised("HassOfTomorrow", None);
    let answering: Vec<bool> = SKILLS.iter().map(|skill| skill.answers(&Slots(&unknown))).collect();
    let (last, others) = answering.split_last().unwrap();
    assert!(*last && !others.contains(&true), "whatever no skill answers, the last one does: {answering:?}");
}

#[test]
fn what_cannot_be_read_is_told_where_it_is_asked_for_and_nowhere_else() {
    let home = Home::new().unwrap();
    let unreadable = Unreadable { timers: 1, items: 3, reminders: 2 };
    let said = |intent| {
        let situation = Situation { unreadable, ..home.situation() };
        answer("…", Some(&recognised(intent, None)), &situation).reply
    };
    assert_eq!(
        said("PorchlightReminders"),
        "Two reminders cannot be read, since a disk is damaged. Apart from them: There is no reminder."
    );
    assert!(said("HassTimerStatus").starts_with("One timer cannot be read"));
    assert!(said("PorchlightListClear").starts_with("Three list items cannot be read"));
    assert!(said("PorchlightReminder").starts_with("When shall I remind you?"));
    assert!(said("HassGetCurrentTime").starts_with("It is"));
    let whole = answer("…", Some(&recognised("PorchlightReminders", None)), &home.situation());
    assert_eq!(whole.reply, "There is no reminder.");
}
