//! Forgetting by hand: a preview of exactly what goes, and the deed.

use std::collections::{BTreeMap, BTreeSet};

use porchlight_household::Person;
use porchlight_household::rights::unproven::Forgetting;
use porchlight_protocol::events::Happening;
use porchlight_protocol::{ForgetConfirm, ForgetPreview, ForgottenView, Message, Selection, Stays};
use porchlight_vault::{Entry, Forgotten, Hold, Id, Kind, Owner, Plan, Reason, Selection as Chosen, Why};

use crate::accounts::auth::SignedIn;
use crate::deletion::previews::Preview;
use crate::deletion::{forget_plan, view};
use crate::error::{Error, ErrorKind};
use crate::events::To;
use crate::ledger::readers_for;
use crate::query::{self, Names, household_kind, whose};
use crate::state::Hub;

/// What exactly would be forgotten, what stays, and where copies are. Changes nothing, but finishes what was begun before.
pub async fn preview(hub: &Hub, who: &SignedIn, mut request: Selection) -> Result<ForgetPreview, Error> {
    let home = hub.home();
    let household = &home.household;
    let (chosen, finished) = chosen_and_finished(hub, who, &mut request).await?;
    let (mine, others): (Vec<Entry>, Vec<Entry>) = chosen.into_iter().partition(|entry| {
        whose(household, entry).is_some_and(|whose| who.viewer.may_forget(&whose, household_kind(entry.kind)))
    });

    let mut preview = ForgetPreview {
        token: None,
        goes: Vec::new(),
        effects: Vec::new(),
        stays: stays(household, &others, &Names::for_lists(hub).await?),
        copies: Vec::new(),
        copies_said: Vec::new(),
        finished: finished.iter().map(view).collect(),
        step_up: false,
    };
    if mine.is_empty() {
        return Ok(preview);
    }
    // Where all of it is theirs the choice goes as it was made, however much that is.
    let what = match others.is_empty() {
        true => query::selection_of(household, &who.viewer, &request)?,
        false => {
            Chosen::Ids(mine.iter().map(|entry| entry.moment).collect::<BTreeSet<_>>().into_iter().collect())
        }
    };
    let plan = hub.vault.plan(&what).await?;
    let names = Names::for_lists(hub).await?;
    preview.goes = plan.recordings.iter().map(|entry| names.view(entry)).collect();
    preview.effects = plan.effects.iter().map(|entry| names.view(entry)).collect();
    // Before what is held is named, for the vault itself names that on the receipt.
    let stays = preview.stays.iter().map(|stays| porchlight_vault::receipt::Stays {
        why: stays.why.clone(),
        ids: stays.recordings.iter().copied().map(Id::from).collect(),
    });
    let stays = stays.collect();
    preview.stays.extend(plan.held.iter().map(|hold| held(hub, &names, hold, &mine)));
    if plan.moments.is_empty() {
        return Ok(preview);
    }
    preview.copies_said = copies(hub).await?;
    preview.copies = Message::texts(&preview.copies_said);
    preview.token = Some(plan.token.as_str().to_owned());
    let what = forgetting(&request, &plan);
    preview.step_up = !who.is_fresh(hub) && !hub.unproven.may_forget(who.person().as_str(), &what, hub.now());
    let of = (who.session.person.as_str(), who.session.id.as_str());
    hub.previews.add(of, Preview { plan, stays, what }, hub.now());
    Ok(preview)
}

