//! Changes of the household: who and what is part of it, what it is called, and what it agreed to.

use axum::extract::State;
use std::net::Ipv4Addr;

use porchlight_household::invitation::{Code, Greeting, Newcomer, Nonce};
use porchlight_household::{DeviceChange, PersonChange};
use porchlight_hub::accounts::inviting;
use porchlight_hub::recording;
use porchlight_protocol::{InvitationAnswer, NewAccount, NewDeviceCredential, NewInvitation, ProofFor};

use super::*;
use crate::api::device_credentials;
use crate::extract::Fresh;

#[tokio::test]
async fn taking_a_consent_back_is_done_or_undone_wherever_it_is_stopped() {
    let house = House::make().await;
    let withdrawing = house.tried("withdrawing a consent");
    withdrawing
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked = house.signed_by(&house.tom, &house.tom_keys, &hub, |home, now| {
                home.withdraw(&house.tom, &house.tom, &Purpose::History.into(), now).unwrap();
            });
            let done = change(&hub, b"toms", asked).await?;
            assert_eq!((done.forgotten.len(), done.deletions.len()), (2, 1));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn giving_a_consent_or_another_name_is_done_or_undone_wherever_it_is_stopped() {
    let house = House::make().await;
    let granting = house.tried("granting a consent");
    granting
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked = house.change(&hub, |home, now| {
                home.grant(&house.anna, &house.anna, &Purpose::History.into(), now).unwrap();
            });
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
    let renaming = house.tried("another name, and another room");
    renaming
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked = house.change(&hub, |home, now| {
                let porch = home.device_named("Porch").unwrap().id.clone();
                let moved = DeviceChange {
                    name: Some("Yard".into()),
                    room: Some(Some("outside".into())),
                    ..DeviceChange::default()
                };
                home.change_device(&porch, moved, now).unwrap();
                let named = PersonChange { name: Some("Thomas".into()), ..PersonChange::default() };
                home.change_person(&house.tom, named, now).unwrap();
            });
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn somebody_or_something_that_comes_is_there_with_all_of_it_or_not_at_all_wherever_it_is_stopped() {
    let house = House::make().await;
    let coming = house.tried("adding a person");
    coming
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked =
                house.change(&hub, |home, now| home.add_person(house.ben.person.clone(), now).unwrap());
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
    let yard = Device::new("Yard", DeviceKind::Camera).unwrap();
    let camera = house.tried("adding a camera with its address");
    camera
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let mut asked =
                house.change(&hub, |home, now| home.add_device(yard.clone(), &house.anna, now).unwrap());
            // Nobody answers there.
            asked.addresses.insert(yard.id.to_string(), "rtsp://anna:secret@127.0.0.1:1/".into());
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
    let desk =
        Device { person: Some(house.anna.clone()), ..Device::new("Desk", DeviceKind::Microphone).unwrap() };
    let microphone = house.tried("adding a microphone");
    microphone
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked =
                house.change(&hub, |home, now| home.add_device(desk.clone(), &house.anna, now).unwrap());
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn whoever_is_let_in_has_keys_and_an_account_or_neither_wherever_it_is_stopped() {
    let house = House::make().await;
    house
        .go_on(async |house, hub| {
            let asked =
                house.change(&hub, |home, now| home.add_person(house.ben.person.clone(), now).unwrap());
            change(&hub, b"anna", asked).await.unwrap();
        })
        .await;
    let letting_in = house.tried("letting a person in");
    letting_in.stopped_everywhere(async |house: &House, hub: Arc<Hub>| let_ben_in(house, &hub).await).await;
}

/// Anna lets Ben in, who is part of the household, with what he answered.
pub(super) async fn let_ben_in(house: &House, hub: &Arc<Hub>) -> Outcome {
    let Ben { person, keys, .. } = &house.ben;
    let binding = answered(house, hub).await?;
    let keys = keys.clone();
    let mut asked = house.change(hub, |home, now| home.set_keys(&person.id, keys, now).unwrap());
    asked.let_in.insert(person.id.to_string(), binding);
    change(hub, b"anna", asked).await.map(drop)
}

/// Anna invites Ben, who answers; the binding of that. No hub keeps any of it.
async fn answered(house: &House, hub: &Hub) -> Result<String, ApiError> {
    let Ben { person, keys, account } = &house.ben;
    let (secrets, nonce) = (Code::generate().unwrap().secrets().unwrap(), Nonce::generate().unwrap());
    let commitment = nonce.commitment();
    let account: NewAccount = serde_json::from_value(account.clone()).unwrap();
    let anna = hub.home().household.person(&house.anna).unwrap().clone();
    let signer = anna.keys.unwrap().signer;
    let greeting = secrets.greeting(&Greeting {
        household: hub.home().household.id.as_str(),
        person: person.id.as_str(),
        name: &person.name,
        household_name: None,
        by: &anna.name,
        by_signer: &signer,
        commitment: &commitment,
    });
    let binding = secrets.binding(&Newcomer { greeting: &greeting, keys, account: &account.hash() });
    let owner = signed_in(hub, b"anna").await.viewer.owner().unwrap();
    let handle = secrets.handle().to_owned();
    let new = NewInvitation { person: person.id.to_string(), handle: handle.clone(), commitment, greeting };
    inviting::invite(hub, &owner, new)?;
    let answer = InvitationAnswer { handle, keys: keys.clone(), account, binding: binding.clone() };
    inviting::answer(hub, answer, Ipv4Addr::LOCALHOST.into())?;
    inviting::give_nonce(hub, &house.anna, &person.id, nonce.text())?;
    Ok(binding)
}

#[tokio::test]
async fn a_microphones_credential_is_the_new_one_with_its_line_or_the_old_one_wherever_it_is_stopped() {
    let house = House::make().await;
    house
        .go_on(async |house, hub| {
            let asked = house.change(&hub, |home, now| {
                let study = Device::new("Study", DeviceKind::Microphone).unwrap();
                home.add_device(study, &house.anna, now).unwrap();
            });
            change(&hub, b"anna", asked).await.unwrap();
        })
        .await;
    let making = house.tried("a microphone's credential");
    making
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            let proof = hub.proofs.give(&who.session.id, ProofFor::DeviceCredential, hub.now()).ok();
            let new = NewDeviceCredential { device: "Study".into(), proof };
            device_credentials::make(State(hub), Fresh(who), axum::Json(new)).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn somebody_or_something_that_goes_is_gone_with_all_of_it_or_still_there_wherever_it_is_stopped() {
    let house = House::make().await;
    let leaving = house.tried("removing a person");
    leaving
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked = house.change(&hub, |home, now| home.remove_person(&house.tom, now).unwrap());
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
    let going = house.tried("removing a device");
    going
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let asked = house.change(&hub, |home, _| {
                let porch = home.device_named("Porch").unwrap().id.clone();
                home.remove_device(&porch).unwrap();
            });
            change(&hub, b"anna", asked).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn privacy_is_on_or_off_with_its_line_wherever_it_is_stopped() {
    let house = House::make().await;
    let switch = async |hub: &Arc<Hub>, on: bool| {
        let by = signed_in(hub, b"toms").await.viewer.member().unwrap();
        recording::privacy::switch(hub, &by, &[], on).await
    };
    let on = house.tried("privacy on");
    on.stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
        switch(&hub, true).await?;
        Ok(())
    })
    .await;
    house.go_on(async |_, hub| assert_eq!(switch(&hub, true).await.unwrap(), ["Porch"])).await;
    house.clock.advance(std::time::Duration::from_secs(60 * 60));
    // What it was for is among what the camera missed, with its end.
    let off = house.tried("privacy off");
    off.stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
        switch(&hub, false).await?;
        let porch = hub.home().household.device_named("Porch").unwrap().id.clone();
        let missed = hub.store.missed(porch.as_str(), Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(missed.last().unwrap().why.code, "camera-had-privacy");
        Ok(())
    })
    .await;
}
