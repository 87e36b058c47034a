//! The short run: every seed, everything that once broke a target, and a few seconds of changes to them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use porchlight_fuzz::Target;
use porchlight_fuzz::mutate::{Chance, mutate};
use rustix::process::{Resource, Rlimit, setrlimit};

/// Seconds for each target, where `PORCHLIGHT_FUZZ_SECONDS` does not say.
const SECONDS: f64 = 1.0;

/// No input may take longer, unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// All the memory that this process may ask for, in bytes: a length that lies is found out by this.
const MEMORY: u64 = 3 << 30;

#[test]
fn every_target_holds_for_a_moment() {
    let limit = Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) };
    setrlimit(Resource::As, limit).expect("a process may limit itself");
    let seconds = env::var("PORCHLIGHT_FUZZ_SECONDS").map_or(SECONDS, |text| text.parse().expect("a number"));
    let waiting: Mutex<VecDeque<&Target>> = Mutex::new(porchlight_fuzz::targets().collect());
    let broken = Mutex::new(Vec::new());
    let next = || waiting.lock().expect("nobody panics holding it").pop_front();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(target) = next() {
                    if let Err(why) = run(target, Duration::from_secs_f64(seconds)) {
                        broken.lock().expect("nobody panics holding it").push(why);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().expect("nobody panics holding it");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn names_are_unique_and_regressions_belong_to_one() {
    let mut names: Vec<_> = porchlight_fuzz::targets().map(|target| target.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    for folder in fs::read_dir(porchlight_fuzz::folder().join("regressions")).expect("it is there") {
        let name = folder.expect("it can be listed").file_name();
        let name = name.to_string_lossy();
        assert!(
            name == "README.md" || porchlight_fuzz::target(&name).is_some(),
            "regressions of no target: {name}"
        );
    }
}

/// Seeds and regressions as they are, then changed, until the time is over.
fn run(target: &Target, time: Duration) -> Result<(), String> {
    let regressions = target.regressions().map_err(|why| format!("{}: {why}", target.name))?;
    let seeds: Vec<_> =
        (target.seeds)().into_iter().chain(regressions.into_iter().map(|(_, bytes)| bytes)).collect();
    assert!(!seeds.is_empty(), "{} has no seed", target.name);
    for seed in &seeds {
        holds(target, seed)?;
    }
    let (began, mut chance, mut runs) = (Instant::now(), Chance::new(1), 0u64);
    while began.elapsed() < time {
        let mut bytes = seeds[chance.below(seeds.len())].clone();
        let other = &seeds[chance.below(seeds.len())];
        mutate(&mut bytes, other, &mut chance);
        holds(target, &bytes)?;
        runs += 1;
    }
    println!("{:20} {runs:>8} inputs", target.name);
    Ok(())
}

fn holds(target: &Target, bytes: &[u8]) -> Result<(), String> {
    let began = Instant::now();
    let broke = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_err();
    if !broke && began.elapsed() < PATIENCE {
        return Ok(());
    }
    let what = if broke { "broke" } else { "took too long" };
    let folder = porchlight_fuzz::folder().join("artifacts").join(target.name);
    let file = folder.join(format!("{what}-{}", bytes.len()).replace(' ', "-"));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, bytes));
    kept.map_err(|why| {
        format!("{} {what}, and {} could not be written: {why}", target.name, file.display())
    })?;
    Err(format!(
        "{} {what} on {}; once it is mended, keep that file in fuzz/regressions/{}",
        target.name,
        file.display(),
        target.name
    ))
}
