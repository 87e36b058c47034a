//! The time and the date.

use crate::skill::example::{Home, Outcome};

#[test]
fn tells_time_and_date() -> Outcome {
    let home = Home::new()?;
    home.expect(
        &[
            "What time is it?",
            "what's the time",
            "Hey Porchlight, can you tell me what time it is, please?",
            "um what time is it right now",
            "Do you know the time?",
            "What thyme is it?",
            "Hey, Portsley, what time is it?",
        ],
        "HassGetCurrentTime",
        "It is 6:20 PM.",
    );
    home.expect(
        &[
            "What day is it?",
            "What's the date?",
            "what is today's date",
            "what date is it today",
            "what day of the week is it",
        ],
        "HassGetCurrentDate",
        "It is Monday, November 23rd.",
    );
    home.expect(
        &["What is tomorrow's date?", "what day is tomorrow"],
        "HassGetCurrentDate",
        "Tomorrow is Tuesday, November 24th.",
    );
    home.expect(&["what day was it yesterday"], "HassGetCurrentDate", "Yesterday was Sunday, November 22nd.");
    home.expect(&["what year is it"], "HassGetCurrentDate", "It is 2026.");
    home.expect(&["what month is it"], "HassGetCurrentDate", "It is November.");
    Ok(())
}
