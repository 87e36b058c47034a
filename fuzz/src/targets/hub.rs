//! The bodies of the HTTP API, and how filters and times are read.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_hub::fuzzing::{instant, selection};
use porchlight_protocol as types;
use porchlight_vault::Selection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::household::EXAMPLE;
use super::{text, texts};
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "api-bodies", run: bodies, seeds: body_seeds },
    Target { name: "selections", run: selections, seeds: selection_seeds },
    Target { name: "times", run: times, seeds: time_seeds },
];

/// Every body that the hub takes, and every answer that its client takes: what is read is written as JSON that says the same.
fn bodies(bytes: &[u8]) {
    for same_again in [
        same_again::<types::SignInStart>,
        same_again::<types::SignInChallenge>,
        same_again::<types::SignInFinish>,
        same_again::<types::SignedIn>,
        same_again::<types::WrappedIdentity>,
        same_again::<types::NewInvitation>,
        same_again::<types::InvitationView>,
        same_again::<types::OpenedInvitation>,
        same_again::<types::InvitationRegistration>,
        same_again::<types::InvitationAnswer>,
        same_again::<types::InvitationWait>,
        same_again::<types::InvitationWaited>,
        same_again::<types::InvitationNonce>,
        same_again::<types::SessionView>,
        same_again::<types::SessionName>,
        same_again::<types::StepUpStart>,
        same_again::<types::StepUpChallenge>,
        same_again::<types::StepUpFinish>,
        same_again::<types::PassphraseStart>,
        same_again::<types::StepUpDone>,
        same_again::<types::NewPassphrase>,
        same_again::<types::NewKit>,
        same_again::<types::RecoveryStart>,
        same_again::<types::RecoveryChallenge>,
        same_again::<types::RecoveryFinish>,
        same_again::<types::PasskeySignInStart>,
        same_again::<types::PasskeyChallenge>,
        same_again::<types::PasskeySignInFinish>,
        same_again::<types::PasskeyMaking>,
        same_again::<types::NewPasskey>,
        same_again::<types::PasskeyName>,
        same_again::<types::PasskeyView>,
        same_again::<types::SetUpStart>,
        same_again::<types::SetUpStarted>,
        same_again::<types::SetUpFinish>,
        same_again::<types::Me>,
        same_again::<types::HouseholdChange>,
        same_again::<types::ChangeDone>,
        same_again::<types::NewAccount>,
        same_again::<types::RenewedAccount>,
        same_again::<types::RegistrationAnswer>,
        same_again::<types::SayAnswer>,
        same_again::<types::Effect>,
        same_again::<types::Filter>,
        same_again::<types::Selection>,
        same_again::<types::RecordingView>,
        same_again::<types::LookRequest>,
        same_again::<types::LookPass>,
        same_again::<types::ForgetPreview>,
        same_again::<types::ForgetConfirm>,
        same_again::<types::ForgottenView>,
        same_again::<types::HoldRequest>,
        same_again::<types::HoldView>,
        same_again::<types::PersonView>,
        same_again::<types::DeviceView>,
        same_again::<types::LedgerHead>,
        same_again::<types::Message>,
        same_again::<types::Problem>,
        same_again::<types::Health>,
    ] {
        same_again(bytes);
    }
}

fn same_again<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&body).expect("it can be written");
    let again: T = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(serde_json::to_vec(&again).expect("it can be written"), written);
}

fn body_seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"name":"Anna","request":"AAAA"}"#,
        r#"{"attempt":"a","finalization":"AAAA","code":"123456","client":"laptop"}"#,
        r#"{"signed":{"format":1,"document":"{}","signer":"anna","signature":"AA=="},"addresses":{"porch":"rtsp://cam/"},"accounts":{"tom":{"record":"A","totp_secret":"B","wrapped":"C","account_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","vouched":"D","recovery_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","signature":"E"}}}"#,
        r#"{"selection":{"ids":[1,65537],"filter":{"device":"Kitchen","from":"2026-11-23"},"all":false},"why":"export"}"#,
        r#"{"token":"t","keep_effects":true}"#,
        r#"{"attempt":"a","signature":"AAAA","account":{"record":"A","totp_secret":"B","wrapped":"C","signature":"D"},"client":"phone","cookie":true}"#,
        r#"{"attempt":"a","name":"My phone","credential":{"id":"AAAA","type":"public-key","rawId":"AAAA","response":{"clientDataJSON":"AAAA"}},"wrapped":"AAAA","proof":"p","signature":"AAAA"}"#,
        r#"{"proof":"p","recovery_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","account_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","vouched":"AAAA","signature":"AAAA"}"#,
        r#"{"error":"too-many","message":"wait","said":{"code":"too-many-tries","values":{"seconds":"5"},"because":{"code":"x","text":"y"},"text":"wait"}}"#,
        r#"{"person":"anna","request":"AAAA"}"#,
        r#"{"handle":"lqYb3zZnusYZkdIlWH5xyg","keys":{"recipient":"age1","signer":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},"account":{"record":"A","totp_secret":"B","wrapped":"C","account_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","vouched":"D","recovery_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","signature":"E"},"binding":"b"}"#,
        r#"{"id":"s","client":"c","started":"2026-11-23T18:00:00Z","seen":"2026-11-23T18:00:00.5Z","this":true}"#,
    ])
}

/// A selection means one thing, and a range of times is one.
fn selections(bytes: &[u8]) {
    let Ok(chosen) = serde_json::from_slice::<types::Selection>(bytes) else { return };
    match selection(&EXAMPLE.home, &chosen) {
        Some(Selection::Ids(ids)) => {
            assert!(ids.iter().map(|id| id.get()).eq(chosen.ids.iter().copied()));
            assert!(!chosen.all && chosen.filter.is_empty());
        }
        Some(Selection::Filter(filter)) => {
            assert!(chosen.ids.is_empty());
            assert_eq!(chosen.all, chosen.filter.is_empty(), "an empty filter is not all");
            if let (Some(from), Some(to)) = (filter.from, filter.to) {
                assert!(from < to);
            }
        }
        None => {}
    }
}

fn selection_seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"ids":[1,18446744073709551615]}"#,
        r#"{"filter":{"device":"PORCH","person":"anna","kind":"voice, transcript","from":"2026-11-01T02:30","to":"2026-11-01"}}"#,
        r#"{"all":true}"#,
        r#"{"filter":{"from":"-009999-01-02T00:00:00Z","to":"9999-12-30"}}"#,
    ])
}

/// A time, and after a line's end a zone: the end of a day is not before its beginning, and RFC 3339 is taken at its word.
fn times(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let (time, zone) = text.split_once('\n').unwrap_or((text, "America/New_York"));
    let Ok(zone) = TimeZone::get(zone) else { return };
    let (begins, ends) = (instant(time, &zone, false), instant(time, &zone, true));
    if let (Some(begins), Some(ends)) = (begins, ends) {
        assert!(begins <= ends, "the day ends before it begins");
    }
    if let Ok(exact) = time.trim().parse::<Timestamp>() {
        assert_eq!((begins, ends), (Some(exact), Some(exact)));
    }
}

fn time_seeds() -> Vec<Vec<u8>> {
    texts([
        "2026-11-23",
        "2026-03-29T02:30\nEurope/Berlin",
        "2026-11-23T18:00:00.5+01:00",
        "9999-12-31\nPacific/Kiritimati",
        "-009999-01-01\nUTC",
    ])
}
