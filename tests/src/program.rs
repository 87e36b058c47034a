//! The `porchlight` program under test, and other programs that a test needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

/// The program, as `cargo build -p porchlight` left it beside the tests.
pub fn porchlight() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let tests = std::env::current_exe().expect("a running program has a path");
        // target/debug/deps/home-1234 lies one folder below target/debug/porchlight.
        let program = tests.ancestors().nth(2).expect("cargo's folders").join("porchlight");
        let built = fs::metadata(&program).and_then(|file| file.modified());
        let Ok(built) = built else {
            panic!("there is no {}; run `cargo build -p porchlight` first", program.display());
        };
        if let Some(newer) = newer_source(&root().join("crates"), built) {
            eprintln!(
                "{} was changed after the program was built; run `cargo build -p porchlight` to test the change",
                newer.display()
            );
        }
        program
    })
}

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the project")
}

/// Whether a program is there that not every machine has. Where it is not, one line says what is left out.
pub fn has(program: &str, what_for: &str) -> bool {
    let there = Command::new(program)
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !there {
        eprintln!("left out, because {program} is not installed: {what_for}");
    }
    there
}

/// Whether this must not be left out: `make test` says so for everything that it installs itself.
pub fn required(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value == "1")
}

fn newer_source(folder: &Path, than: SystemTime) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            // What only tests of a room use is no part of the program.
            return match entry.file_name().to_str() {
                Some("tests" | "examples" | "benches") => None,
                _ => newer_source(&path, than),
            };
        }
        let source = path.extension().is_some_and(|ending| ending == "rs");
        let changed = entry.metadata().and_then(|file| file.modified()).ok()?;
        (source && changed > than).then_some(path)
    })
}
