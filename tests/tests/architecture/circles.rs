//! No file of a crate knows another that knows it: what two files need of each other stands in a third, below both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use porchlight_tests::without_tests;

use super::{root, sources};

/// Files that still know each other, by their crate, with why. Nothing is added here: what is cut is taken out.
const KNOWN: &[(&str, &[&str], &str)] = &[(
    "hub",
    &["store.rs", "store/written.rs"],
    "what changes a table is counted where the database is written",
)];

#[test]
fn no_files_of_a_crate_run_in_a_circle() {
    let mut found = Vec::new();
    let mut known: BTreeSet<usize> = (0..KNOWN.len()).collect();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for circle in Crate::read(&folder.join("src")).circles() {
            let is_known = KNOWN.iter().position(|(room, files, _)| {
                *room == name && circle.iter().all(|file| files.contains(&file.as_str()))
            });
            match is_known {
                Some(at) => drop(known.remove(&at)),
                None => found.push(format!("{name}: {}", circle.join(", "))),
            }
        }
    }
    assert!(found.is_empty(), "these files know each other in a circle:\n{}", found.join("\n"));
    let gone: Vec<_> = known.iter().map(|at| KNOWN[*at].1).collect();
    assert!(gone.is_empty(), "these circles are cut: take them out of the list: {gone:?}");
}

/// The modules of a crate by their paths, `a::b`, and what each names of the others; the root's path is empty.
struct Crate {
    knows: BTreeMap<String, BTreeSet<String>>,
    files: BTreeMap<String, String>,
}

impl Crate {
    fn read(src: &Path) -> Crate {
        let mut texts = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (file, text) in sources(src) {
            let file = Path::new(&file).strip_prefix(src).unwrap().to_str().unwrap().to_owned();
            let module = file.trim_end_matches(".rs").replace('/', "::");
            let module = match module.strip_suffix("::mod") {
                Some(folder) => folder.to_owned(),
                None if ["lib", "main"].contains(&module.as_str()) => String::new(),
                None => module,
            };
            // A test may know whatever it tests.
            if module.split("::").any(|part| ["tests", "sequences"].contains(&part)) {
                continue;
            }
            let code = without_tests(&text).to_owned();
            texts.insert(module.clone(), code);
            files.insert(module, file);
        }
        let modules: BTreeSet<String> = texts.keys().cloned().collect();
        let passed_on: BTreeMap<String, BTreeMap<String, String>> =
            texts.iter().map(|(module, text)| (module.clone(), passed_on(module, text, &modules))).collect();
        let knows = texts
            .iter()
            .map(|(module, text)| {
                let named = paths(module, text, &modules).into_iter();
                let known = named.filter_map(|path| resolve(&path, &modules, &passed_on));
                // A folder that passes its own files on is not what knows them, for whoever names them by it.
                (module.clone(), known.filter(|other| other != module).collect())
            })
            .collect();
        Crate { knows, files }
    }

    /// Each set of files that all know each other, straight or by others of it, sorted.
    fn circles(&self) -> Vec<Vec<String>> {
        let reach: BTreeMap<&String, BTreeSet<&String>> =
            self.knows.keys().map(|module| (module, self.reached(module))).collect();
        let mut circles = BTreeSet::new();
        for (module, reached) in &reach {
            let circle: BTreeSet<&String> = reached
                .iter()
                .copied()
                .filter(|other| reach.get(other).is_some_and(|back| back.contains(module)))
                .collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles
            .into_iter()
            .map(|circle| {
                let mut files: Vec<String> =
                    circle.into_iter().map(|module| self.files[module].clone()).collect();
                files.sort();
                files
            })
            .collect()
    }

    fn reached(&self, from: &str) -> BTreeSet<&String> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&String> = self.knows[from].iter().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module) {
                next.extend(self.knows.get(module).into_iter().flatten());
            }
        }
        reached
    }
}

