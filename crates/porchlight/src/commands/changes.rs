//! What a change of the household changed, as the ledger tells of it.

use porchlight_hub::ChangeKind;
use serde_json::Value;

use super::names::{Names, person};
use crate::output::quoted;

/// All of it, each with whom or what it concerns; empty where the line is of a release that did not say.
pub(super) fn in_words(detail: &Value, names: &Names) -> String {
    let changes = detail["changes"].as_array().into_iter().flatten();
    let by = person(detail["who"].as_str().unwrap_or("?"), names);
    let told: Vec<String> = changes.map(|change| one_in_words(change, &by, names)).collect();
    told.join("; ")
}

fn one_in_words(change: &Value, by: &str, names: &Names) -> String {
    let Ok(what) = serde_json::from_value(change["what"].clone()) else {
        return "something that a newer release knows of".to_owned();
    };
    let text = |name: &str| quoted(change[name].as_str().unwrap_or_default()).into_owned();
    let device = text("name");
    let whom = || person(change["person"].as_str().unwrap_or("?"), names);
    match what {
        ChangeKind::PersonComes => format!("{} came", whom()),
        ChangeKind::PersonGoes => "somebody left".to_owned(),
        ChangeKind::Born => format!("the birth month of {} was changed", whom()),
        ChangeKind::Guardians => format!("others look after {}", whom()),
        ChangeKind::Owner => format!("whether {} can change the household was changed", whom()),
        ChangeKind::Keys => format!("the keys of {} were changed", whom()),
        ChangeKind::Circle => "a key that several share was changed".to_owned(),
        ChangeKind::DeviceOwner if change["person"].is_string() => format!("{device} is {}'s own", whom()),
        ChangeKind::DeviceOwner => format!("{device} is shared"),
        ChangeKind::DeviceNature => format!("what {device} is, or where it is reached, was changed"),
        ChangeKind::CameraComes => format!("the camera {device} was added"),
        ChangeKind::DeviceComes => format!("{device} was added"),
        ChangeKind::DeviceGoes => format!("{device} was removed"),
        ChangeKind::DeviceName => format!("the name or room of {device} was changed"),
        ChangeKind::ConsentForAnother => format!("{by} agreed for {} to {}", whom(), agreed(change)),
        ChangeKind::ConsentWithdrawn if change["by"].is_string() => {
            let gave = person(change["by"].as_str().unwrap_or("?"), names);
            format!("what {gave} had agreed to for {}, {}, was taken back", whom(), agreed(change))
        }
        ChangeKind::ConsentForOneself => format!("{} agreed to {}", whom(), agreed(change)),
        ChangeKind::ConsentWithdrawn => {
            format!("the consent of {} to {} was taken back", whom(), agreed(change))
        }
        ChangeKind::KeptLonger | ChangeKind::KeptShorter => kept(change, names),
        ChangeKind::PersonName => format!("the name of {} was changed", whom()),
        ChangeKind::Settings => "its name, time zone, language or units were changed".to_owned(),
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
    if let Some(whose) = change["person"].as_str() {
        what += &format!(" of {}", person(whose, names));
    }
    if let Some(device) = change["name"].as_str() {
        what += &format!(" from {}", quoted(device));
    }
    match change["keep"].as_str() {
        Some("forever") => format!("{what} is kept without an end"),
        Some(keep) => format!("{what} is kept for {}", quoted(keep)),
        None => format!("{what} is kept as without a rule"),
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
            let said = one_in_words(&change, "Anna", &names);
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
            { "what": "kept-longer", "kind": "video", "keep": "36500 days" },
            { "what": "of a newer hub" },
        ]);
        let said = "the consent of Tom to sound:Porch was taken back; video is kept for 36500 days; something that a newer release knows of";
        assert_eq!(words(many), said);
        assert_eq!(words(Value::Null), "", "a line of before");
        let given =
            json!([{ "what": "consent-withdrawn", "person": "p1", "by": "p2", "purpose": "history" }]);
        let names = Names::from([("p1".to_owned(), "Mia".to_owned()), ("p2".to_owned(), "Anna".to_owned())]);
        assert_eq!(
            in_words(&json!({ "changes": given }), &names),
            "what Anna had agreed to for Mia, history, was taken back"
        );
    }
}
