//! What is there and cannot be read is not said to be not there.

use super::{Reply, Situation, say};

/// Says beside what a skill answered of how many things it did not know, because nobody can read them.
pub(super) fn beside(reply: Reply, intent: &str, situation: &Situation<'_>) -> Reply {
    let unreadable = &situation.unreadable;
    let (number, thing) = match intent {
        "HassCancelTimer"
        | "HassCancelAllTimers"
        | "HassIncreaseTimer"
        | "HassDecreaseTimer"
        | "HassPauseTimer"
        | "HassUnpauseTimer"
        | "HassTimerStatus" => (unreadable.timers, "timer"),
        "HassShoppingListCompleteItem"
        | "HassListCompleteItem"
        | "HassListRemoveItem"
        | "PorchlightListRead"
        | "PorchlightListClear" => (unreadable.items, "list item"),
        "PorchlightReminders" | "PorchlightCancelReminder" => (unreadable.reminders, "reminder"),
        _ => return reply,
    };
    if number == 0 {
        return reply;
    }
    let text = format!(
        "{} cannot be read, since a disk is damaged. Apart from {}: {}",
        say::sentence(&say::count(number, thing)),
        if number == 1 { "it" } else { "them" },
        reply.text
    );
    Reply { text, ..reply }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::skill::Unreadable;

    #[test]
    fn what_cannot_be_read_is_told_where_it_is_asked_for_and_nowhere_else() {
        let situation = Situation {
            unreadable: Unreadable { timers: 1, items: 3, reminders: 2 },
            ..Situation::new(Timestamp::UNIX_EPOCH, TimeZone::UTC)
        };
        let said = |intent, text: &str| beside(Reply::say(text), intent, &situation).text;
        assert_eq!(
            said("PorchlightReminders", "There is no reminder."),
            "Two reminders cannot be read, since a disk is damaged. Apart from them: There is no reminder."
        );
        assert!(said("HassTimerStatus", "No timer is set.").starts_with("One timer cannot be read"));
        assert!(
            said("PorchlightListClear", "It is empty now.").starts_with("Three list items cannot be read")
        );
        assert_eq!(said("PorchlightReminder", "I set it."), "I set it.");
        assert_eq!(said("HassGetCurrentTime", "It is noon."), "It is noon.");
        let whole = Situation::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
        let told = beside(Reply::say("There is no reminder."), "PorchlightReminders", &whole);
        assert_eq!(told.text, "There is no reminder.");
    }
}