/// The module in which what a path names stands.
fn resolve(
    path: &[String],
    modules: &BTreeSet<String>,
    passed_on: &BTreeMap<String, BTreeMap<String, String>>,
) -> Option<String> {
    let deepest =
        (0..=path.len()).rev().map(|len| path[..len].join("::")).find(|path| modules.contains(path))?;
    let depth = if deepest.is_empty() { 0 } else { deepest.split("::").count() };
    let name = path.get(depth);
    let elsewhere = name.and_then(|name| passed_on.get(&deepest)?.get(name));
    Some(elsewhere.cloned().unwrap_or(deepest))
}

/// What a module passes on of others, by its name there.
fn passed_on(module: &str, text: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in statements(text).filter(|statement| is_passed_on(statement)) {
        let used = &statement[statement.find("use ").unwrap() + 4..];
        for path in expanded(used) {
            let (path, name) = match path.rsplit_once(" as ") {
                Some((path, name)) => (path.to_owned(), name.to_owned()),
                None => (path.clone(), path.rsplit("::").next().unwrap_or_default().to_owned()),
            };
            let Some(path) = absolute(module, &path, modules) else { continue };
            let deepest =
                (0..path.len()).rev().map(|len| path[..len].join("::")).find(|path| modules.contains(path));
            if let Some(deepest) = deepest.filter(|deepest| deepest != module) {
                names.insert(name, deepest);
            }
        }
    }
    names
}

fn is_passed_on(statement: &str) -> bool {
    let first = statement.trim_start();
    first.starts_with("pub use ")
        || first.starts_with("pub(crate) use ")
        || first.starts_with("pub(super) use ")
}

/// Every path of this crate that a module names, but for what it only passes on.
fn paths(module: &str, text: &str, modules: &BTreeSet<String>) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut rest = String::new();
    for statement in statements(text) {
        match statement.find("use ") {
            Some(at) if !is_passed_on(statement) && statement.trim_start().starts_with("use ") => {
                all.extend(
                    expanded(&statement[at + 4..]).iter().filter_map(|path| absolute(module, path, modules)),
                );
            }
            Some(_) if is_passed_on(statement) => {}
            _ => rest.push_str(statement),
        }
    }
    for start in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(start) {
            if rest[..at]
                .ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '[' || c == '`')
            {
                continue;
            }
            let path: String =
                rest[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
            all.extend(absolute(module, &path, modules));
        }
    }
    all
}

/// A path from the crate's root; none of another crate's, unless it begins with a module beside this.
fn absolute(module: &str, path: &str, modules: &BTreeSet<String>) -> Option<Vec<String>> {
    let path = path.split(" as ").next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split("::").map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut at: Vec<String> = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    match *parts.first()? {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            at.pop();
        }
        first => {
            let child = at.iter().map(String::as_str).chain([first]).collect::<Vec<_>>().join("::");
            if !modules.contains(&child) {
                return None;
            }
            parts.insert(0, "self");
        }
    }
    parts.remove(0);
    for part in parts {
        match part {
            "super" => drop(at.pop()),
            "self" | "*" => {}
            part => at.push(part.to_owned()),
        }
    }
    Some(at)
}

/// `a::{b, c::{d}}` as `a::b` and `a::c::d`.
fn expanded(used: &str) -> Vec<String> {
    let used: String = used.trim().trim_end_matches(';').split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(open) = used.find('{') else { return vec![used] };
    let (before, inside) = (&used[..open], used[open + 1..].trim_end().trim_end_matches('}'));
    // One `}` too many was taken off where the last part has braces of its own.
    let missing = inside.matches('{').count().saturating_sub(inside.matches('}').count());
    let inside = format!("{inside}{}", "}".repeat(missing));
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| expanded(&format!("{}{part}", before.trim()))).collect()
}

/// The text in pieces that end with a line's `;` or are single lines, without comments, so that an import of several lines is one.
fn statements(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let first = rest[..line].trim_start();
        let is_use = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "]
            .iter()
            .any(|start| first.starts_with(start));
        let end = match is_use {
            true => rest.find(";\n").map_or(line, |end| end + 2),
            false => line,
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(if first.starts_with("//") { "" } else { piece })
    })
}