/// What is chosen and there, and what they had asked for before and is finished now: hidden already, its ids are nobody's any more, and
/// are taken out of the request.
async fn chosen_and_finished(
    hub: &Hub,
    who: &SignedIn,
    request: &mut Selection,
) -> Result<(Vec<Entry>, Vec<Forgotten>), Error> {
    let by = who.person().as_str();
    let chosen = query::chosen(hub, &who.viewer, request).await;
    let finished = match (hub.vault.finish_begun(by).await, &chosen) {
        (Ok(finished), _) => finished,
        // What cannot be finished yet keeps nobody from having something else forgotten. It is told of on Home.
        (Err(_), Ok(chosen)) if !chosen.is_empty() => Vec::new(),
        (Err(why), _) => return Err(why.into()),
    };
    // What was hidden when it was looked for is finished by now, or it would have been said why not.
    let chosen = match chosen {
        Err(why) if why.is_unfinished() => query::chosen(hub, &who.viewer, request).await,
        chosen => chosen,
    };
    let unknown = match chosen {
        Ok(chosen) => return Ok((chosen, finished)),
        Err(why) if finished.is_empty() || !why.is_not_found() => why,
        Err(_) => {
            let gone = finished.iter().flat_map(|done| done.moments.iter().chain(&done.recordings));
            let gone: BTreeSet<u64> = gone.map(|id| id.get()).collect();
            request.ids.retain(|id| !gone.contains(id));
            match request.ids.is_empty() {
                true => return Ok((Vec::new(), finished)),
                false => match query::chosen(hub, &who.viewer, request).await {
                    Ok(chosen) => return Ok((chosen, finished)),
                    Err(why) => why,
                },
            }
        }
    };
    // Nothing was shown: the next that is asked tells of it.
    hub.vault.tell_finished_later(by, finished);
    Err(unknown)
}

/// Forget what a preview showed, for good.
pub async fn forget(hub: &Hub, who: &SignedIn, confirm: &ForgetConfirm) -> Result<ForgottenView, Error> {
    // The preview stays where it takes a proof: it is confirmed once who asks has proved who they are.
    let what = hub.previews.what(&who.session.id, &confirm.token);
    let deed = forget_confirmed(hub, who, confirm);
    match what {
        Some(what) => who.forget_counted(hub, &what, deed).await,
        None => deed.await,
    }
}

async fn forget_confirmed(
    hub: &Hub,
    who: &SignedIn,
    confirm: &ForgetConfirm,
) -> Result<ForgottenView, Error> {
    let Preview { plan, stays, .. } =
        hub.previews.take(&who.session.id, &confirm.token, hub.now()).ok_or_else(|| {
            Error::new(
                ErrorKind::Conflict,
                "no-preview",
                "this preview is too old or was used already; nothing was forgotten. Make a new one",
            )
        })?;
    let left: Vec<Id> = plan.effects.iter().map(|entry| entry.id).collect();
    let keep: BTreeSet<Id> = confirm.keep.iter().copied().map(Id::from).collect();
    if let Some(other) = keep.iter().find(|id| !left.contains(id)) {
        return Err(Error::bad(format!(
            "recording {other} is none of what these requests left behind; nothing was forgotten"
        )));
    }
    let effects: Vec<Id> =
        left.into_iter().filter(|id| !confirm.keep_effects && !keep.contains(id)).collect();
    let why = Why {
        reason: Reason::Asked,
        by: who.person().to_string(),
        readers: readers_for(hub, who.person())?,
        stays,
    };
    let done = forget_plan(hub, &plan, &effects, why).await?;
    if done.recordings.is_empty() {
        let text = "what this preview showed is forgotten already; nothing was left to forget";
        let said = Message::new("already-forgotten", text);
        return Err(Error::new(ErrorKind::Conflict, "no-preview", said));
    }
    announce_film(hub, who, &plan).await;
    Ok(view(&done))
}

