//! The household: its signed document, and people and devices as lists show them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use jiff::{SignedDuration, Timestamp};
use porchlight_household::{Age, DeviceId, DeviceKind, SignedDocument, SignedStep, Viewer, Whose};
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::store::MISSED_KEPT;
use porchlight_hub::{Error, Hub, recording};
use porchlight_protocol::events::{Event, Happening};
use porchlight_protocol::{
    ChangeDone, DeviceView, HouseholdChange, LastView, LookedView, Message, MissedView, PersonView,
};
use porchlight_vault::{Filter, Kind};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::extract::Adult;

/// The signed household document, for clients that check it and make the next version.
#[utoipa::path(get, path = "/api/household", tag = "household",
    responses((status = 200, description = "Done.", body = Object), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn document(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Json<SignedDocument> {
    Json(hub.home().lineage.signed().clone())
}

/// Which version a client has seen.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SeenVersion {
    /// The version of the household document that was seen; without it, every step that is kept comes.
    #[serde(default)]
    after: u64,
}

/// The steps to the household document in force from an older version, one for each version, oldest first: each says whose key
/// could sign from then on, and is signed itself. They do not begin at once where the first are no longer kept.
#[utoipa::path(get, path = "/api/household/steps", tag = "household", params(SeenVersion),
    responses((status = 200, description = "Done.", body = Vec<Object>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn steps(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Query(seen): Query<SeenVersion>,
) -> Json<Vec<SignedStep>> {
    Json(hub.home().lineage.steps_after(seen.after).to_vec())
}

/// Change the household: the next version of the document, signed in the client, and the secrets that go with it.
/// Who comes or goes, how old somebody is, who owns, who guards, whose keys and whose devices they are, what is agreed to,
/// a camera that comes and whatever is kept for longer takes the hub's word for a proof that was made for it (`proof`); to take a consent
/// back or a device away takes a fresh session. Consents are dated as they are given and taken back,
/// and stay in the document. What loses its reason to be kept is forgotten, and the answer holds the receipts.
#[utoipa::path(put, path = "/api/household", tag = "household", request_body = HouseholdChange,
    responses((status = 200, description = "Done.", body = ChangeDone), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn change(
    State(hub): State<Arc<Hub>>,
    _who_may: Adult,
    who: SignedIn,
    Json(change): Json<HouseholdChange>,
) -> Result<Json<ChangeDone>, ApiError> {
    // On a task of its own: a client that goes away must not leave a change half followed.
    let done =
        tokio::spawn(async move { porchlight_hub::household_update::change(&hub, &who, change).await });
    Ok(Json(done.await??))
}

/// The people of the household, and what each agreed to.
#[utoipa::path(get, path = "/api/people", tag = "household",
    responses((status = 200, description = "Done.", body = Vec<PersonView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn people(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
) -> Result<Json<Vec<PersonView>>, ApiError> {
    let home = hub.home();
    let household = &home.household;
    let mut people = Vec::new();
    for person in &household.people {
        let consents =
            household.consents.iter().filter(|consent| consent.person == person.id && consent.stands());
        people.push(PersonView {
            name: person.name.clone(),
            age: age_word(household.age(&person.id, hub.certain_now())?).to_owned(),
            guardians: person
                .guardians
                .iter()
                .filter_map(|id| household.person(id).ok())
                .map(|guardian| guardian.name.clone())
                .collect(),
            owner: person.owner,
            can_sign_in: person.keys.is_some(),
            consents: consents
                .map(|consent| {
                    let by = match household.person(&consent.by) {
                        Ok(by) if by.id != person.id => format!(", given by {}", by.name),
                        _ => String::new(),
                    };
                    format!(
                        "{} since {}{by}",
                        household.agreement_words(&consent.agreement()),
                        household.day(consent.granted)
                    )
                })
                .collect(),
        });
    }
    Ok(Json(people))
}

/// An age as it is written.
pub(super) fn age_word(age: Age) -> &'static str {
    match age {
        Age::Adult => "adult",
        Age::Teen => "teen",
        Age::Child => "child",
    }
}

/// The devices of the household, how each is, and what cameras missed in the last week.
#[utoipa::path(get, path = "/api/devices", tag = "household",
    responses((status = 200, description = "Done.", body = Vec<DeviceView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn devices(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
) -> Result<Json<Vec<DeviceView>>, ApiError> {
    let home = hub.home();
    let household = &home.household;
    let credentials = hub.store.device_credentials().await?;
    let looks = hub.events.since(hub.now() - JUST_LOOKED);
    let mut devices = Vec::new();
    for device in &household.devices {
        let camera = device.kind == DeviceKind::Camera;
        let person =
            device.person.as_ref().and_then(|id| household.person(id).ok()).map(|person| person.name.clone());
        let (mut recording, mut sound, mut missed, mut last) = (false, false, Vec::new(), None);
        let said = if camera {
            last = last_film(&hub, &who.viewer, &device.id).await?;
            let report = recording::camera_report(&hub, &device.id).await;
            (recording, sound) = (report.recording, report.sound);
            let past = hub.store.missed(device.id.as_str(), hub.now() - MISSED_KEPT).await?;
            // Of a stretch that goes on the beginning is written down now and then, to the millisecond.
            let goes_on = |from: Timestamp| {
                report.missing.iter().any(|now| now.from.as_millisecond() == from.as_millisecond())
            };
            let over = past.into_iter().filter(|gap| !goes_on(gap.from));
            let gap = |from, to, said: Message| MissedView { from, to, why: said.text.clone(), said };
            missed.extend(over.map(|past| gap(past.from, Some(past.to), past.why)));
            missed.extend(report.missing.into_iter().map(|now| gap(now.from, now.to, now.why)));
            report.state
        } else {
            match &person {
                Some(_) => Message::new("speaks-alone", "Only its owner speaks here."),
                None => {
                    Message::new("speaks-anybody", "Anybody can speak here, so nothing that is said is kept.")
                }
            }
        };
        let theirs = match &device.person {
            Some(owner) => owner == who.person(),
            None => who.viewer.member().is_some(),
        };
        let credential = credentials.iter().find(|(id, _)| theirs && id == device.id.as_str());
        devices.push(DeviceView {
            name: device.name.clone(),
            kind: match device.kind {
                DeviceKind::Microphone => "microphone",
                DeviceKind::Camera => "camera",
                DeviceKind::Phone => "phone",
            }
            .to_owned(),
            room: device.room.clone(),
            person,
            address: device.address.as_ref().map(ToString::to_string),
            state: said.text.clone(),
            said,
            credential: credential.map(|(_, since)| *since),
            recording,
            sound,
            missed,
            last,
            watching: hub.live.of(household, &device.id),
            privacy: recording::privacy_of(&hub, &device.id).await,
            id: device.id.to_string(),
            looks: looks.iter().filter_map(|event| looked_at(&device.name, event)).collect(),
        });
    }
    Ok(Json(devices))
}

/// How long it is said of a camera that somebody looked at what it saw.
const JUST_LOOKED: SignedDuration = SignedDuration::from_mins(10);

fn looked_at(camera: &str, event: &Event) -> Option<LookedView> {
    match &event.what {
        Happening::Looked { person, client, devices, why } if devices.iter().any(|name| name == camera) => {
            Some(LookedView { person: person.clone(), client: client.clone(), at: event.at, why: *why })
        }
        _ => None,
    }
}

/// The newest film that is kept of a camera. Nothing is opened, so this is no look.
async fn last_film(hub: &Hub, viewer: &Viewer, camera: &DeviceId) -> Result<Option<LastView>, Error> {
    if !viewer.may_know(&Whose::Household, porchlight_household::Kind::Video) {
        return Ok(None);
    }
    let (devices, kinds) = (vec![camera.to_string()], vec![Kind::Video]);
    let filter = Filter { devices, kinds, limit: Some(1), ..Filter::default() };
    Ok(hub.vault.list(&filter).await?.last().map(|film| LastView {
        recording: film.id.get(),
        moment: film.moment.get(),
        start: film.start,
        seconds: film.seconds,
    }))
}
