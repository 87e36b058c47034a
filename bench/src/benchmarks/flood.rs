//! A hub that records while strangers hold thousands of connections open, beside itself without them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use crate::camera::{Camera, Scene};
use crate::figures::{Figures, megabytes};
use crate::flood::Flood;
use crate::hub::Household;
use crate::process::{Process, wait_for};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

/// Connections that strangers hold.
const CONNECTIONS: usize = 5000;
/// Between two segments there is no more than a picture's time; more than this was missed. In seconds.
const BETWEEN: f64 = 0.2;
/// How long a code of an authenticator counts: one signs in once.
const CODE: i64 = 30;

/// What a leg came to.
#[derive(Default)]
struct Leg {
    /// Seconds that were not recorded.
    missed: Figures,
    /// Seconds from the command to the session.
    sign_in: Figures,
    /// Bytes that the hub had resident at the end of it.
    memory: Figures,
    cpu: Figures,
    /// Connections that strangers opened in each second.
    opened: Figures,
}

pub(super) fn run(setting: &Setting) -> Result<Section> {
    let Some(scene) = Scene::all(setting).pop() else { anyhow::bail!("there is no scene to record") };
    say(format!("a camera that shows {}; encoding its film", scene.name));
    let camera = Camera::start(&scene, setting)?;
    let mut household = Household::make(setting)?;
    let no_models = setting.folder("no-models")?;
    let mut hub = household.serve(Some(no_models.path()))?;
    household.run(["device", "add", "Porch", "--kind", "camera", "--url", &camera.url])?;
    wait_for(
        "the hub to record two segments",
        || Ok(household.run(["list", "--kind", "video"])?.len() >= 2),
    )?;

    let (mut alone, mut one, mut fifty) = (Leg::default(), Leg::default(), Leg::default());
    for number in 1..=setting.legs {
        for (leg, addresses, who) in [
            (&mut alone, 0, "nobody else"),
            (&mut one, 1, "one address"),
            (&mut fifty, 50, "fifty addresses"),
        ] {
            watch(leg, &household, &mut hub.process, addresses, setting)?;
            say(format!(
                "leg {number}, {who}: {:.1} s missed, {:.2} s to sign in",
                leg.missed.sum(),
                leg.sign_in.median()
            ));
        }
    }

    let mut section = Section::new(
        format!("{CONNECTIONS} connections that strangers hold"),
        format!(
            "A hub without speech models records one camera (1080p, 15 frames a second) and a member signs in anew by the command line, \
             while strangers on the same computer hold {CONNECTIONS} connections with half a request each, and open each anew within a \
             second of being cut; beside it, the same without them. {} legs of {} s each, alternating.",
            setting.legs,
            setting.leg.as_secs()
        ),
        &["", "without a flood", "from one address", "from fifty addresses"],
    );
    let legs = [&alone, &one, &fifty];
    let mut row = |name: &str, show: &dyn Fn(&Leg) -> String| {
        section.row([name.to_owned()].into_iter().chain(legs.iter().map(|leg| show(leg))));
    };
    row("seconds that were not recorded, in a leg", &|leg| leg.missed.show(1));
    row("seconds until a member is signed in", &|leg| leg.sign_in.show(2));
    row("memory at the end of a leg", &|leg| megabytes(leg.memory.median()));
    row("CPU seconds a minute", &|leg| leg.cpu.show(1));
    row("connections that strangers open in a second", &|leg| leg.opened.show(0));
    let floods = [&one, &fifty];
    let missed: f64 = floods.iter().map(|leg| leg.missed.sum()).sum();
    section.target("nothing is missed", format!("{missed:.1} s"), Some(missed == 0.0));
    let slowest = floods.iter().map(|leg| leg.sign_in.quantile(1.0)).fold(0.0, f64::max);
    section.target(
        "a member is signed in within 3 s each time",
        format!("{slowest:.2} s at most"),
        Some(slowest <= 3.0),
    );
    section.note(
        "Signing in is the whole command: its start, the slow hash of the passphrase at the member's end, both messages and the second \
         factor. It comes from an address that holds no other connection.",
    );
    section.note("Seconds that were not recorded are what lies between two segments.");
    section.note("The flood runs on the same two cores as the hub, the camera and the command line.");
    Ok(section)
}

fn watch(
    leg: &mut Leg,
    household: &Household,
    hub: &mut Process,
    addresses: u8,
    setting: &Setting,
) -> Result<()> {
    let address = household.listens_at().context("the hub has no address")?;
    let flood = match addresses {
        0 => None,
        _ => Some(Flood::begin(address, CONNECTIONS, addresses)?),
    };
    let (began, from) = (Instant::now(), Timestamp::now());
    let (cpu, opened) = (hub.cpu()?, flood.as_ref().map_or(0, Flood::opened));
    while began.elapsed() < setting.leg {
        wait_for_a_new_code();
        let asked = Instant::now();
        household.sign_in()?;
        leg.sign_in.push(asked.elapsed().as_secs_f64());
    }
    let took = began.elapsed().as_secs_f64();
    leg.opened.push((flood.as_ref().map_or(0, Flood::opened) - opened) as f64 / took);
    leg.cpu.push((hub.cpu()?.saturating_sub(cpu)).as_secs_f64() / took * 60.0);
    leg.memory.push(hub.memory_now()?);
    let to = Timestamp::now();
    drop(flood);
    wait_for("what was recorded meanwhile", || {
        Ok(stretches(household)?.last().is_some_and(|(_, end)| *end > to))
    })?;
    leg.missed.push(missed(&stretches(household)?, from, to));
    hub.must_run()
}

/// Each code signs somebody in once, so the next is waited for.
fn wait_for_a_new_code() {
    let left = CODE - Timestamp::now().as_second() % CODE;
    std::thread::sleep(Duration::from_secs(left.unsigned_abs()));
}

/// From when to when each segment goes, in the order of time.
fn stretches(household: &Household) -> Result<Vec<(Timestamp, Timestamp)>> {
    let listed = household.run(["list", "--kind", "video"])?;
    let mut stretches = Vec::with_capacity(listed.len());
    for video in &listed {
        let start: Timestamp = video["start"].as_str().unwrap_or_default().parse()?;
        let seconds = video["seconds"].as_f64().context("a segment has no length")?;
        stretches.push((start, start + SignedDuration::from_secs_f64(seconds)));
    }
    stretches.sort();
    Ok(stretches)
}

/// Seconds between two instants that are in no segment.
fn missed(stretches: &[(Timestamp, Timestamp)], from: Timestamp, to: Timestamp) -> f64 {
    let gaps = stretches.windows(2).filter(|pair| pair[1].0 > from && pair[0].1 < to);
    let gaps = gaps.map(|pair| pair[1].0.duration_since(pair[0].1).as_secs_f64());
    // Nothing at all sums to a negative nought.
    gaps.filter(|gap| *gap > BETWEEN).sum::<f64>() + 0.0
}
