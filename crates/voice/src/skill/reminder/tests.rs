//! Reminders and alarms.

use crate::skill::example::{Home, Outcome};
use crate::skill::{Change, Reminder};
use jiff::Timestamp;

fn at(text: &str) -> Result<Timestamp, jiff::Error> {
    text.parse()
}

#[test]
fn sets_reminders() -> Outcome {
    // It is twenty past six in the evening of Monday, the 23rd of November, in Berlin.
    let home = Home::new()?;
    let (seven, nine) = ("2026-11-23T18:00:00Z", "2026-11-24T08:00:00Z");
    for (sentence, text, due, reply) in [
        ("Remind me at seven to call Tom.", Some("call Tom"), seven, "I will remind you at 7 PM: call Tom."),
        ("remind me to call Tom at seven", Some("call Tom"), seven, "I will remind you at 7 PM: call Tom."),
        (
            "Please remind me to call Tom at 7 p.m.",
            Some("call Tom"),
            seven,
            "I will remind you at 7 PM: call Tom.",
        ),
        ("remind me at 7:00 PM to call Tom", Some("call Tom"), seven, "I will remind you at 7 PM: call Tom."),
        (
            "remind me to call Tom tomorrow at 9",
            Some("call Tom"),
            nine,
            "I will remind you tomorrow at 9 AM: call Tom.",
        ),
        (
            "remind me tomorrow morning to take the bins out",
            Some("take the bins out"),
            nine,
            "I will remind you tomorrow at 9 AM: take the bins out.",
        ),
        (
            "Remind me in ten minutes to check the oven.",
            Some("check the oven"),
            "2026-11-23T17:30:00Z",
            "I will remind you at 6:30 PM: check the oven.",
        ),
        (
            "remind us to feed the cat in an hour and a half",
            Some("feed the cat"),
            "2026-11-23T18:50:00Z",
            "I will remind you at 7:50 PM: feed the cat.",
        ),
        (
            "set a reminder for Friday at noon to pay the rent",
            Some("pay the rent"),
            "2026-11-27T11:00:00Z",
            "I will remind you on Friday, November 27th at noon: pay the rent.",
        ),
        (
            "Set a reminder to pay the rent on December 1st.",
            Some("pay the rent"),
            "2026-12-01T08:00:00Z",
            "I will remind you on Tuesday, December 1st at 9 AM: pay the rent.",
        ),
        (
            "remind me about the dentist tomorrow",
            Some("the dentist"),
            nine,
            "I will remind you tomorrow at 9 AM: the dentist.",
        ),
        (
            "remind me that Tom comes at seven",
            Some("Tom comes"),
            seven,
            "I will remind you at 7 PM: Tom comes.",
        ),
        (
            "create a reminder for 7 to call Tom",
            Some("call Tom"),
            seven,
            "I will remind you at 7 PM: call Tom.",
        ),
        (
            "In ten minutes remind me to check the oven",
            Some("check the oven"),
            "2026-11-23T17:30:00Z",
            "I will remind you at 6:30 PM: check the oven.",
        ),
        (
            "remind me next week to call Mum",
            Some("call Mum"),
            "2026-11-30T08:00:00Z",
            "I will remind you on Monday, November 30th at 9 AM: call Mum.",
        ),
        ("remind me at seven", None, seven, "I will remind you at 7 PM."),
        ("set an alarm for seven", None, seven, "I set an alarm for 7 PM."),
        ("wake me at 9 tomorrow", None, nine, "I set an alarm for tomorrow at 9 AM."),
        ("Wake me up at nine in the morning.", None, nine, "I set an alarm for tomorrow at 9 AM."),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(
            (answer.intent.as_str(), answer.reply.as_str()),
            ("PorchlightReminder", reply),
            "\"{sentence}\""
        );
        let expected = Change::AddReminder { text: text.map(str::to_owned), due: at(due)? };
        assert!(answer.changes == [expected], "\"{sentence}\" gives {:?}", answer.changes);
    }
    let when = "When shall I remind you?";
    for (sentence, reply) in [
        ("remind me to call Tom", when),
        ("remind me", when),
        ("set a reminder", when),
        ("wake me up", when),
        ("remind me every day to call Tom", "I cannot remind you again and again"),
        ("remind me to call Tom every morning at nine", "I cannot remind you again and again"),
        ("remind me today at 6 PM to call Tom", "That time has passed."),
        ("remind me on February 30th to call Tom", "There is no such day."),
        ("remind me on January 1st 2030 to call Tom", "I can remind you of what is due within a year."),
    ] {
        let answer = home.ask(sentence);
        assert!(
            answer.reply.starts_with(reply) && answer.changes.is_empty(),
            "\"{sentence}\": {}",
            answer.reply
        );
    }
    Ok(())
}

#[test]
fn tells_and_cancels_reminders() -> Outcome {
    let mut home = Home::new()?;
    home.expect(
        &["what are my reminders", "do I have any reminders"],
        "PorchlightReminders",
        "There is no reminder.",
    );
    home.expect(&["cancel the reminder"], "PorchlightCancelReminder", "There is no reminder.");
    let reminder = |id, text: Option<&str>, due: &str| -> Result<Reminder, jiff::Error> {
        Ok(Reminder { id, text: text.map(str::to_owned), due: at(due)? })
    };
    home.reminders = vec![
        reminder(1, Some("pay the rent"), "2026-11-24T08:00:00Z")?,
        reminder(2, Some("call Tom"), "2026-11-23T18:00:00Z")?,
        reminder(3, None, "2026-11-24T06:00:00Z")?,
    ];
    home.expect(
        &["What are my reminders?", "which reminders do I have", "list the reminders"],
        "PorchlightReminders",
        "There are three reminders: at 7 PM, call Tom; tomorrow at 7 AM; tomorrow at 9 AM, pay the rent.",
    );
    for (sentence, reply, ids) in [
        ("cancel the reminder to call Tom", "I cancelled the reminder at 7 PM, call Tom.", &[2][..]),
        ("forget the rent reminder", "I cancelled the reminder tomorrow at 9 AM, pay the rent.", &[1]),
        (
            "delete the reminder for tomorrow at nine",
            "I cancelled the reminder tomorrow at 9 AM, pay the rent.",
            &[1],
        ),
        ("cancel the alarm", "I cancelled the alarm tomorrow at 7 AM.", &[3]),
        ("cancel my 7 AM alarm", "I cancelled the alarm tomorrow at 7 AM.", &[3]),
        ("cancel all reminders", "I cancelled three reminders.", &[1, 2, 3]),
        ("cancel the reminder about the dentist", "There is no such reminder.", &[]),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(
            (answer.intent.as_str(), answer.reply.as_str()),
            ("PorchlightCancelReminder", reply),
            "\"{sentence}\""
        );
        let expected: Vec<_> = ids.iter().map(|id| Change::CancelReminder { id: *id }).collect();
        assert!(answer.changes == expected, "\"{sentence}\" gives {:?}", answer.changes);
    }
    let answer = home.ask("cancel the reminder");
    assert!(answer.reply.ends_with("Which one?") && answer.changes.is_empty(), "{}", answer.reply);
    Ok(())
}
