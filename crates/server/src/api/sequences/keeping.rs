//! What is kept, looked at, held and forgotten: by hand, by voice, and by its end date.

use axum::Json;
use axum::extract::{Path as Named, State};
use porchlight_hub::deletion::expire_once;
use porchlight_protocol::{Filter, ForgetConfirm, HoldRequest, LookKind, LookRequest, ProofFor, Selection};

use super::*;
use crate::api::{effects, forgetting, holds, recordings};
use crate::extract::Fresh;

/// What Tom said.
fn words() -> Selection {
    let filter = Filter { kind: Some("transcript".into()), ..Filter::default() };
    Selection { filter, ..Selection::default() }
}

#[tokio::test]
async fn what_is_forgotten_by_hand_is_gone_or_kept_wherever_that_is_stopped() {
    let house = House::make().await;
    let forget = async |hub: Arc<Hub>, what: Selection| {
        let who = async || signed_in(&hub, b"toms").await;
        let shown = forgetting::preview(State(hub.clone()), who().await, Json(what)).await?.0;
        let confirm = ForgetConfirm { token: shown.token.unwrap(), keep_effects: false, keep: Vec::new() };
        forgetting::forget(State(hub.clone()), who().await, Json(confirm)).await.map(drop)
    };
    let one = house.tried("forgetting a moment");
    one.stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
        let listed = hub.vault.list(&vault::Filter::default()).await.unwrap();
        let words = listed.iter().find(|entry| entry.kind == vault::Kind::Transcript).unwrap().id.get();
        forget(hub, Selection { ids: vec![words], ..Selection::default() }).await
    })
    .await;
    let range = house.tried("forgetting a day");
    range
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let day = Some("2026-11-23".to_owned());
            let filter = Filter { from: day.clone(), to: day, ..Filter::default() };
            forget(hub, Selection { filter, ..Selection::default() }).await
        })
        .await;
}

#[tokio::test]
async fn what_is_forgotten_by_voice_is_gone_or_kept_wherever_that_is_stopped() {
    let house = House::make().await;
    house
        .go_on(async |house, hub| {
            for words in ["good day", "good evening"] {
                let owner = Owner::Person(house.tom.to_string());
                keep(&hub.vault, &house.clock, owner, "history", None, words).await;
            }
        })
        .await;
    let asked = house.tried("forgetting what was asked about").in_words();
    asked
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let asked = said(&hub, b"toms", "forget everything I said today").await?;
            assert!(asked.confirm.is_some(), "{}", asked.reply);
            said(&hub, b"toms", "yes").await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn a_hold_is_there_with_its_line_or_not_at_all_wherever_it_is_stopped() {
    let house = House::make().await;
    let hold = async |hub: Arc<Hub>| {
        let who = signed_in(&hub, b"toms").await;
        let proof = hub.proofs.give(&who.session.id, ProofFor::Hold, hub.now()).ok();
        let (until, why) = ("2026-12-01".into(), "an accident".into());
        let held = HoldRequest { selection: words(), until, why, proof };
        holds::hold(State(hub), who, Json(held)).await
    };
    let holding = house.tried("a hold");
    holding.stopped_everywhere(async |_: &House, hub: Arc<Hub>| hold(hub).await.map(drop)).await;

    house.go_on(async |_, hub| drop(hold(hub).await.unwrap())).await;
    // What a consent was withdrawn for meanwhile goes with the hold.
    house
        .go_on(async |house, hub| {
            let asked = house.signed_by(&house.tom, &house.tom_keys, &hub, |home, now| {
                home.withdraw(&house.tom, &house.tom, &Purpose::History.into(), now).unwrap();
            });
            change(&hub, b"toms", asked).await.unwrap();
        })
        .await;
    let releasing = house.tried("releasing a hold");
    releasing
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = Fresh(signed_in(&hub, b"toms").await);
            let held = hub.vault.holds().await?;
            // One that is gone was released, and what waited for it is for the next round.
            let Some(held) = held.first() else { return Ok(()) };
            holds::release(State(hub), who, Named(held.id.get())).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn what_is_on_a_list_is_there_or_not_wherever_that_is_stopped() {
    let house = House::make().await;
    let writing = house.tried("writing on a list");
    writing
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            Ok(porchlight_hub::assistant::put_on_list(&hub, &house.tom, "shopping", "bread")
                .await
                .map(drop)?)
        })
        .await;
    let ticking = house.tried("ticking off");
    ticking
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            let (milk, _) = hub.effects.items().pop().unwrap();
            effects::done(State(hub), who, Named(milk)).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn words_are_kept_with_what_they_asked_for_or_not_at_all_wherever_that_is_stopped() {
    let house = House::make().await;
    for words in [
        "set a timer for twenty minutes",
        "add five minutes to the timer",
        "cancel the timer",
        "add bread to the shopping list",
        "remove milk from the shopping list",
    ] {
        let asking = house.tried(words).in_words();
        asking
            .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
                let answered = said(&hub, b"toms", words).await?;
                assert!(!answered.left.is_empty(), "{}", answered.reply);
                Ok(())
            })
            .await;
    }
}

#[tokio::test]
async fn what_has_ended_goes_and_a_look_has_its_line_wherever_they_are_stopped() {
    let house = House::make().await;
    let looking = house.tried("a look");
    looking
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            let look = LookRequest { selection: words(), why: LookKind::Open };
            recordings::look(State(hub), who, Json(look)).await.map(drop)
        })
        .await;
    house.clock.advance(std::time::Duration::from_secs(31 * 24 * 60 * 60));
    let ending = house.tried("what has ended");
    ending.stopped_everywhere(async |_: &House, hub: Arc<Hub>| Ok(expire_once(&hub).await.map(drop)?)).await;
}
