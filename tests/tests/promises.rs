//! docs/promises.md names, for every promise, the test that would fail if it were broken, and docs/claims.md, for every sentence in
//! which the app or the hub claims something, the test that holds it. Here each named test must exist.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the tree must fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_test_that_a_promise_names_exists() {
    every_named_test_exists("docs/promises.md", 10);
}

#[test]
fn every_test_that_a_claim_names_exists() {
    every_named_test_exists("docs/claims.md", 100);
}

/// Each row of the table of a page names at least one test, each of those exists, and there are as many as there were.
fn every_named_test_exists(page: &str, least: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join(page)).unwrap();
    let tests = tests_below(root);
    let mut named = 0;
    let lines: Vec<&str> = text.lines().collect();
    // The line above the dashes is the head of its table.
    let is_row = |at: &usize| {
        let is_head = lines.get(at + 1).is_some_and(|next| next.starts_with("| ---"));
        lines[*at].starts_with("| ") && !lines[*at].starts_with("| ---") && !is_head
    };
    for row in (0..lines.len()).filter(is_row).map(|at| lines[at]) {
        let last = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        let names: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{page} names no test here: {row}");
        for name in names {
            let test = name.rsplit("::").next().unwrap();
            assert!(tests.contains(test), "{page} names `{name}`, but there is no such test");
            named += 1;
        }
    }
    assert!(named >= least, "{page} names only {named} tests: is it still the table it was?");
}

/// The names of all functions that follow a `#[test]`-like attribute or stand inside `proptest!`, and the titles of the app's tests.
fn tests_below(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders =
        vec![root.join("crates"), root.join("tests"), root.join("fuzz"), root.join("web/tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().is_some_and(|path| path.ends_with(".spec.ts")) {
                let text = fs::read_to_string(&path).unwrap();
                let titles = text.lines().filter_map(|line| line.trim().strip_prefix("test('"));
                found.extend(titles.filter_map(|rest| Some(rest.split_once("',")?.0.to_owned())));
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let mut attribute = false;
                for line in text.lines().map(str::trim) {
                    if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                        attribute = true;
                    } else if let Some(rest) = line.strip_prefix("fn ").or(line.strip_prefix("async fn ")) {
                        if attribute {
                            found.insert(rest.split(['(', '<']).next().unwrap().to_owned());
                        }
                        attribute = false;
                    }
                }
            }
        }
    }
    found
}
