//! Accounts: how people sign in, their sessions, and what they are told of tries that failed.

use axum::Json;
use axum::extract::{Path as Named, State};
use axum::http::HeaderMap;
use porchlight_household::member::AccountStatement;
use porchlight_hub::accounts::account_changes;
use porchlight_hub::accounts::rate_limits::{AddressBlock, Origin, Standing};
use porchlight_hub::intents::Then;
use porchlight_protocol::events::AccountChange;
use porchlight_protocol::{LineKind, NewKit, PasskeyName, ProofFor, TriedAt};

use super::*;
use crate::api::arrive::{Arrival, arrive};
use crate::api::{kit, passkeys};
use crate::extract::Fresh;
use crate::listener::Encrypted;

#[tokio::test]
async fn an_account_is_the_new_one_or_the_old_one_wherever_its_change_is_stopped() {
    let house = House::make().await;
    let passphrase = house.tried("another passphrase");
    passphrase
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            let mut account = secrets::account(&hub.vault, &house.tom).await.unwrap().unwrap();
            account.wrapped_identity = vec![3; 64];
            let changing = hub.changing.lock().await;
            Ok(account_changes::replace_account(&hub, &changing, &who, &account).await?)
        })
        .await;
    let recovery = house.tried("a recovery");
    recovery
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let account = secrets::account(&hub.vault, &house.tom).await.unwrap().unwrap();
            let totp = TotpSecret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
            let account = Account { totp, wrapped_identity: vec![2; 64], ..account };
            Ok(account_changes::recover(&hub, &account, "a test").await?)
        })
        .await;
    let recovery_key = RecoverySecret::generate().unwrap().public().unwrap();
    let kit = house.tried("another kit");
    kit.stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
        let (who, keys) = (signed_in(&hub, b"toms").await, &house.tom_keys);
        let proof = hub.proofs.give(&who.session.id, ProofFor::Account, hub.now()).unwrap();
        let signature = keys.state(&AccountStatement::Kit { proof: &proof, recovery: &recovery_key });
        let (recovery_key, account_key, vouched) = (recovery_key.clone(), keys.account_key(), keys.vouch());
        let new = NewKit { proof, recovery_key, account_key, vouched, signature };
        kit::change(State(hub), Fresh(who), Json(new)).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_passkey_is_there_or_not_wherever_its_change_is_stopped() {
    let house = House::make().await;
    let adding = house.tried("adding a passkey");
    adding
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            let proof = hub.proofs.give(&who.session.id, ProofFor::Account, hub.now()).unwrap();
            let (line, told, name) =
                (LineKind::PasskeyAdded, AccountChange::PasskeyAdded, "Tom's ring".into());
            let change =
                account_changes::PasskeyChange { line, told, name, proof: Some(proof), then: Then::Tell };
            let ring = passkey("a-ring", "2026-11-23T12:00:00Z".parse().unwrap());
            let added = |known: &mut Vec<Passkey>| {
                known.push(ring);
                Ok(())
            };
            Ok(account_changes::settle_passkeys(hub, who, change, added).await?)
        })
        .await;
    let renaming = house.tried("another name for a passkey");
    renaming
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            let name = Json(PasskeyName { name: "the old phone".into() });
            passkeys::rename(State(hub), who, Named("a-passkey".into()), name).await.map(drop)
        })
        .await;
    let removing = house.tried("removing a passkey");
    removing
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"toms").await;
            passkeys::remove(State(hub), Fresh(who), Named("a-passkey".into())).await.map(drop)
        })
        .await;
}

#[tokio::test]
async fn a_session_is_over_or_goes_on_wherever_its_end_is_stopped() {
    let house = House::make().await;
    let ending = house.tried("ending a session");
    ending
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let session = signed_in(&hub, b"tom2").await.session.id;
            Ok(account_changes::end_session(&hub, &house.tom, &session).await?)
        })
        .await;
}

#[tokio::test]
async fn nobody_is_let_in_without_a_line_wherever_that_is_stopped() {
    let house = House::make().await;
    let arriving = house.tried("signing in").told_first(&["sign-in"]);
    arriving
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let (headers, from) = (HeaderMap::new(), [127, 0, 0, 1].into());
            let how = Arrival {
                client: "a new one",
                cookie: false,
                headers: &headers,
                encrypted: Encrypted(false),
                from,
                by: "passkey",
            };
            Ok(arrive(&hub, &house.tom, how).await.map(drop)?)
        })
        .await;
}

#[tokio::test]
async fn tries_that_failed_are_a_line_once_wherever_the_telling_is_stopped() {
    let house = House::make().await;
    let telling = house.tried("telling of tries that failed");
    telling
        .stopped_everywhere(async |house: &House, hub: Arc<Hub>| {
            let block = AddressBlock::of([203, 0, 113, 9].into());
            let stranger = Origin { block, standing: Standing::Strange };
            for _ in 0..10 {
                hub.sign_ins.tally.count(&house.tom, TriedAt::Passphrase, stranger, hub.now());
            }
            Ok(failed_tries::tell_due(&hub).await?)
        })
        .await;
}