/// Film is nobody's own: whoever could have opened it is told who had it forgotten, how much, and of which cameras.
async fn announce_film(hub: &Hub, who: &SignedIn, plan: &Plan) {
    let film: Vec<&Entry> = plan.recordings.iter().filter(|entry| is_shared_film(entry)).collect();
    if film.is_empty() {
        return;
    }
    // It is gone, whatever becomes of this.
    let names = Names::for_lists(hub).await.unwrap_or_else(|_| Names::of(&hub.home().household));
    let devices: BTreeSet<String> =
        film.iter().filter_map(|entry| entry.device.as_deref()).map(|device| names.device(device)).collect();
    let what = Happening::FilmForgotten {
        person: names.person(who.person().as_str()),
        seconds: film.iter().map(|entry| entry.seconds).sum(),
        devices: devices.into_iter().collect(),
        session: who.session.id.clone(),
    };
    hub.events.tell_to(To::WhoeverSeesFilm, hub.now(), what);
}

fn is_shared_film(entry: &Entry) -> bool {
    entry.owner == Owner::Household && entry.kind == Kind::Video
}

/// What would go, as far as it decides whether that takes a proof.
fn forgetting(request: &Selection, plan: &Plan) -> Forgetting {
    Forgetting {
        everything: request.all,
        shared_film: plan.recordings.iter().any(is_shared_film),
        ..Forgetting::of(plan.recordings.len() + plan.effects.len())
    }
}

async fn copies(hub: &Hub) -> Result<Vec<Message>, Error> {
    let data = "Copies of the data folder, of any age: they can no longer open it.";
    let mut copies = vec![Message::new("copies-data", data)];
    copies.extend(hub.mirrors.iter().map(|mirror| {
        let path = mirror.display();
        let text = format!("The strongbox mirror {path}: brought up to date at once, or named as pending.");
        Message::new("copies-mirror", text).with("path", path)
    }));
    let slot = hub.vault.slot_claim().await?;
    copies.extend(slot.cannot.iter().map(|cannot| {
        Message::new("copies-beyond", format!("Out of reach: {cannot}.")).with("what", cannot)
    }));
    Ok(copies)
}

/// What a hold keeps of what was chosen.
fn held(hub: &Hub, names: &Names, hold: &Hold, chosen: &[Entry]) -> Stays {
    let kept: Vec<&Entry> = chosen.iter().filter(|entry| hold.moments.contains(&entry.moment)).collect();
    let until = hold.until.to_zoned_datetime(hub.home().household.zone().clone());
    let person = names.person(&hold.by);
    let why = format!(
        "{person} holds these until {}; they can be forgotten once hold {} is released.",
        until.strftime("%Y-%m-%d %H:%M"),
        hold.id
    );
    let said = Message::new("stays-held", why);
    let said = said.with("person", person).with("until", hold.until).with("hold", hold.id);
    staying(&kept, names, said)
}

fn staying(entries: &[&Entry], names: &Names, said: Message) -> Stays {
    Stays {
        recordings: entries.iter().map(|entry| entry.id.get()).collect(),
        amount: names.amount(entries.iter().copied()),
        why: said.text.clone(),
        said,
    }
}

/// What is not this person's to forget, and why, by whose it is.
fn stays(household: &porchlight_household::Household, others: &[Entry], names: &Names) -> Vec<Stays> {
    let mut by_reason: BTreeMap<String, (Message, Vec<&Entry>)> = BTreeMap::new();
    for entry in others {
        let said = match whose(household, entry) {
            _ if matches!(entry.kind, Kind::Look | Kind::Line) => Message::new(
                "stays-look",
                "The memory of a look ends by its own date, so that nobody can hide one.",
            ),
            Some(porchlight_household::Whose::Person(id)) => match household.person(&id) {
                Ok(Person { name, .. }) => {
                    Message::new("stays-person", format!("Only {name} can forget these."))
                        .with("person", name)
                }
                Err(_) => Message::new("stays-nobody", "They belong to somebody who is no longer here."),
            },
            _ => Message::new("stays-adults", "Only an adult of the household can forget these."),
        };
        let why = said.text.clone();
        by_reason.entry(why).or_insert_with(|| (said, Vec::new())).1.push(entry);
    }
    by_reason.into_values().map(|(said, entries)| staying(&entries, names, said)).collect()
}
