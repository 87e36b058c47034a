//! The hub's clock, and an adult's word that it is right.

use std::time::Instant;

use anyhow::Result;
use porchlight_client::Member;
use porchlight_protocol::ClockView;

use crate::args::ClockCommand;
use crate::output::{Output, confirm, say, time};

pub(super) fn run(member: &Member, command: ClockCommand, out: Output) -> Result<()> {
    match command {
        ClockCommand::Show => out.answer(&member.clock()?, words),
        ClockCommand::Confirm { yes } => {
            let (shown, asked) = (member.clock()?, Instant::now());
            say(words(&shown));
            let question = format!("Is it {} now? What is due is then forgotten for good.", time(shown.now));
            if !yes && !confirm(&question)? {
                say("Nothing was confirmed.");
                return Ok(());
            }
            // What it shows by now, if nobody has set it while the question stood.
            let by_now = shown.now.saturating_add(asked.elapsed())?;
            out.answer(&member.confirm_clock(by_now)?, |clock| format!("Confirmed. {}", words(clock)))
        }
    }
}

fn words(clock: &ClockView) -> String {
    let now = format!("The hub's clock shows {}.", time(clock.now));
    match &clock.paused {
        Some(why) => format!("{now} {}", why.text),
        None => format!("{now} What reaches its end is forgotten."),
    }
}
