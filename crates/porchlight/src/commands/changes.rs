//! What a change of the household changed, as the ledger tells of it.

use porchlight_hub::ChangeKind;
use serde_json::Value;

use super::names::{NOBODY_NOW, Names, person};
use crate::output::quoted;

/// All of it as one thing that somebody did, each with whom or what it concerns; of a line of a release that did not say, that there
/// was a change.
pub(super) fn in_words(detail: &Value, names: &Names) -> String {
    let mut changes: Vec<&Value> = detail["changes"].as_array().into_iter().flatten().collect();
    // What came is told before what it is from then on.
    changes.sort_by_key(|change| !change["what"].as_str().is_some_and(|what| what.ends_with("-comes")));
    let told: Vec<String> = changes.into_iter().map(|change| one_in_words(change, names)).collect();
    match told.as_slice() {
        [] => "changed the household".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

/// What follows the name of whoever did it.
fn one_in_words(change: &Value, names: &Names) -> String {
    let Ok(what) = serde_json::from_value(change["what"].clone()) else {
        return "changed something that a newer release knows of".to_owned();
    };
    let device = quoted(change["name"].as_str().unwrap_or_default()).into_owned();
    let whom = || other(&change["person"], names);
    match what {
        ChangeKind::PersonComes => format!("added {} to the household", whom()),
        ChangeKind::PersonGoes => "removed somebody from the household".to_owned(),
        ChangeKind::Born => format!("changed the birth month of {}", whom()),
        ChangeKind::Guardians => format!("changed who looks after {}", whom()),
        ChangeKind::Owner => format!("changed whether {} can change the household", whom()),
        ChangeKind::LetIn => format!("let in {}, with keys of their own", whom()),
        ChangeKind::Keys => format!("changed the keys of {}", whom()),
        ChangeKind::Circle => "changed a key that several share".to_owned(),
        ChangeKind::DeviceOwner if change["person"].is_string() => format!("made {device} {}'s own", whom()),
        ChangeKind::DeviceOwner => format!("made {device} a shared one"),
        ChangeKind::DeviceNature => format!("changed what {device} is, or how it is reached"),
        ChangeKind::CameraComes => format!("added the camera {device}"),
        ChangeKind::DeviceComes => format!("added {device}"),
        ChangeKind::DeviceGoes => format!("removed {device}"),
        ChangeKind::DeviceName => format!("changed the name or room of {device}"),
        ChangeKind::ConsentForAnother => format!("agreed for {} to {}", whom(), agreed(change)),
        ChangeKind::ConsentForOneself => format!("agreed to {}", agreed(change)),
        ChangeKind::ConsentWithdrawn if change["by"].is_string() => {
            let gave = other(&change["by"], names);
            format!("took back what {gave} had agreed to for {}, {}", whom(), agreed(change))
        }
        ChangeKind::ConsentWithdrawn => {
            format!("took back what was agreed to for {}, {}", whom(), agreed(change))
        }
        ChangeKind::KeptLonger | ChangeKind::KeptShorter => kept(change, names),
        ChangeKind::PersonName => format!("changed the name of {}", whom()),
        ChangeKind::Settings => "changed the household's name, time zone, language or units".to_owned(),
    }
}

/// Somebody in the middle of a sentence.
fn other(id: &Value, names: &Names) -> String {
    match id.as_str().map(|id| person(id, names)) {
        Some(name) if name != NOBODY_NOW => name,
        _ => "somebody who is not in the household now".to_owned(),
    }
}

/// `history`, or `sound:Porch`.
fn agreed(change: &Value) -> String {
    let purpose = quoted(change["purpose"].as_str().unwrap_or_default()).into_owned();
    match change["name"].as_str() {
        Some(camera) => format!("{purpose}:{}", quoted(camera)),
        None => purpose,
    }
}

fn kept(change: &Value, names: &Names) -> String {
    let mut what = quoted(change["kind"].as_str().unwrap_or("everything")).into_owned();
    if change["person"].is_string() {
        what += &format!(" of {}", other(&change["person"], names));
    }
    if let Some(device) = change["name"].as_str() {
        what += &format!(" from {}", quoted(device));
    }
    let time = |of: &str| {
        change[of].as_str().map(|time| if time == "forever" { "without an end".into() } else { quoted(time) })
    };
    match (time("was"), time("keep")) {
        (Some(was), Some(keep)) => format!("changed how long {what} is kept, from {was} to {keep}"),
        (None, Some(keep)) => format!("changed how long {what} is kept, to {keep}"),
        (Some(was), None) => format!("took back the rule that {what} is kept {was}"),
        (None, None) => format!("took back the rule for how long {what} is kept"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_change_is_told_with_whom_and_what_it_concerns() {
        let names = Names::from([("p1".to_owned(), "Tom".to_owned())]);
        for what in ChangeKind::ALL {
            let change = json!({
                "what": what, "person": "p1", "device": "d1", "name": "Porch", "purpose": "sound", "kind": "video", "keep": "30 days",
            });
            let said = one_in_words(&change, &names);
            assert!(
                !["p1", "d1", "{", "newer release"].iter().any(|inner| said.contains(inner)),
                "{what:?}: {said}"
            );
            let concerns = matches!(what, ChangeKind::PersonGoes | ChangeKind::Circle | ChangeKind::Settings);
            assert!(concerns || said.contains("Tom") || said.contains("Porch"), "{what:?}: {said}");
        }
        let words = |changes: Value| in_words(&json!({ "changes": changes }), &names);
        let many = json!([
            { "what": "consent-withdrawn", "person": "p1", "device": "d1", "name": "Porch", "purpose": "sound" },
            { "what": "kept-longer", "kind": "video", "keep": "forever", "was": "14 days" },
            { "what": "kept-longer", "kind": "video", "keep": "36500 days" },
            { "what": "kept-shorter", "kind": "reply", "was": "60 days" },
            { "what": "of a newer hub" },
        ]);
        let said = "took back what was agreed to for Tom, sound:Porch, changed how long video is kept, from 14 days to without an end, \
             changed how long video is kept, to 36500 days, took back the rule that reply is kept 60 days, and changed something that a \
             newer release knows of";
        assert_eq!(words(many), said);
        assert_eq!(words(Value::Null), "changed the household", "a line of before");
        let given =
            json!([{ "what": "consent-withdrawn", "person": "p1", "by": "p2", "purpose": "history" }]);
        let names = Names::from([("p1".to_owned(), "Mia".to_owned()), ("p2".to_owned(), "Anna".to_owned())]);
        assert_eq!(
            in_words(&json!({ "changes": given }), &names),
            "took back what Anna had agreed to for Mia, history"
        );
    }
}
