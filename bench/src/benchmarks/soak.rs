//! Four cameras for a long while: the hub's memory, which has to stay where it is however much was recorded.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::camera::Camera;
use crate::figures::{Trend, megabytes};
use crate::hub::Household;
use crate::process::wait_for;
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

/// As many as a small house has.
const CAMERAS: usize = 4;
/// How often the memory is read.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// What may be added in a day, in bytes: the keyring's cache of seeds has a bound (12 MB), and takes days of four cameras to reach it.
const FLAT: f64 = 20e6;

pub(super) fn run(setting: &Setting) -> Result<Section> {
    say("a camera for four; encoding its film");
    let camera = Camera::small(setting)?;
    let mut household = Household::make(setting)?;
    let no_models = setting.folder("no-models")?;
    let mut hub = household.serve(Some(no_models.path()))?;
    for number in 1..=CAMERAS {
        household.run([
            "device",
            "add",
            &format!("Camera {number}"),
            "--kind",
            "camera",
            "--url",
            &camera.url,
        ])?;
    }
    let count =
        |household: &Household| -> Result<usize> { Ok(household.run(["list", "--kind", "video"])?.len()) };
    wait_for("every camera to be recorded", || Ok(count(&household)? >= CAMERAS))?;

    let began = Instant::now();
    let (mut warm, mut trend, mut own) = (0.0, Trend::default(), Trend::default());
    let mut before = 0;
    while began.elapsed() < setting.soak {
        hub.process.must_run()?;
        let memory = hub.process.memory_now()?;
        if began.elapsed() < setting.soak / 2 {
            // The first half fills caches and the allocator's own pools.
            warm = memory;
            before = 0;
        } else {
            if before == 0 {
                before = count(&household)?;
            }
            let at = began.elapsed().as_secs_f64();
            trend.push(at, memory);
            own.push(at, hub.process.own_memory_now()?);
        }
        sleep(SAMPLE_EVERY);
    }
    let segments = count(&household)? - before;
    let hours = setting.soak.as_secs_f64() / 2.0 / 3600.0;
    let (Some(all), Some(own)) = (in_a_day(&trend), in_a_day(&own)) else {
        bail!("too short to see a trend")
    };
    let each = own.0 / 86_400.0 * setting.soak.as_secs_f64() / 2.0 / segments.max(1) as f64;
    let told =
        |(day, uncertain): (f64, f64)| format!("{} (give or take {})", megabytes(day), megabytes(uncertain));

    let mut section = Section::new(
        "Four cameras: memory that stays flat",
        format!(
            "A hub without speech models records four cameras (H.264, 640x360, 15 frames a second) for {} minutes. Its resident memory is \
             read every {} s; the first half is left out, and a line is laid through the rest.",
            setting.soak.as_secs() / 60,
            SAMPLE_EVERY.as_secs()
        ),
        &["", "porchlight"],
    );
    section.row(["after the first half".into(), megabytes(warm)]);
    section.row(["at the end".into(), megabytes(hub.process.memory_now()?)]);
    section.row(["most".into(), megabytes(hub.process.peak_memory()?)]);
    section.row(["segments kept since".into(), format!("{segments} in {hours:.2} hours")]);
    section.row(["trend of all that is resident, in a day".into(), told(all)]);
    section.row(["at the end, the hub's own".into(), megabytes(hub.process.own_memory_now()?)]);
    section.row(["trend of the hub's own, in a day".into(), told(own)]);
    section.row(["trend of the hub's own, a segment".into(), format!("{each:.0} bytes")]);
    section.target("less than 20 MB more of the hub's own in a day", told(own), Some(own.0 - own.1 <= FLAT));
    section.note("The trend is the slope of the least squares, and give or take twice its standard error: of a short run it says little.");
    section.note(
        "The hub's own are the pages that no file has (`RssAnon`). The others are of its program and its databases: the kernel takes them back \
         when it needs them, and until then they become more with whatever was read for the first time.",
    );
    Ok(section)
}

/// What is added in a day, in bytes, and twice the standard error of that.
fn in_a_day(trend: &Trend) -> Option<(f64, f64)> {
    Some((trend.slope()? * 86_400.0, trend.uncertainty()? * 86_400.0))
}
