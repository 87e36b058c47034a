//! The ledger's key, an adult's word for the clock, and what becomes of newer copies once an older one was put back.

use axum::Json;
use axum::extract::State;
use porchlight_protocol::ClockConfirm;

use super::*;
use crate::api::clock;
use crate::extract::{Adult, Fresh, Owning};

#[tokio::test]
async fn another_key_signs_the_ledger_and_says_who_wanted_it_or_none_does_wherever_it_is_stopped() {
    let house = House::make().await;
    let renewing = house.tried("another key for the ledger");
    renewing
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"anna").await;
            let owner = Owning(who.viewer.owner().unwrap());
            super::super::ledger::succeed_key(State(hub), owner, who).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn a_word_for_the_clock_is_there_with_its_line_or_not_at_all_wherever_it_is_stopped() {
    let house = House::make().await;
    let confirming = house.tried("a word for the clock");
    confirming
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"anna").await;
            let adult = Adult(who.viewer.member().unwrap().clone());
            let shown = ClockConfirm { shown: hub.now() };
            clock::confirm(State(hub), adult, Fresh(who), Json(shown)).await.map(drop)
        })
        .await;
}
