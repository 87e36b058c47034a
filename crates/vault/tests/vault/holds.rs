//! Holds: what is held stays until it is released, whatever wants it gone.

use porchlight_vault::{Error, Hold, Id, Kind, NewHold, Reason, Selection, Vault, Why};

use crate::house::{House, close, ids};

async fn hold(house: &House, vault: &Vault, ids: &[Id], days: i64) -> Result<Hold, Error> {
    let hold = NewHold {
        ids: ids.to_vec(),
        by: "ann".into(),
        until: house.after(days),
        why: "the bicycle was stolen".into(),
        readers: house.readers(),
    };
    vault.hold(hold).await
}

async fn forget_for(house: &House, vault: &Vault, ids: &[Id], reason: Reason) -> Vec<Id> {
    let plan = vault.plan(&Selection::Ids(ids.to_vec())).await.unwrap();
    vault.forget(&plan.token, &[], Why { reason, ..house.why() }).await.unwrap().recordings
}

#[tokio::test]
async fn of_what_is_gone_already_or_all_held_there_is_no_line_and_no_receipt() {
    let house = House::quick();
    let vault = house.create().await;
    let (twice, held) = (house.say(&vault, "the weather").await, house.say(&vault, "the thief").await);
    let plans = [
        vault.plan(&Selection::Ids(vec![twice.moment])).await.unwrap(),
        vault.plan(&Selection::Ids(vec![twice.moment])).await.unwrap(),
    ];
    let [first, second] = &plans;
    assert!(vault.forget(&first.token, &[], house.why()).await.unwrap().line.is_some());
    let lines = async || vault.ledger(|ledger| Ok(ledger.size())).await.unwrap();
    let before = lines().await;
    let again = vault.forget(&second.token, &[], house.why()).await.unwrap();
    assert!(again.recordings.is_empty() && again.moments.is_empty());
    assert!(again.line.is_none() && again.receipt.is_none());
    assert_eq!(lines().await, before, "nothing was destroyed, and no line says that it was");

    hold(&house, &vault, &[held.moment], 90).await.unwrap();
    let before = lines().await;
    assert!(forget_for(&house, &vault, &[held.moment], Reason::ConsentWithdrawn).await.is_empty());
    assert_eq!(lines().await, before);
    // It waits for the hold: what it is kept by says until when, and that it goes then, whatever its own end is.
    let kept = vault.held().await.unwrap()[&held.moment];
    assert!(kept.then_gone && kept.end_of(Some(house.after(400))) == Some(kept.until));
    close(vault).await;
}

#[tokio::test]
async fn what_is_held_refuses_until_it_is_released() {
    let house = House::quick();
    let vault = house.create().await;
    let (kept, other) = (house.say(&vault, "the thief").await, house.say(&vault, "the weather").await);
    let held = hold(&house, &vault, &kept.recordings[..1], 90).await.unwrap();
    assert_eq!(held.moments, [kept.moment]);
    assert_eq!(vault.holds().await.unwrap(), std::slice::from_ref(&held));

    let plan = vault.plan(&Selection::Ids(vec![kept.moment, other.moment])).await.unwrap();
    assert_eq!(plan.moments, [other.moment], "the preview takes the rest");
    assert_eq!(plan.held, std::slice::from_ref(&held), "and names what is held");
    let done = vault.forget(&plan.token, &[], house.why()).await.unwrap();
    assert_eq!(done.recordings, other.recordings);
    let receipt = done.receipt.unwrap().to_json();
    let stays =
        porchlight_vault::receipt::DeletionReceipt::read(receipt.as_bytes(), None).unwrap().deletion.stays;
    assert_eq!(stays.len(), 1);
    assert!(stays[0].why.contains("ann holds these"), "{}", stays[0].why);
    assert_eq!(stays[0].ids.iter().collect::<Vec<_>>(), [kept.moment]);

    let plan = vault.plan(&Selection::Ids(vec![kept.moment])).await.unwrap();
    assert!(plan.recordings.is_empty());
    let refused = vault.forget(&plan.token, &[], house.why()).await.unwrap_err();
    assert!(matches!(&refused, Error::Held { by, .. } if by == "ann"), "{refused}");
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "the thief");

    vault.release_hold(held.id, "ann", house.readers()).await.unwrap();
    assert!(matches!(vault.release_hold(held.id, "ann", house.readers()).await, Err(Error::NoHold)));
    assert_eq!(house.forget(&vault, &[kept.moment]).await.recordings, kept.recordings);
    assert!(vault.holds().await.unwrap().is_empty());
    // Both are in the ledger, and why is in the sealed detail alone.
    let told = vault.ledger_entries(0..99).await.unwrap();
    let kinds: Vec<&str> = told
        .iter()
        .filter_map(|told| match told {
            porchlight_vault::LedgerEntry::Event { kind, .. } => Some(kind.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["hold", "deletion", "look", "release", "deletion"]);
    assert!(crate::house::holding(&house.data(), b"bicycle").is_empty());
}

#[tokio::test]
async fn a_hold_made_after_the_preview_counts() {
    let house = House::quick();
    let vault = house.create().await;
    let (kept, other) = (house.say(&vault, "one").await, house.say(&vault, "two").await);
    let plan = vault.plan(&Selection::Ids(vec![kept.moment, other.moment])).await.unwrap();
    hold(&house, &vault, &[kept.moment], 9).await.unwrap();
    let done = vault.forget(&plan.token, &[], house.why()).await.unwrap();
    assert_eq!(done.moments, [other.moment]);
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "one");
}

