//! What of the recording's CPU is sealing.

use anyhow::Result;

use super::record::Recording;
use crate::camera::Scene;
use crate::figures::{Figures, megabytes, ratio};
use crate::inside::{Inside, RECIPIENTS, Sealed, Work};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

pub(super) fn run(setting: &Setting, scene: &Scene, recording: &Recording) -> Result<Section> {
    let Recording { cpu_a_minute, bytes_a_minute, segment } = *recording;
    say(format!("sealing segments of {}", megabytes(segment as f64)));
    let folder = setting.folder("sealing")?;
    let work =
        Inside { work: Work::Seal, folder: folder.path().to_owned(), times: setting.times, bytes: segment };
    let sealed: Vec<Sealed> = work.measure(setting)?;
    let column = |of: fn(&Sealed) -> f64| sealed.iter().map(of).collect::<Figures>();
    let (seal, keep, plain) = (column(|s| s.seal), column(|s| s.keep), column(|s| s.plain));

    let segments_a_minute = bytes_a_minute / segment as f64;
    let mut section = Section::new(
        format!("Sealing as a share of recording: {}", scene.name),
        format!(
            "{} segments of {} (the middle one of the recording above), each sealed, kept in a vault and written plainly, in turn, in \
             one process. Sealing is the age file to {} recipients and its hash, by the function that the vault seals with; keeping is all that \
             the vault does with a segment, its files and its row included; written plainly is a new file with the same bytes, fsynced \
             with its folder. The share is of the {cpu_a_minute:.3} CPU seconds a minute above.",
            setting.times,
            megabytes(segment as f64),
            RECIPIENTS,
        ),
        &["", "CPU ms a segment", "MB a CPU second", "share of the recording's CPU"],
    );
    let share = |of: &Figures| of.median() / 1e3 * segments_a_minute / cpu_a_minute;
    for (name, figures) in
        [("sealing", &seal), ("keeping, sealing included", &keep), ("written plainly", &plain)]
    {
        section.row([
            name.to_owned(),
            figures.show(2),
            format!("{:.0}", segment as f64 / 1e6 / (figures.median() / 1e3)),
            format!("{:.1} %", share(figures) * 100.0),
        ]);
    }
    section.target(
        "sealing is at most 10 % of the recording's CPU",
        format!("{:.1} %", share(&seal) * 100.0),
        Some(share(&seal) <= 0.1),
    );
    section.note(format!(
        "Terms costs {} times the CPU of writing the same bytes plainly.",
        ratio(keep.median(), plain.median())
    ));
    section.note(
        "The header's own seal (half a kilobyte of AES-256-GCM and three keys of the keyring) is counted with keeping.",
    );
    section.note(
        "A loop that does nothing else has warmer caches than a hub that seals once in four seconds: in the hub the share is \
         somewhat larger.",
    );
    Ok(section)
}
