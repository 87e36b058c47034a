//! How answers are printed: one JSON object a line for scripts, plain sentences for people. Messages go to standard error,
//! so that standard output holds nothing but the answer.
//!
//! Nothing that is printed moves the cursor, colours the terminal or turns a line around, whoever named or said it: each character
//! that nobody sees is written out. All that the command line prints goes through here.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};
use porchlight_hub::text::{in_json, on_lines, on_one_line};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::messages::prompt;
pub(crate) use crate::messages::say;

/// Prints answers in the form that was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    /// One JSON object a line.
    pub json: bool,
}

impl Output {
    /// Prints one answer: the value as a JSON line, or its words.
    pub(crate) fn answer<T: Serialize>(self, value: &T, words: impl FnOnce(&T) -> String) -> Result<()> {
        let line = if self.json { serde_json::to_string(value)? } else { words(value) };
        let line = if self.json { in_json(&line) } else { on_lines(&line) };
        if line.is_empty() {
            return Ok(());
        }
        print(&line)
    }

    /// Prints each of several answers on a line of its own, or `empty` for people when there are none.
    pub(crate) fn answers<T: Serialize>(
        self,
        values: &[T],
        empty: &str,
        words: impl Fn(&T) -> String,
    ) -> Result<()> {
        for value in values {
            self.answer(value, &words)?;
        }
        if values.is_empty() && !self.json {
            return print(&on_lines(empty));
        }
        Ok(())
    }

    /// Prints an answer that is only a beginning: whoever does not take it stops nothing of what comes after.
    pub(crate) fn announce<T: Serialize>(self, value: &T, words: impl FnOnce(&T) -> String) -> Result<()> {
        let line = if self.json { serde_json::to_string(value)? } else { words(value) };
        let line = if self.json { in_json(&line) } else { on_lines(&line) };
        if let Err(error) = writeln!(io::stdout(), "{line}") {
            say(format!("This could not be printed ({error}):\n{line}"));
        }
        Ok(())
    }
}

/// Prints a line of an answer.
pub(crate) fn print(line: &str) -> Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(SeenEnough.into()),
        done => Ok(done?),
    }
}

/// Whoever reads has seen enough (`| head`). It ends a command and is no failure; what this computer saw of the hub on the way is kept
/// all the same.
#[derive(Debug)]
pub(crate) struct SeenEnough;

impl fmt::Display for SeenEnough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the answer any more")
    }
}

impl std::error::Error for SeenEnough {}

/// Asks before something that cannot be undone. Where nobody can answer, it refuses and says how to go on.
pub(crate) fn confirm(question: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("this cannot be undone, and there is nobody to ask; add --yes to go on");
    }
    Ok(ask(&format!("{question} Type yes to go on: "))?.eq_ignore_ascii_case("yes"))
}

/// Asks whoever sits at the terminal.
pub(crate) fn ask(question: &str) -> io::Result<String> {
    prompt(question);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Asks for what nobody is to read over a shoulder: it is not shown while it is typed.
pub(crate) fn ask_hidden(question: &str) -> io::Result<Zeroizing<String>> {
    prompt(question);
    let stdin = io::stdin();
    let before = tcgetattr(&stdin)?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    let mut answer = Zeroizing::new(String::with_capacity(1024));
    let read = stdin.read_line(&mut answer);
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    say("");
    read?;
    Ok(Zeroizing::new(answer.trim_end_matches(['\n', '\r']).to_owned()))
}

/// What somebody named or said, as part of a line: it has no lines of its own.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    on_one_line(text)
}

/// `one, two and three`.
pub(crate) fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The household's time zone, once it is known. Until then, and where there is no household, the computer's.
static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// From now on times are printed in the household's zone, as Porchlight speaks them.
pub(crate) fn use_zone(zone: TimeZone) {
    // Once is enough: a process speaks to one household.
    let _ = ZONE.set(zone);
}

/// The zone in which times are printed.
pub(crate) fn zone() -> TimeZone {
    ZONE.get().cloned().unwrap_or_else(TimeZone::system)
}

/// From when to when, on a day that stands beside it: `08:31 to 08:50`, `08:31` where that is the same minute.
pub(crate) fn from_to(from: Timestamp, to: Timestamp) -> String {
    // The day, the minute, and the zone of an hour that comes twice.
    let shown = |at| {
        let shown = time(at);
        let minute = shown.get(11..16).unwrap_or_default().to_owned();
        minute + shown.get(19..).unwrap_or_default()
    };
    match (shown(from), shown(to)) {
        (from, to) if from == to => from,
        (from, to) => format!("{from} to {to}"),
    }
}

/// The day of an instant: `2026-11-23`.
pub(crate) fn day(at: Timestamp) -> String {
    time(at).chars().take(10).collect()
}

/// An instant as people read it: `2026-11-23 18:40:05`; in an hour that comes twice with the zone, `2026-11-01 01:30:00 EDT`.
pub(crate) fn time(at: Timestamp) -> String {
    time_in(at, zone())
}

/// The same with the zone, for what is read away from the home whose clock it is: `2026-11-23 18:40:05 CET`.
pub(crate) fn zoned(at: Timestamp) -> String {
    zoned_in(at, zone())
}

fn zoned_in(at: Timestamp, zone: TimeZone) -> String {
    at.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

fn time_in(at: Timestamp, zone: TimeZone) -> String {
    let shown = zone.to_ambiguous_timestamp(zone.to_datetime(at));
    let comes_twice = matches!(shown.offset(), AmbiguousOffset::Fold { .. });
    match comes_twice {
        true => zoned_in(at, zone),
        false => at.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// A length as people read it: `4.2 s`, `3 min 20 s`.
pub(crate) fn length(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", (seconds / 60.0) as u64, (seconds % 60.0) as u64)
    }
}

/// `1 recording`, `2 recordings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_hours_of_one_name_are_told_apart_and_others_need_no_zone() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for (at, shown) in [
            ("2026-11-01T04:59:59Z", "2026-11-01 00:59:59"),
            ("2026-11-01T05:30:00Z", "2026-11-01 01:30:00 EDT"),
            ("2026-11-01T06:30:00Z", "2026-11-01 01:30:00 EST"),
            ("2026-11-01T07:00:00Z", "2026-11-01 02:00:00"),
        ] {
            assert_eq!(time_in(at.parse().unwrap(), zone.clone()), shown);
        }
    }

    #[test]
    fn what_is_read_away_from_home_has_its_zone() {
        let at = "2026-07-01T05:30:00Z".parse().unwrap();
        for (zone, shown) in [
            ("America/New_York", "2026-07-01 01:30:00 EDT"),
            ("Europe/Berlin", "2026-07-01 07:30:00 CEST"),
            ("UTC", "2026-07-01 05:30:00 UTC"),
        ] {
            assert_eq!(zoned_in(at, TimeZone::get(zone).unwrap()), shown);
        }
    }
}
