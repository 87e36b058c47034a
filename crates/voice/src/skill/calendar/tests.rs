//! The date of a day to come.

use crate::skill::example::{Home, Outcome};

#[test]
fn tells_the_date_of_a_day_to_come() -> Outcome {
    // It is Monday, the 23rd of November 2026.
    let home = Home::new()?;
    for (sentences, reply) in [
        (
            &[
                "What is the date in a week?",
                "what's the date in seven days",
                "what date is it a week from now",
            ][..],
            "That is Monday, November 30th.",
        ),
        (
            &["What is the date in three days?", "what day will it be in 3 days"],
            "That is Thursday, November 26th.",
        ),
        (
            &["What day is it in two weeks?", "which day is it two weeks from today"],
            "That is Monday, December 7th.",
        ),
        (&["what will the date be in two months"], "That is Saturday, January 23rd, 2027."),
        (&["what day of the week is it in a year"], "That is Tuesday, November 23rd, 2027."),
    ] {
        home.expect(sentences, "PorchlightDateAhead", reply);
    }
    home.expect(&["what day is it"], "HassGetCurrentDate", "It is Monday, November 23rd.");
    Ok(())
}
