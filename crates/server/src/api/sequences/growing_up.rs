//! What changes by the calendar: what a guardian agreed to for a child ends when that is grown up, and what was kept for it goes.

use std::time::Duration;

use porchlight_household::Age;
use porchlight_hub::notices::notices;
use porchlight_vault::LedgerEntry;

use super::household::let_ben_in;
use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The codes of what somebody is told.
fn told(hub: &Hub, person: &PersonId) -> Vec<String> {
    notices(&hub.home().household, person, hub.now()).into_iter().map(|said| said.code).collect()
}

/// The deletions in the ledger.
async fn deletions(hub: &Hub) -> usize {
    let told = hub.vault.ledger_entries(0..999).await.unwrap();
    told.iter().filter(|line| matches!(line, LedgerEntry::Event { kind, .. } if kind == "deletion")).count()
}

/// What is kept of somebody.
async fn kept_of(hub: &Hub, person: &PersonId) -> usize {
    let owner = Owner::Person(person.to_string());
    let all = hub.vault.list(&vault::Filter::default()).await.unwrap();
    all.iter().filter(|entry| entry.owner == owner).count()
}

/// Goes the rounds of some days, one a day as long as the hub runs.
async fn days(house: &House, hub: &Hub, rounds: &mut Rounds, days: u32) {
    for _ in 0..days {
        house.clock.advance(DAY);
        rounds.go(hub).await;
    }
}

/// Somebody comes into the household, and their guardian agrees to history for them.
async fn come_with_a_guardians_word(house: &House, hub: &Arc<Hub>, person: Person) {
    let id = person.id.clone();
    let asked = house.change(hub, |home, now| home.add_person(person, now).unwrap());
    change(hub, b"anna", asked).await.unwrap();
    let asked = house.signed_by(&house.tom, &house.tom_keys, hub, |home, now| {
        home.grant(&house.tom, &id, &Purpose::History.into(), now).unwrap();
    });
    change(hub, b"toms", asked).await.unwrap();
}

#[tokio::test]
async fn what_a_guardian_agreed_to_ends_when_the_child_is_grown_up_and_what_was_kept_for_it_is_forgotten() {
    let house = House::make().await;
    let ben = Person {
        born: "2009-01".parse().unwrap(),
        guardians: vec![house.tom.clone()],
        ..house.ben.person.clone()
    };
    let ben_id = ben.id.clone();
    let hub = start(house.made.path(), &house.clock, false).await.unwrap();
    come_with_a_guardians_word(&house, &hub, ben).await;
    let_ben_in(&house, &hub).await.unwrap();

    // 2026-11-23; he turns eighteen in January, and counts as an adult from February 2027 on.
    let mut rounds = Rounds::default();
    assert!(told(&hub, &house.tom).is_empty() && told(&hub, &ben_id).is_empty());
    days(&house, &hub, &mut rounds, 9).await;
    assert!(told(&hub, &house.tom).is_empty(), "that is 61 days before");
    days(&house, &hub, &mut rounds, 1).await;
    for reader in [&house.tom, &ben_id] {
        assert_eq!(told(&hub, reader), ["turns-adult-consent-ends"], "{}", hub.now());
    }
    days(&house, &hub, &mut rounds, 55).await;
    let owner = Owner::Person(ben_id.to_string());
    keep(&hub.vault, &house.clock, owner, "history", None, "what Ben said").await;
    rounds.go(&hub).await;
    let before = deletions(&hub).await;
    days(&house, &hub, &mut rounds, 4).await;
    assert_eq!(hub.home().household.age(&ben_id, hub.now()).unwrap(), Age::Teen);
    assert_eq!((kept_of(&hub, &ben_id).await, deletions(&hub).await), (1, before));

    // The day comes, and no document changes.
    days(&house, &hub, &mut rounds, 1).await;
    assert_eq!(hub.home().household.age(&ben_id, hub.now()).unwrap(), Age::Adult);
    assert_eq!((kept_of(&hub, &ben_id).await, deletions(&hub).await), (0, before + 1));
    assert!(told(&hub, &house.tom).is_empty() && told(&hub, &ben_id).is_empty());
    let line = hub.vault.ledger(|ledger| Ok(ledger.size())).await.unwrap() - 1;
    let proof = hub.vault.prove_line(line).await.unwrap();
    assert!(proof.outcome.is_some(), "there is a receipt for it");
    stop(hub).await;
}

#[tokio::test]
async fn a_teen_who_cannot_sign_in_is_told_of_before_and_as_long_as_nothing_can_be_kept() {
    let house = House::make().await;
    let mut mia = Person::new("Mia", "2014-01".parse().unwrap()).unwrap();
    mia.guardians.push(house.tom.clone());
    let mia_id = mia.id.clone();
    let hub = start(house.made.path(), &house.clock, false).await.unwrap();
    come_with_a_guardians_word(&house, &hub, mia).await;
    let mut rounds = Rounds::default();
    days(&house, &hub, &mut rounds, 9).await;
    assert!(told(&hub, &house.tom).is_empty(), "that is 61 days before");
    days(&house, &hub, &mut rounds, 60).await;
    for reader in [&house.tom, &mia_id] {
        assert_eq!(told(&hub, reader), ["turns-teen-without-keys"], "{}", hub.now());
    }
    let owner = Owner::Person(mia_id.to_string());
    keep(&hub.vault, &house.clock, owner, "history", None, "what Mia said").await;

    // The day comes: what was kept of the child stays, and of the teen nothing can be kept until she signs in.
    days(&house, &hub, &mut rounds, 1).await;
    assert_eq!(hub.home().household.age(&mia_id, hub.now()).unwrap(), Age::Teen);
    assert_eq!(kept_of(&hub, &mia_id).await, 1);
    for reader in [&house.tom, &mia_id] {
        assert_eq!(told(&hub, reader), ["teen-without-keys"]);
    }
    let checks = porchlight_hub::doctor::look_over(&hub, porchlight_protocol::Depth::Counted).await;
    assert!(
        checks
            .iter()
            .any(|check| check.name == "what Mia says" && check.sentence.contains("is kept, though"))
    );
    stop(hub).await;
}
