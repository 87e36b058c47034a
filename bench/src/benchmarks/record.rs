//! One camera's stream sealed to disk by a real hub, beside ffmpeg, which copies it to plain files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::camera::{Camera, Scene};
use crate::figures::{Figures, megabytes, ratio};
use crate::hub::{Household, Hub};
use crate::process::{Cost, Process, wait_for, watch};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

/// What the hub's recording came to.
pub(crate) struct Recording {
    /// CPU seconds a minute of the hub while it records one stream.
    pub(crate) cpu_a_minute: f64,
    /// Bytes of the stream a minute.
    pub(crate) bytes_a_minute: f64,
    /// Bytes of one segment, in the middle.
    pub(crate) segment: usize,
}

/// One side of the comparison.
#[derive(Default)]
struct Side {
    start: Figures,
    cpu: Figures,
    memory: Figures,
    bytes: Figures,
    segment: Figures,
}

impl Side {
    fn add(&mut self, who: &str, number: usize, leg: &Leg) {
        say(format!("leg {number}: {who} {:.3} CPU-s a minute", leg.cost.cpu_a_minute));
        self.start.push(leg.start);
        self.cpu.push(leg.cost.cpu_a_minute);
        self.memory.push(leg.cost.peak_memory);
        self.bytes.push(leg.bytes_a_minute);
        self.segment.push(leg.segments.median());
    }
}

pub(super) fn run(setting: &Setting, scene: &Scene) -> Result<(Recording, Section)> {
    say(format!("a camera that shows {}; encoding its film", scene.name));
    let camera = Camera::start(scene, setting)?;
    let mut household = Household::make(setting)?;
    let (idle, idle_memory) = idle(&mut household, setting)?;
    {
        let _hub = household.serve(None)?;
        household.run(["device", "add", "Porch", "--kind", "camera", "--url", &camera.url])?;
    }
    let (mut ours, mut theirs) = (Side::default(), Side::default());
    for leg in 1..=setting.legs {
        ours.add("the hub", leg, &hub_records(&mut household, setting, None)?);
        theirs.add("ffmpeg", leg, &ffmpeg_records(&camera, setting)?);
    }
    let no_models = setting.folder("no-models")?;
    let mute = hub_records(&mut household, setting, Some(no_models.path()))?.cost;

    let mut section = Section::new(
        format!("One 1080p15 stream to disk: {}", scene.name),
        format!(
            "A hub records one camera (H.264, 1920x1080, 15 frames a second, {:.1} Mbit/s, TCP, digest sign-in) into segments of 4 s, each \
             sealed to its household and fsynced. Beside it: `ffmpeg -rtsp_transport tcp -i URL -c copy -f segment -segment_time 4 \
             out-%d.mp4`, which seals nothing and fsyncs nothing. {} legs of {} s each, alternating, each begun when two segments \
             lie on disk.",
            ours.bytes.median() * 8.0 / 60.0 / 1e6,
            setting.legs,
            setting.leg.as_secs()
        ),
        &["", "porchlight", "ffmpeg", "ratio"],
    );
    let (cpu, ffmpeg_cpu) = (ours.cpu.median(), theirs.cpu.median());
    section.row([
        "CPU seconds a minute".into(),
        ours.cpu.show(3),
        theirs.cpu.show(3),
        ratio(cpu, ffmpeg_cpu),
    ]);
    section.row([
        "CPU seconds from the start to the second segment".into(),
        ours.start.show(3),
        theirs.start.show(3),
        ratio(ours.start.median(), theirs.start.median()),
    ]);
    let memory = |side: &Side| megabytes(side.memory.median());
    section.row([
        "peak memory, the whole hub with its speech models".into(),
        memory(&ours),
        memory(&theirs),
        ratio(ours.memory.median(), theirs.memory.median()),
    ]);
    section.row([
        "peak memory, a hub without speech models".into(),
        megabytes(mute.peak_memory),
        memory(&theirs),
        ratio(mute.peak_memory, theirs.memory.median()),
    ]);
    section.row([
        "written a minute".into(),
        megabytes(ours.bytes.median()),
        megabytes(theirs.bytes.median()),
        ratio(ours.bytes.median(), theirs.bytes.median()),
    ]);
    section.target(
        "at most half of ffmpeg's CPU",
        format!("{} of it", ratio(cpu, ffmpeg_cpu)),
        Some(cpu <= ffmpeg_cpu / 2.0),
    );
    section.note(format!(
        "Nothing is subtracted from the hub. Idle, without a camera, it takes {idle:.3} CPU seconds a minute and holds {}.",
        megabytes(idle_memory)
    ));
    section.note(format!(
        "Peak memory is since the process started. Most of the whole hub's is its speech models, which ffmpeg does not have; the \
         hub without them took {:.3} CPU seconds a minute in one leg.",
        mute.cpu_a_minute
    ));
    section.note(
        "CPU a minute is that of the long run: what starting costs (loading the speech models here, probing the stream there) has a \
         line of its own.",
    );
    section.note(
        "CPU is that of the processes themselves, by the kernel's clock of each. What the kernel's own threads do to write is in \
         neither side. The camera runs on the same machine and is in neither side.",
    );
    section.note("What is written is counted over the leg in whole segments, so a leg may hold one more or less than another.");
    let segment = ours.segment.median() as usize;
    Ok((Recording { cpu_a_minute: cpu, bytes_a_minute: ours.bytes.median(), segment }, section))
}

