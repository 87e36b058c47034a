//! Something that is written on a list by hand, word for word: no sentence that could be understood in another way.

use porchlight_household::PersonId;
use porchlight_protocol::Effect;
use porchlight_voice::skill::Change;

use super::utterance::Utterance;
use crate::error::Error;
use crate::state::Hub;

/// Puts something on a list, as if whoever is signed in had asked for it in their own session.
pub async fn put_on_list(
    hub: &Hub,
    session: &PersonId,
    list: &str,
    item: &str,
) -> Result<Vec<Effect>, Error> {
    let now = hub.now();
    let home = hub.home();
    let speaker = home.household.speaker(Some(session), None, now);
    let by_hand = Utterance {
        household: &home.household,
        speaker: &speaker,
        device: None,
        named: None,
        start: now,
        end: now,
    };
    let deeds = by_hand.deeds(hub, Change::AddItem { list: list.to_owned(), item: item.to_owned() });
    Ok(by_hand.carry_out(hub, None, deeds).await?.left)
}
