//! A clock that was ahead by forty days and is set right: what it stamped is in nobody's way, and what it seemed to end is there.

use std::net::{IpAddr, Ipv4Addr};

use porchlight_household::invitation::{Code, Greeting, Nonce};
use porchlight_household::sign_in::opaque::SignIn;
use porchlight_household::sign_in::totp;
use porchlight_hub::accounts::auth::over;
use porchlight_hub::accounts::inviting;
use porchlight_hub::accounts::rate_limits::{AddressBlock, Claim, Standing};
use porchlight_hub::accounts::sign_in::{Beginning, Given};
use porchlight_hub::events::To;
use porchlight_hub::schedule::ring_due;
use porchlight_protocol::events::Happening;
use porchlight_protocol::{FailedTries, InvitationState, NewInvitation, TriedAt};

use super::*;

const AHEAD: SignedDuration = SignedDuration::from_hours(40 * 24);
const STEP: std::time::Duration = std::time::Duration::from_secs(totp::STEP);
const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 20));

/// Tom proves who he is, with this code.
async fn proves(hub: &Hub, tom: &PersonId, code: &str) -> Result<(), ApiError> {
    let account = secrets::account(&hub.vault, tom).await.unwrap().unwrap();
    let (client, request) = SignIn::start("a passphrase of its own").unwrap();
    let beginning = Beginning::by_name(hub, Some(Claim::Member(tom.clone())), FROM, None);
    let (attempt, answer) =
        hub.sign_ins.begin_passphrase(beginning, Some(&account.record), &request, None)?;
    let finalization = client.finish(&answer).unwrap().finalization;
    let attempt = hub.sign_ins.open(&attempt, None, hub.now())?;
    attempt.judge(hub, Given { finalization: Some(&finalization), code, ..Given::default() }).await?;
    hub.familiar.add(&hub.store, tom, AddressBlock::of(FROM), hub.now()).await?;
    Ok(())
}

async fn code(hub: &Hub, tom: &PersonId) -> String {
    let account = secrets::account(&hub.vault, tom).await.unwrap().unwrap();
    account.totp.code(hub.now()).unwrap().to_string()
}

#[tokio::test]
async fn what_rings_by_a_clock_that_is_ahead_is_there_until_its_time_has_come_for_certain() {
    let house = House::make().await;
    let right = house.clock.now();
    let hub = start(house.made.path(), &house.clock, true).await.unwrap();
    said(&hub, b"anna", "remind me in two hours to call Tom").await.unwrap();
    let kept = || (hub.effects.reminders().len(), hub.effects.timers().len());
    assert_eq!(kept(), (1, 1));

    house.clock.jump_to(right + AHEAD);
    assert_eq!(ring_due(&hub).await, None, "both have rung");
    Rounds::default().go(&hub).await;
    assert_eq!(kept(), (1, 1), "and are listed as due");

    house.clock.jump_to(right);
    assert!(ring_due(&hub).await.is_some(), "they are to ring again");
    house.clock.advance(STEP * 30);
    assert!(ring_due(&hub).await.is_some());
    assert_eq!(kept(), (1, 0), "the ten minutes are over");
    house.clock.advance(STEP * 240);
    assert_eq!(ring_due(&hub).await, None);
    assert_eq!(kept(), (0, 0));
    let listed = hub.vault.list(&vault::Filter::default()).await.unwrap();
    assert!(listed.iter().all(|one| !matches!(one.kind, vault::Kind::Reminder | vault::Kind::Timer)));
    stop(hub).await;
}

