//! A deletion that a disk lets begin and not finish: it is told as what it is, and the same request again finishes it.

use axum::Json;
use axum::extract::State;
use porchlight_hub::attention::attention;
use porchlight_protocol::{
    Filter, ForgetConfirm, ForgetPreview, HoldRequest, LookKind, LookRequest, Selection,
};

use super::*;
use crate::api::forgetting::{forget, preview};
use crate::api::{holds, recordings};

async fn shown(hub: &Arc<Hub>, what: &Selection) -> Result<ForgetPreview, ApiError> {
    let who = signed_in(hub, b"toms").await;
    Ok(preview(State(hub.clone()), who, Json(what.clone())).await?.0)
}

async fn forgotten(hub: &Arc<Hub>, what: &Selection) -> Outcome {
    let shown = shown(hub, what).await?;
    let confirm = ForgetConfirm { token: shown.token.unwrap(), keep_effects: false, keep: Vec::new() };
    forget(State(hub.clone()), signed_in(hub, b"toms").await, Json(confirm)).await.map(drop)
}

async fn is_told(hub: &Hub) -> bool {
    let attention = attention(hub).await;
    let doctor = porchlight_hub::doctor::look_over(hub, porchlight_protocol::Depth::Counted).await;
    let told = attention.iter().any(|one| one.said.code == "not-forgotten");
    assert_eq!(told, doctor.iter().any(|check| check.sentence.contains("not forgotten yet")));
    told
}

#[tokio::test]
async fn what_was_only_hidden_is_finished_by_the_same_request_which_gives_its_receipt() {
    let house = House::make().await;
    let day = Some("2026-11-23".to_owned());
    let range = Selection {
        filter: Filter { from: day.clone(), to: day, ..Filter::default() },
        ..Selection::default()
    };
    let hand = Selection {
        filter: Filter { kind: Some("transcript".into()), ..Filter::default() },
        ..Selection::default()
    };
    for what in [Some(hand), Some(range), None] {
        let whole = house.again();
        let hub = whole.start(false).await;
        // Or each by its id, which is nothing's once it was hidden.
        let by_id = what.is_none();
        let what = match what {
            Some(what) => what,
            None => {
                let all = shown(&hub, &Selection { all: true, ..Selection::default() }).await.unwrap();
                Selection { ids: all.goes.iter().map(|one| one.id).collect(), ..Selection::default() }
            }
        };
        let writes = whole.writes_of(forgotten(&hub, &what)).await;
        stop(hub).await;
        let mut hidden = 0;
        for at in 0..writes {
            let again = house.again();
            let hub = again.start(false).await;
            let before = shown(&hub, &what).await.unwrap().goes.len();
            again.faults.after(at, Fault::Fails(ErrorKind::Other));
            let asked = forgotten(&hub, &what).await;
            again.faults.none();
            let open = is_told(&hub).await;
            assert!(asked.is_err() || !open, "write {at}: it was said to be done");
            let next = shown(&hub, &what).await;
            match next {
                Err(_) if by_id && !open => {}
                // What is durable of the slot is not known: only another start finishes it, and until then it is said.
                Err(_) => assert!(open && is_told(&hub).await, "write {at}"),
                Ok(next) if open => {
                    hidden += 1;
                    assert!(next.goes.is_empty() && next.token.is_none(), "write {at}");
                    let [done] = &next.finished[..] else { panic!("write {at}: {:?}", next.finished) };
                    assert!(done.receipt.is_some() && done.recordings.len() >= before, "write {at}");
                    assert!(!is_told(&hub).await);
                    let once = shown(&hub, &what).await.map_or(by_id, |next| next.finished.is_empty());
                    assert!(once, "it is told of once");
                }
                Ok(_) => {}
            }
            stop(hub).await;
        }
        assert!(hidden > 0, "some write hides and does not destroy");
    }
}

