//! A power cut at every write and fsync of the vault, by its real system calls.
//!
//! After ALICE (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014). One life of a vault runs under strace;
//! its system calls are played again on a model of the disk that tells what is live from what is durable; and for every call
//! in turn the states that a power cut there can leave are laid out and opened. See [`disk`] for what is granted to a disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod check;
mod disk;
#[allow(dead_code, reason = "the household of the other tests, of which this needs a part")]
#[path = "../vault/house.rs"]
mod house;
mod life;
mod play;
mod trace;
mod world;

use std::collections::HashSet;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use futures::StreamExt;

use check::Cut;
use disk::Mode;
use play::Film;

/// How many states an ordinary run tries; `PORCHLIGHT_POWER_CUTS` says another number, or `all`.
const ORDINARY: usize = 600;
/// How many random subsets of what is not synced a cut tries, beside the extremes.
const SEEDS: u64 = 6;

#[test]
fn a_power_cut_at_every_write_and_fsync_is_survived() {
    let Some((film, ann)) = film() else { return };
    let cuts = choose(&film);
    let tried = AtomicUsize::new(0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut seen = HashSet::new();
        let cuts = cuts.into_iter().filter_map(|(at, mode)| {
            let cut = film.cut(at, mode);
            seen.insert(cut.fingerprint()).then_some(cut)
        });
        futures::stream::iter(cuts)
            .for_each_concurrent(3, |cut: Cut| {
                let ann = ann.clone();
                let tried = &tried;
                async move {
                    let name = cut.name.clone();
                    let done = tokio::spawn(check::check(cut, ann)).await;
                    assert!(done.is_ok(), "see above: after a power cut {name}");
                    tried.fetch_add(1, Ordering::Relaxed);
                }
            })
            .await;
    });
    eprintln!(
        "{} system calls that write, {} fsyncs; {} different states of the disk opened",
        film.len(),
        film.syncs().count(),
        tried.into_inner()
    );
}

/// The life that is filmed; run by the test above, under strace.
#[test]
#[ignore = "it is run by the test of power cuts, under strace"]
fn one_life() {
    let Ok(folder) = std::env::var("PORCHLIGHT_LIFE") else { return };
    let ann = std::env::var("PORCHLIGHT_LIFE_OF").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(life::live(folder.as_ref(), ann));
}

/// Runs the life under strace and reads its calls; nothing where there is no strace that works.
fn film() -> Option<(Film, Identity)> {
    let folder = house::quick_folder();
    let ann = Identity::generate();
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    let calls = folder.path().join("calls");
    let output = Command::new("strace")
        .args(["-f", "-xx", "-s", "100000000", "-e", trace::CALLS, "-o"])
        .arg(&calls)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "one_life", "--ignored", "--nocapture", "--test-threads=1"])
        .env("PORCHLIGHT_LIFE", folder.path().join("disk"))
        .env("PORCHLIGHT_LIFE_OF", ann.to_string().expose_secret())
        .output();
    let refused = match output {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!said.contains("panicked"), "the life that was to be filmed failed: {said}");
            Some(said)
        }
        Err(why) => Some(why.to_string()),
    };
    if let Some(why) = refused {
        assert!(std::env::var_os("PORCHLIGHT_REQUIRE_STRACE").is_none(), "strace is needed: {why}");
        eprintln!("skipped: power cuts are tried where strace can be run ({})", why.trim());
        return None;
    }
    let film = Film::read(&folder.path().join("disk"), &calls);
    film.check_against(&folder.path().join("disk"));
    Some((film, ann))
}

/// The cuts to try: every fsync at least once, the rest spread evenly over the whole life.
fn choose(film: &Film) -> Vec<(usize, Mode)> {
    let modes = Mode::all(SEEDS);
    let wanted = match std::env::var("PORCHLIGHT_POWER_CUTS").as_deref() {
        Ok("all") => usize::MAX,
        Ok(number) => number.parse().expect("PORCHLIGHT_POWER_CUTS is a number, or all"),
        Err(_) => ORDINARY,
    };
    let all: Vec<(usize, Mode)> =
        (0..=film.len()).flat_map(|at| modes.iter().map(move |mode| (at, *mode))).collect();
    if all.len() <= wanted {
        return all;
    }
    // Just before an fsync most is unsynced, and just after it must be there.
    let mut chosen: Vec<_> =
        film.syncs().enumerate().map(|(n, at)| (at + n % 2, modes[n % modes.len()])).collect();
    let rest = wanted.saturating_sub(chosen.len()).max(1);
    // A step that shares no factor with the number of modes, so that every mode has its turn.
    chosen.extend((0..rest).map(|n| all[(n * all.len() / rest + n % modes.len()) % all.len()]));
    chosen
}
