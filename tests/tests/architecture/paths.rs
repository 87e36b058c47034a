//! Every file and folder that the pages and the comments name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::root;

/// Made by a build, fetched, or a household's own.
const MADE: [&str; 7] = [
    "target/",
    "settings.toml",
    "fuzz/artifacts",
    "web/dist",
    "web/node_modules",
    "models/weights",
    "web/test-results",
];
/// How a file's name ends that is one of ours.
const ENDS: [&str; 9] = ["rs", "ts", "svelte", "md", "py", "mjs", "css", "toml", "sql"];
/// Folders at the root, by which a path that names no file is known.
const ROOTS: [&str; 9] =
    ["crates/", "docs/", "web/", "tests/", "fuzz/", "bench/", "models/", "scripts/", "packaging/"];

#[test]
fn every_path_that_is_named_is_there() {
    let mut tree = BTreeSet::new();
    let mut texts = Vec::new();
    walk(root(), &mut tree, &mut texts);
    let mut missing = Vec::new();
    for (file, text) in &texts {
        let is_page = file.ends_with(".md");
        // What was built is told of as it was then.
        if file == "CHANGELOG.md" || file.starts_with("bench/RESULTS") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let Some(said) = (if is_page { Some(line) } else { comment(line) }) else { continue };
            for path in named(said) {
                if !tree.iter().any(|there| there == path || there.ends_with(&format!("/{path}"))) {
                    missing.push(format!("{file}:{}: {path}", number + 1));
                }
            }
        }
    }
    assert!(texts.len() > 200, "the tree is read");
    assert!(missing.is_empty(), "these are named and are not there:\n{}", missing.join("\n"));
}

/// The files and folders below the root by their paths from it, and what is in those that say something of others.
fn walk(folder: &Path, tree: &mut BTreeSet<String>, texts: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let is_made = MADE.iter().any(|made| format!("{name}/").starts_with(made));
        if name.starts_with('.') || name.contains("node_modules") || is_made {
            continue;
        }
        if path.is_dir() {
            walk(&path, tree, texts);
        } else if ["rs", "ts", "svelte", "md", "py", "mjs"]
            .iter()
            .any(|end| name.ends_with(&format!(".{end}")))
        {
            texts.extend(fs::read_to_string(&path).ok().map(|text| (name.clone(), text)));
        }
        tree.insert(name);
    }
}

fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    ["//", "# ", "* ", "<!--"].iter().any(|start| line.starts_with(start)).then_some(line)
}

/// The paths in a sentence: with a folder, or between backticks.
fn named(said: &str) -> impl Iterator<Item = &str> {
    let is_of_path = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    said.split('`')
        .enumerate()
        .flat_map(move |(at, part)| {
            let quoted = at % 2 == 1 && part.chars().all(is_of_path);
            part.split(|c: char| c.is_whitespace() || "()[],;\"'".contains(c)).map(move |word| (quoted, word))
        })
        .map(|(quoted, word)| (quoted, word.trim_end_matches(['.', ':', '/', '…', '*'])))
        .filter(move |(quoted, word)| {
            let ends = word.rsplit_once('.').is_some_and(|(before, end)| {
                ENDS.contains(&end) && before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            let has_folder = word.contains('/');
            let is_ours = ends && (has_folder || *quoted)
                || has_folder && ROOTS.iter().any(|root| word.starts_with(root));
            is_ours
                && word.chars().all(is_of_path)
                && !word.starts_with(['/', '.', '-'])
                && !MADE.iter().any(|made| format!("{word}/").starts_with(made))
        })
        .map(|(_, word)| word)
}
