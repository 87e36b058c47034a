//! Lists the targets, writes their seeds for libFuzzer, and runs one on files.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => porchlight_fuzz::targets().for_each(|target| println!("{}", target.name)),
        ["seeds", folder] => write_seeds(Path::new(folder))?,
        ["replay", target, ref files @ ..] => {
            let target = porchlight_fuzz::target(target).ok_or("there is no such target; see: list")?;
            for file in files {
                (target.run)(&fs::read(file)?);
                println!("{file} holds");
            }
        }
        _ => return Err("usage: porchlight-fuzz list | seeds FOLDER | replay TARGET FILE…".into()),
    }
    Ok(())
}

/// Into a folder for each target: its seeds, and what once broke it.
fn write_seeds(folder: &Path) -> std::io::Result<()> {
    for target in porchlight_fuzz::targets() {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = (target.seeds)().into_iter().enumerate().map(|(nth, seed)| (format!("seed-{nth}"), seed));
        for (name, bytes) in seeds.chain(target.regressions()?) {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