/// CPU seconds a minute of a hub with nothing to do, and the memory it holds.
fn idle(household: &mut Household, setting: &Setting) -> Result<(f64, f64)> {
    let mut hub = household.serve(None)?;
    let cost = watch(&mut hub.process, setting.leg)?;
    say(format!("an idle hub: {:.3} CPU-s a minute", cost.cpu_a_minute));
    Ok((cost.cpu_a_minute, hub.process.memory_now()?))
}

/// One leg of one side.
struct Leg {
    /// CPU seconds before the watching began.
    start: f64,
    cost: Cost,
    bytes_a_minute: f64,
    /// Bytes of each segment that the leg wrote.
    segments: Figures,
}

impl Leg {
    /// Watches a process that records, whose segments on disk a function tells by their bytes.
    fn watch(
        process: &mut Process,
        segments: impl Fn() -> Result<Vec<f64>>,
        setting: &Setting,
    ) -> Result<Leg> {
        let before = segments()?.len();
        let start = process.cpu()?.as_secs_f64();
        let cost = watch(process, setting.leg)?;
        let segments: Figures = segments()?.into_iter().skip(before).collect();
        let bytes_a_minute = segments.sum() / setting.leg.as_secs_f64() * 60.0;
        Ok(Leg { start, cost, bytes_a_minute, segments })
    }
}

fn hub_records(household: &mut Household, setting: &Setting, models: Option<&Path>) -> Result<Leg> {
    let Hub { mut process } = household.serve(models)?;
    let before = videos(household)?.len();
    wait_for("the hub to record two segments", || Ok(videos(household)?.len() >= before + 2))?;
    Leg::watch(&mut process, || videos(household), setting)
}

fn ffmpeg_records(camera: &Camera, setting: &Setting) -> Result<Leg> {
    let folder = setting.folder("ffmpeg")?;
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", &camera.url]);
    command.args(["-c", "copy", "-f", "segment", "-segment_time", "4", "out-%d.mp4"]);
    command.current_dir(folder.path()).stdin(Stdio::null());
    let mut process = Process::start("ffmpeg", &mut command)?;
    wait_for("ffmpeg to record two segments", || Ok(films(folder.path())?.len() >= 2))?;
    Leg::watch(&mut process, || films(folder.path()), setting)
}

/// The bytes of each video that the hub keeps, oldest first.
fn videos(household: &Household) -> Result<Vec<f64>> {
    let listed = household.run(["list", "--kind", "video"])?;
    Ok(listed.iter().filter_map(|video| video["size"].as_f64()).collect())
}

/// The bytes of each film that ffmpeg has finished, oldest first. The newest is still being written.
fn films(folder: &Path) -> Result<Vec<f64>> {
    let count = fs::read_dir(folder)?.count();
    (0..count.saturating_sub(1))
        .map(|number| Ok(fs::metadata(folder.join(format!("out-{number}.mp4")))?.len() as f64))
        .collect()
}