#[tokio::test]
async fn what_a_held_recording_was_made_from_is_held_and_what_was_made_from_it_is_not() {
    let house = House::quick();
    let vault = house.create().await;
    let source = house.say(&vault, "source").await;
    let held = house.derive(&vault, &[source.moment]).await;
    let made = house.derive(&vault, &[held.moment]).await;
    hold(&house, &vault, &[held.moment], 9).await.unwrap();

    assert_eq!(house.forget(&vault, &[made.moment]).await.recordings, made.recordings);
    let plan = vault.plan(&Selection::Ids(vec![source.moment])).await.unwrap();
    assert!(plan.recordings.is_empty());
    assert_eq!(plan.held[0].moments, [source.moment]);
    assert!(matches!(vault.forget(&plan.token, &[], house.why()).await, Err(Error::Held { .. })));
    assert_eq!(house.read(&vault, held.recordings[0]).await, "made from others");
}

#[tokio::test]
async fn an_end_date_waits_for_the_hold_and_the_hold_for_its_own_end() {
    let house = House::quick();
    let vault = house.create().await;
    let kept = house.say(&vault, "kept for a month, held for two").await;
    let other = house.say(&vault, "kept for a month").await;
    let held = hold(&house, &vault, &[kept.moment], 60).await.unwrap();
    let at = |days: i64| house.clock.jump_to(held.since + jiff::SignedDuration::from_hours(24 * days));

    vault.expire(&house.readers()).await.unwrap();
    at(31);
    vault.confirm_clock(house.line("clock")).await.unwrap();
    let expired = vault.expire(&house.readers()).await.unwrap().forgotten.unwrap();
    assert_eq!(expired.recordings, other.recordings);
    // Again and again: what is held is never due, so nothing pauses and no line is written.
    let size = vault.ledger_entries(0..99).await.unwrap().len();
    assert_eq!(vault.expire(&house.readers()).await.unwrap(), Default::default());
    assert_eq!(vault.ledger_entries(0..99).await.unwrap().len(), size);
    close(vault).await;

    // A restart changes nothing about it.
    let vault = house.open().await;
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "kept for a month, held for two");
    at(61);
    vault.confirm_clock(house.line("clock")).await.unwrap();
    let expired = vault.expire(&house.readers()).await.unwrap().forgotten.unwrap();
    assert_eq!(expired.recordings, kept.recordings);
    assert!(vault.holds().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_lost_its_consent_while_it_was_held_goes_with_the_hold() {
    let house = House::quick();
    let vault = house.create().await;
    let (kept, other) = (house.say(&vault, "held").await, house.say(&vault, "not held").await);
    let both = [kept.moment, other.moment];
    let first = hold(&house, &vault, &[kept.moment], 9).await.unwrap();
    let second = hold(&house, &vault, &[kept.moment], 20).await.unwrap();
    assert_eq!(forget_for(&house, &vault, &both, Reason::ConsentWithdrawn).await, other.recordings);

    // A withdrawal of what is held altogether is told of as well.
    let nothing: Vec<Id> = Vec::new();
    assert_eq!(forget_for(&house, &vault, &[kept.moment], Reason::DeviceRemoved).await, nothing);
    vault.release_hold(first.id, "ann", house.readers()).await.unwrap();
    assert!(vault.expire(&house.readers()).await.unwrap().freed.is_empty(), "another hold keeps it");
    close(vault).await;

    let vault = house.open().await;
    vault.release_hold(second.id, "ann", house.readers()).await.unwrap();
    let freed = vault.expire(&house.readers()).await.unwrap().freed;
    assert_eq!(freed.len(), 1);
    assert_eq!(freed[0].recordings, kept.recordings);
    let receipt = freed[0].receipt.as_ref().unwrap().to_json();
    let receipt = porchlight_vault::receipt::DeletionReceipt::read(receipt.as_bytes(), None).unwrap();
    assert_eq!(receipt.deletion.reason, Reason::ConsentWithdrawn);
    assert!(vault.expire(&house.readers()).await.unwrap().freed.is_empty());
}

#[tokio::test]
async fn a_hold_has_an_end_and_something_to_hold() {
    let house = House::quick();
    let vault = house.create().await;
    let kept = house.say(&vault, "words").await;
    for days in [0, -1, 367] {
        let refused = hold(&house, &vault, &[kept.moment], days).await.unwrap_err();
        let said = match days <= 0 {
            true => matches!(refused, Error::HoldPast(_)),
            false => matches!(refused, Error::HoldTooLong { .. }),
        };
        assert!(said, "{days} days: {refused}");
    }
    assert!(matches!(hold(&house, &vault, &[], 9).await, Err(Error::BadInput(_))));
    let never = Id::from(77_777);
    assert!(matches!(hold(&house, &vault, &[never], 9).await, Err(Error::Unknown(ids)) if ids == [never]));
    let mut effect = house.moment(vec![house.recording(Kind::Timer, 1, "an egg")]);
    effect.caused_by = Some(kept.moment);
    let effect = vault.keep(effect).await.unwrap();
    assert!(matches!(hold(&house, &vault, &[effect.moment], 9).await, Err(Error::BadInput(_))));
    house.read(&vault, kept.recordings[0]).await;
    let detail = ids_of_details(&vault).await;
    assert!(matches!(hold(&house, &vault, &detail, 9).await, Err(Error::Detail(_))));
    house.forget(&vault, &[kept.moment]).await;
    assert!(matches!(hold(&house, &vault, &[kept.moment], 9).await, Err(Error::Unknown(_))));
    assert!(vault.holds().await.unwrap().is_empty());
    assert!(ids(&vault).await.contains(&effect.recordings[0]));
}

async fn ids_of_details(vault: &Vault) -> Vec<Id> {
    let filter = porchlight_vault::Filter { kinds: vec![Kind::Look, Kind::Line], ..Default::default() };
    vault.list(&filter).await.unwrap().into_iter().map(|entry| entry.id).collect()
}
