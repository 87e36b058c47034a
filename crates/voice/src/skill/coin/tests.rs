//! A coin.

use crate::skill::example::{Home, Outcome};
use crate::skill::{Situation, respond};

#[test]
fn a_coin_falls_by_chance_alone_and_changes_nothing() -> Outcome {
    let home = Home::new()?;
    home.expect(
        &["Flip a coin.", "toss a coin please", "heads or tails", "throw a coin again", "flip the coyn"],
        "PorchlightCoin",
        "It is heads.",
    );
    let other = Situation { chance: 7, ..home.situation() };
    let answer = respond(&home.matcher, &home.names, "flip a coin", &other);
    assert_eq!((answer.reply.as_str(), answer.changes.len()), ("It is tails.", 0));
    Ok(())
}
