//! Something that is written on a list by hand, word for word: no sentence that could be understood in another way.

use porchlight_household::PersonId;
use porchlight_protocol::{Effect, Message};
use porchlight_voice::skill::Change;

use super::utterance::Utterance;
use crate::error::Error;
use crate::state::Hub;

/// The most characters that a list's name or an item may have.
const LONGEST: usize = 200;

/// Puts something on a list, as if whoever is signed in had asked for it in their own session.
///
/// # Errors
/// What is not one line of a bearable length, or has hidden characters, goes on no list.
pub async fn put_on_list(
    hub: &Hub,
    session: &PersonId,
    list: &str,
    item: &str,
) -> Result<Vec<Effect>, Error> {
    let (list, item) = (written(list)?.to_lowercase(), written(item)?.to_owned());
    let now = hub.now();
    let (home, as_of) = (hub.home(), hub.certain_now());
    let speaker = home.household.speaker(Some(session), None, as_of);
    let by_hand = Utterance {
        household: &home.household,
        speaker: &speaker,
        device: None,
        named: None,
        start: now,
        end: now,
        as_of,
    };
    let deeds = by_hand.deeds(hub, Change::AddItem { list, item });
    Ok(by_hand.carry_out(hub, None, deeds).await?.left)
}

fn written(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        let text = format!("a list and what is on it have 1 to {LONGEST} characters, on one line");
        return Err(Error::bad(Message::new("list-item-length", text).with("most", LONGEST)));
    }
    Error::refuse_hidden(text)?;
    Ok(text)
}