#[tokio::test]
async fn a_clock_that_was_ahead_keeps_nobody_out_and_ends_nothing_once_it_is_right() {
    let house = House::make().await;
    let (tom, right) = (&house.tom, house.clock.now());
    let hub = start(house.made.path(), &house.clock, false).await.unwrap();
    let failed = FailedTries { at: TriedAt::Passphrase, home: 3, elsewhere: 9, from: right, until: right };
    hub.store.put_failed_tries(tom, &failed, &serde_json::from_str(r#""a line""#).unwrap()).await.unwrap();
    hub.store.told_failed_tries(tom, &failed).await.unwrap();
    let before = code(&hub, tom).await;
    proves(&hub, tom, &before).await.unwrap();

    house.clock.jump_to(right + AHEAD);
    let ahead = code(&hub, tom).await;
    proves(&hub, tom, &ahead).await.unwrap();
    for _ in 0..20 {
        let _ = hub.store.take_code_try(tom, Standing::Address, hub.now()).await.unwrap();
    }
    for n in 0..40 {
        let other = AddressBlock::of(IpAddr::V4(Ipv4Addr::new(10, 0, n, 1)));
        hub.familiar.add(&hub.store, tom, other, hub.now()).await.unwrap();
    }
    hub.store.start_session(b"ahead", tom.as_str(), "a test", hub.now()).await.unwrap();
    let word = hub.proofs.give("a session", ProofFor::Household, hub.now()).unwrap();
    assert!(hub.store.session(b"toms", hub.now()).await.unwrap().is_none(), "over by that clock");
    let why = over(&hub, b"toms").await.unwrap();
    assert_eq!(why.message().code, "session-idle", "whose it was is told by which clock: {why}");
    assert!(why.to_string().contains("the hub's clock shows"), "{why}");
    assert_eq!(over(&hub, b"nobody's").await.unwrap().code(), "signed-out");
    assert!(hub.store.failed_tries(tom, hub.now()).await.unwrap().is_empty());
    Rounds::default().go(&hub).await;

    house.clock.jump_to(right);
    Rounds::default().go(&hub).await;
    proves(&hub, tom, &before).await.expect_err("a code that was used is spent");
    assert!(
        !hub.proofs.holds("a session", ProofFor::Household, &word, hub.now()),
        "nor does a proof count for forty days"
    );
    let session = hub.store.session(b"ahead", hub.now()).await.unwrap().unwrap();
    assert!(!session.is_fresh(hub.now()) && session.seen <= hub.now());
    assert!(hub.store.session(b"toms", hub.now()).await.unwrap().is_some(), "it only seemed to be over");
    assert_eq!(hub.store.failed_tries(tom, hub.now()).await.unwrap(), [failed]);

    house.clock.advance(STEP * 2);
    // Whatever was tried by the wrong clock leaks away by the right one, as ever.
    assert!(hub.store.take_code_try(tom, Standing::Address, hub.now()).await.unwrap().is_err());
    house.clock.advance(std::time::Duration::from_secs(2 * 60 * 60));
    let now = code(&hub, tom).await;
    proves(&hub, tom, &now).await.unwrap();
    assert!(hub.familiar.knows(&hub.store, tom, AddressBlock::of(FROM)), "newer ones were not pushed out");
    proves(&hub, tom, &now).await.unwrap_err();
    proves(&hub, tom, &ahead).await.unwrap_err();

    // When the time of that code comes, it has been used.
    house.clock.jump_to(right + AHEAD);
    assert_eq!(*code(&hub, tom).await, *ahead);
    proves(&hub, tom, &ahead).await.unwrap_err();
    stop(hub).await;
}

#[tokio::test]
async fn an_invitation_ends_in_its_time_whatever_the_clock_is_set_to_and_its_owner_is_told() {
    let house = House::make().await;
    let hub = start(house.made.path(), &house.clock, false).await.unwrap();
    let eve = Person::new("Eve", "1990-05".parse().unwrap()).unwrap();
    let asked = house.change(&hub, |home, now| home.add_person(eve.clone(), now).unwrap());
    change(&hub, b"anna", asked).await.unwrap();
    let code = Code::generate().unwrap().secrets().unwrap();
    // The hub cannot tell whose word it is, nor what is promised.
    let commitment = Nonce::generate().unwrap().commitment();
    let greeting = code.greeting(&Greeting {
        household: "",
        person: "",
        name: "",
        household_name: None,
        by: "",
        by_signer: &house.keys.public().signer,
        commitment: &commitment,
    });
    let handle = code.handle().to_owned();
    let new = NewInvitation { person: eve.id.to_string(), handle, commitment, greeting };
    let owner = signed_in(&hub, b"anna").await.viewer.owner().unwrap();
    let view = inviting::invite(&hub, &owner, new).unwrap();
    assert_eq!(view.until, hub.now() + SignedDuration::from_mins(15));

    let open = || inviting::open(&hub, code.handle(), FROM);
    let told = || {
        let (told, _) = hub.events.listen(Some(0));
        let told = told.into_iter().filter(|told| matches!(told.event.what, Happening::Invitation { .. }));
        told.inspect(|told| assert!(matches!(&told.to, To::Alone(by) if *by == house.anna))).count()
    };
    assert_eq!(open().unwrap().until, view.until);
    assert_eq!(told(), 2, "that it is there, and that somebody came");
    for days in [400, -400] {
        house.clock.jump_to(view.until + SignedDuration::from_hours(24 * days));
        assert!(open().is_ok());
    }
    house.clock.jump_to(view.until - SignedDuration::from_mins(15));
    let quarter = STEP * 30;
    house.clock.advance(quarter - STEP);
    assert!(open().is_ok() && told() == 2);
    house.clock.advance(STEP);
    let over = open().unwrap_err();
    assert_eq!(over.code(), "invitation-ended");
    let said = over.into_message();
    assert_eq!((said.values["by"].as_str(), &said.values["at"]), ("Anna", &view.until.to_string()));
    assert!(said.text.contains("23 November 2026, 13:15"), "{}", said.text);
    assert_eq!(inviting::invitations_of(&hub, &house.anna)[0].state, InvitationState::Ended);
    assert_eq!(told(), 3);
    // A handle that there never was is a guess, and waits; this one does not, whatever was guessed from there.
    let other = Code::generate().unwrap().secrets().unwrap();
    let guess = || inviting::open(&hub, other.handle(), FROM).unwrap_err().code();
    let guesses: Vec<&str> = (0..10).map(|_| guess()).collect();
    assert!(
        guesses.starts_with(&["invitation-unknown"; 5]) && guesses.ends_with(&["too-many"]),
        "{guesses:?}"
    );
    assert_eq!(open().unwrap_err().code(), "invitation-ended");
}

#[tokio::test]
async fn a_clock_that_is_wrong_makes_nobody_an_adult_and_nobody_a_child() {
    let house = House::make().await;
    let teen = Person {
        born: "2011-02".parse().unwrap(),
        guardians: vec![house.tom.clone()],
        ..house.ben.person.clone()
    };
    let leo = teen.id.clone();
    house
        .go_on(async |house, hub| {
            let asked = house.change(&hub, |home, now| home.add_person(teen.clone(), now).unwrap());
            change(&hub, b"anna", asked).await.unwrap();
        })
        .await;
    let copied = house.again();
    let hub = copied.start(false).await;
    let right = hub.now();
    let porch = hub.home().household.device_named("Porch").unwrap().id.clone();
    let years = |count: i64| SignedDuration::from_hours(count * 365 * 24);
    for wrong in [right + years(4), right - years(30)] {
        house.clock.jump_to(wrong);
        let (home, certain) = (hub.home(), hub.certain_now());
        assert!(certain.duration_since(right).abs() < SignedDuration::from_hours(1), "{certain}");
        let adult = |person| home.household.viewer(person, certain).unwrap().member().is_some();
        assert!(adult(&house.tom) && !adult(&leo), "{wrong}");
        // Whoever asks is judged so, what is sealed is sealed to the same people, and a camera goes on as it was agreed.
        assert!(secrets::account(&hub.vault, &house.tom).await.unwrap().is_some());
        let report = porchlight_hub::recording::camera_report(&hub, &porch).await;
        assert_ne!(report.state.code, "camera-not-agreed", "{wrong}");
        let readers = porchlight_hub::ledger::readers_for(&hub, &house.tom).unwrap();
        assert!(readers.until > right, "{wrong}");
    }
    house.clock.jump_to(right);
    stop(hub).await;
}