#[tokio::test]
async fn a_withdrawn_consent_is_owed_until_what_it_took_is_gone() {
    let house = House::make().await;
    let withdraw = async |hub: &Arc<Hub>| {
        let asked = house.signed_by(&house.tom, &house.tom_keys, hub, |home, now| {
            home.withdraw(&house.tom, &house.tom, &Purpose::History.into(), now).unwrap();
        });
        change(hub, b"toms", asked).await.map(drop)
    };
    let whole = house.again();
    let hub = whole.start(false).await;
    let writes = whole.writes_of(withdraw(&hub)).await;
    stop(hub).await;
    let mut hidden = 0;
    for at in 0..writes {
        let again = house.again();
        let hub = again.start(false).await;
        again.faults.after(at, Fault::Fails(ErrorKind::Other));
        let _ = withdraw(&hub).await;
        again.faults.none();
        if is_told(&hub).await {
            hidden += 1;
            round(&hub).await;
            assert!(!is_told(&hub).await, "write {at}");
        }
        stop(hub).await;
    }
    assert!(hidden > 0, "some write hides and does not destroy");
}

/// Of what is named beside something that was only hidden, nothing is left unsaid.
#[tokio::test]
async fn what_is_named_beside_something_hidden_is_shown_with_what_is_finished_of_that() {
    let house = House::make().await;
    let again = house.again();
    let hub = again.start(false).await;
    let all = shown(&hub, &Selection { all: true, ..Selection::default() }).await.unwrap().goes;
    let words: Vec<u64> = all.iter().filter(|one| one.kind == "transcript").map(|one| one.id).collect();
    let [hidden, living] = words[..] else { panic!("{words:?}") };
    let ids = |ids: &[u64]| Selection { ids: ids.to_vec(), ..Selection::default() };
    let day = Some("2026-11-23".to_owned());
    let filter = Filter { from: day.clone(), to: day, kind: Some("transcript".into()), ..Filter::default() };
    let named = [ids(&[hidden, living]), Selection { filter, ..Selection::default() }];
    stop(hub).await;
    for what in named {
        let again = house.again();
        let hub = again.start(false).await;
        // The keys are what it cannot reach.
        again.faults.after(1, Fault::Fails(ErrorKind::Other));
        forgotten(&hub, &ids(&[hidden])).await.unwrap_err();
        again.faults.none();
        assert!(is_told(&hub).await);

        // Whoever could know of it is told what it is, by whatever they ask for it; nobody else is told anything.
        for selection in [ids(&[hidden]), ids(&[hidden, hidden])] {
            for (token, code) in [(&b"toms"[..], "not-forgotten"), (b"anna", "unknown-id")] {
                let of = async || (State(hub.clone()), signed_in(&hub, token).await);
                let (until, why) = ("2026-12-01".into(), "an accident".into());
                let held = HoldRequest { selection: selection.clone(), until, why, proof: None };
                let (state, who) = of().await;
                assert_eq!(holds::hold(state, who, Json(held)).await.unwrap_err().said().code, code);
                for why in [LookKind::Open, LookKind::Export] {
                    let looked = LookRequest { selection: selection.clone(), why };
                    let (state, who) = of().await;
                    assert_eq!(
                        recordings::look(state, who, Json(looked)).await.unwrap_err().said().code,
                        code
                    );
                }
            }
        }
        let stranger = shown(&hub, &ids(&[hidden, living, 999_999])).await.unwrap_err();
        assert_eq!(stranger.said().code, "unknown-id");
        let next = shown(&hub, &what).await.unwrap();
        let [done] = &next.finished[..] else { panic!("{:?}", next.finished) };
        assert!(done.receipt.is_some() && done.recordings == [hidden], "{done:?}");
        assert_eq!(next.goes.iter().map(|one| one.id).collect::<Vec<_>>(), [living]);
        let confirm = ForgetConfirm { token: next.token.unwrap(), keep_effects: false, keep: Vec::new() };
        let who = signed_in(&hub, b"toms").await;
        let gone = forget(State(hub.clone()), who, Json(confirm)).await.unwrap().0;
        assert_eq!(gone.recordings, [living]);
        stop(hub).await;
    }
}
