//! What the hub says by itself, in its codes, by voice, in `doctor` and in the policy: each sentence that sounds like a claim stands in
//! docs/claims.md, word for word, beside the tests that hold it. `promises.rs` checks that those exist; `web/tests/claims.spec.ts` does the
//! same for the app's own sentences.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the tree must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use porchlight_tests::without_tests;

/// Where the codes stand, each with what it means.
const CODES: &str = "crates/protocol/src/message.rs";
/// Where the hub speaks without a code.
const SPOKEN: [&str; 12] = [
    "crates/server/src/doctor.rs",
    "crates/server/src/confinement.rs",
    "crates/hub/src/doctor.rs",
    "crates/server/src/listener/connections.rs",
    "crates/household/src/policy/english.rs",
    "crates/voice/src/skill",
    "crates/hub/src/assistant/apply.rs",
    "crates/hub/src/assistant/context.rs",
    "crates/hub/src/assistant/forgetting.rs",
    "crates/hub/src/assistant/list.rs",
    "crates/hub/src/assistant/mod.rs",
    "crates/hub/src/assistant/utterance.rs",
];
/// What makes a sentence sound like a claim.
const CLAIMS: &str = "keep keeps kept forget forgets forgot forgotten gone hear hears heard listen listens record records recorded recording \
                      remember remembers nobody only never nothing stay stays sealed ledger ends ended alone until";

#[test]
fn each_code_of_the_hub_stands_in_the_table_of_claims_with_what_it_means() {
    let source = read(&root().join(CODES));
    let list = &source[source.find("pub const CODES").unwrap()..];
    let words = literals(list);
    let said: BTreeMap<&str, &str> =
        words.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    assert!(said.len() > 100, "the codes are read");
    let Registered { claims, none } = registered();
    let claims: BTreeMap<_, _> =
        claims.iter().map(|(code, meaning)| (code.trim_matches('`'), meaning)).collect();
    let unknown: Vec<_> = said
        .keys()
        .filter(|code| !claims.contains_key(*code) && !none.contains(&format!("`{code}`")))
        .collect();
    assert_eq!(
        unknown,
        Vec::<&&str>::new(),
        "say in docs/claims.md what holds these, or that they claim nothing"
    );
    for (code, meaning) in &said {
        if let Some(claim) = claims.get(code) {
            assert_eq!(
                claim.as_str(),
                *meaning,
                "`{code}` means something else now: does what holds it still hold?"
            );
        }
    }
    let listed = claims.keys().copied().chain(none.iter().map(|code| code.trim_matches('`')));
    let is_code =
        |code: &&str| !code.contains(' ') && code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let spoken = ["voice", "doctor", "policy"];
    let gone: Vec<_> =
        listed.filter(is_code).filter(|code| !said.contains_key(code) && !spoken.contains(code)).collect();
    assert_eq!(gone, Vec::<&str>::new(), "no code is called that any more");
}

#[test]
fn whatever_the_voice_doctor_and_the_policy_claim_stands_in_the_table_of_claims() {
    let mut said = BTreeSet::new();
    for path in SPOKEN.iter().flat_map(|path| sources(&root().join(path))) {
        said.extend(
            literals(&read(&path)).iter().filter(|text| sounds_like_a_claim(text)).map(|text| blanked(text)),
        );
    }
    assert!(said.len() > 50, "the sentences are read");
    let Registered { claims, none } = registered();
    let spoken: BTreeSet<String> = claims
        .into_iter()
        .filter_map(|(place, claim)| (!place.starts_with('`')).then_some(claim))
        .chain(none.into_iter().filter(|sentence| !sentence.starts_with('`')))
        .collect();
    let unknown: Vec<_> = said.difference(&spoken).collect();
    assert_eq!(
        unknown,
        Vec::<&String>::new(),
        "say in docs/claims.md what holds these, or that they claim nothing"
    );
    let gone: Vec<_> = spoken.difference(&said).collect();
    assert_eq!(gone, Vec::<&String>::new(), "nothing says these any more");
}

/// The rows of the hub's own tables, by code or place, and what is listed as claiming nothing.
struct Registered {
    claims: Vec<(String, String)>,
    none: BTreeSet<String>,
}

fn registered() -> Registered {
    let page = read(&root().join("docs/claims.md"));
    let (_, own) = page.split_once("## What the hub says itself").unwrap();
    let (tables, list) = own.split_once("### What of it claims nothing").unwrap();
    let rows = tables.lines().filter(|line| line.starts_with("| ")).filter_map(|line| {
        let mut cells = line.trim_matches(['|', ' ']).split(" | ");
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    });
    let headings = ["code", "where", "---"];
    Registered {
        claims: rows.filter(|(place, _)| !headings.contains(&place.as_str())).collect(),
        none: list.lines().filter_map(|line| Some(line.strip_prefix("- ")?.to_owned())).collect(),
    }
}

fn sounds_like_a_claim(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()).collect();
    words.len() >= 4 && words.iter().any(|word| CLAIMS.split(' ').any(|claims| claims == *word))
}

/// A sentence with `…` for what is filled in.
fn blanked(text: &str) -> String {
    let mut whole = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '{' => whole.push('…'),
            _ if inside => {}
            c => whole.push(c),
        }
        inside = (inside || c == '{') && c != '}';
    }
    whole.trim().to_owned()
}

/// The string literals of a source file, as far as its tests.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), without_tests(source));
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '/' if rest.starts_with("//") => rest.find('\n').map_or("", |end| &rest[end..]),
            '\'' if rest.starts_with("'\"'") => &rest[3..],
            '"' => {
                let (text, after) = literal(&rest[1..]);
                found.push(text);
                after
            }
            c => &rest[c.len_utf8()..],
        };
    }
    found
}

/// A literal up to its end, and what comes after it.
fn literal(source: &str) -> (String, &str) {
    let (mut text, mut chars) = (String::new(), source.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (text, &source[at + 1..]),
            '\\' => match chars.next() {
                // The line goes on where its words do.
                Some((_, '\n')) => while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {},
                escaped => text.extend(escaped.map(|(_, c)| c)),
            },
            c => text.push(c),
        }
    }
    (text, "")
}

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let inside = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    // What a test has said, nobody says.
    let is_of_tests = |path: &Path| ["tests.rs", "example.rs"].iter().any(|name| path.ends_with(name));
    inside
        .flat_map(|path| sources(&path))
        .filter(|path| path.extension().is_some_and(|end| end == "rs") && !is_of_tests(path))
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
