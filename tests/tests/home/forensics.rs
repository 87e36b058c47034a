//! A thief with every disk of the household, and canaries to sing if anything was left.

use std::fs;
use std::path::{Path, PathBuf};

use porchlight_tests::{Home, StandInCamera, copy_folder, files_below, ids, text, until};

/// A word of it that nothing else in the household says.
const SENTENCE: &str = "Put bananas on the shopping list.";
const WORDS: [&str; 2] = ["banana", "Banana"];

/// Pieces of what was sealed, each long enough to be nobody else's.
struct Canaries(Vec<(&'static str, Vec<u8>)>);

impl Canaries {
    fn sing(&self, folder: &Path) -> Vec<String> {
        let mut songs = Vec::new();
        for file in files_below(folder) {
            let Ok(bytes) = fs::read(&file) else { continue };
            songs.extend(self.in_bytes(&bytes).iter().map(|name| format!("{name} in {}", file.display())));
        }
        songs
    }

    fn in_bytes(&self, bytes: &[u8]) -> Vec<&'static str> {
        let sing = |(_, canary): &&(&str, Vec<u8>)| memchr::memmem::find(bytes, canary).is_some();
        self.0.iter().filter(sing).map(|(name, _)| *name).collect()
    }
}

/// 64 bytes from the middle of something, where they differ from one another.
fn piece(of: &[u8]) -> Vec<u8> {
    let middle = of[of.len() / 2..].windows(64);
    let varied = |piece: &&[u8]| piece.iter().collect::<std::collections::BTreeSet<_>>().len() > 24;
    middle.into_iter().find(varied).unwrap().to_vec()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_hub_keeps_its_memory_off_the_disk_and_in_one_heap() {
    let home = Home::quiet();
    let limits = home.process("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let status = home.process("status");
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim();
    // CAP_IPC_LOCK is the fifteenth capability.
    let capable = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap().trim();
    let capable = u64::from_str_radix(capable, 16).unwrap() & (1 << 14) != 0;
    if capable
        || limits.lines().any(|line| line.starts_with("Max locked memory") && line.contains("unlimited"))
    {
        assert!(!locked.starts_with("0 "), "{locked}");
    } else {
        eprintln!("left out: this system lets no program lock its memory");
    }
    assert_eq!(heaps_of_threads(&home.process("maps")), [""; 0]);
}

/// The heaps that glibc makes for single threads: 64 MiB of addresses each, at a multiple of that, of which the first part is in use.
fn heaps_of_threads(maps: &str) -> Vec<&str> {
    const HEAP: u64 = 64 << 20;
    let range = |line: &str| {
        let (from, to) = line.split_once(' ')?.0.split_once('-')?;
        Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?))
    };
    let lines: Vec<&str> = maps.lines().collect();
    let is_heap = |pair: &&[&str]| {
        let (Some((from, used)), Some((rest, to))) = (range(pair[0]), range(pair[1])) else { return false };
        used == rest && from % HEAP == 0 && to - from == HEAP && pair[1].contains(" ---p ")
    };
    lines.windows(2).filter(is_heap).map(|pair| pair[0]).collect()
}

#[test]
fn a_thief_with_every_disk_finds_nothing_of_what_was_forgotten() {
    let Some(mut home) = Home::that_speaks() else { return };
    let Some(camera) = StandInCamera::start(false) else { return };
    home.add_annas_microphone("Study");
    home.add_camera("Porch", &camera.url());
    let said = home.say(SENTENCE, "Study");
    assert!(text(&said, "transcript").to_lowercase().contains("banana"), "{said}");
    let kept = ids(said["kept"].as_array().unwrap());
    let film = until("the camera is recorded", 40, || {
        home.list(&["--kind", "video", "--device", "Porch"]).first().map(|film| film["id"].as_u64().unwrap())
    });
    let film_bytes = home.open(film);

    let mut canaries = vec![
        ("the sound", piece(&fs::read(home.speech(SENTENCE)).unwrap())),
        ("the film", piece(&film_bytes)),
        ("the camera's password", StandInCamera::PASSWORD.as_bytes().to_vec()),
    ];
    canaries.extend(WORDS.map(|word| ("a word", word.as_bytes().to_vec())));
    let canaries = Canaries(canaries);
    // They would be heard: what is opened lies in the clear where it was put.
    assert!(
        canaries.sing(home.file("opened").parent().unwrap()).iter().any(|song| song.contains("the film"))
    );

    assert!(canaries.in_bytes(&home.memory().unwrap_or_else(|| b"banana".to_vec())).contains(&"a word"));

    // The thief has a copy of the data folder from when all of it was there.
    let before = home.file("copy of before");
    copy_folder(&home.data(), &before);
    let strongbox_before = home.file("strongbox of before");
    copy_folder(&home.strongbox(), &strongbox_before);

    let spoken = home.anna(&["forget", &kept[0].to_string(), "--yes"]).one();
    let filmed = home.anna(&["forget", &film.to_string(), "--yes"]).one();
    home.anna(&["device", "remove", "Porch", "--yes"]).one();
    let receipts: Vec<PathBuf> = [&spoken, &filmed].map(|done| PathBuf::from(text(done, "receipt"))).to_vec();
    assert!(spoken["forgotten"].as_array().unwrap().len() >= 4, "the list item goes along: {spoken}");

    // A core file of the hub would hold all its memory: nothing of it is left there either, once what was under way has ended.
    until("the hub's memory has let go", 30, || {
        let Some(core) = home.memory() else {
            eprintln!("left out: the memory of the hub may not be read here");
            return Some(());
        };
        canaries.in_bytes(&core).is_empty().then_some(())
    });

    // While the hub runs, and once more when it has stopped.
    for running in [true, false] {
        if !running {
            home.stop();
        }
        for folder in
            [home.data(), home.strongbox(), before.clone(), home.file("Anna.state"), home.file("log")]
        {
            assert_eq!(canaries.sing(&folder), Vec::<String>::new(), "the hub runs: {running}");
        }
        for receipt in &receipts {
            let found = home.anna(&["prove-gone", path(receipt), "--data", path(&home.data())]).one();
            assert_eq!(found["gone"], true, "{found}");
            assert_eq!(found["found"]["remains"].as_array().unwrap().len(), 0, "{found}");
            let found = home
                .anna(&["prove-gone", path(receipt), "--data", path(&home.data()), "--in", path(&before)])
                .one();
            assert_eq!(found["gone"], true, "{found}");
            assert_eq!(found["found"]["listed"].as_array().unwrap().len(), 1, "the copy lists it: {found}");
            assert!(!found["found"]["remains"].as_array().unwrap().is_empty(), "{found}");
        }
    }

    // With the strongbox of then it does open, and that is what it says: the search would have found it.
    let args = ["prove-gone", path(&receipts[0]), "--in", path(&before), "--in", path(&strongbox_before)];
    let (found, why) = home.anna(&args).alarm();
    assert!(why.contains("NOT gone") && found["gone"] == false, "{why}");
    assert!(!found["found"]["opened"].as_array().unwrap().is_empty(), "{found}");
    // Where nothing could be searched, nothing is proved.
    let (empty, nowhere) = (home.file("empty"), home.file("nowhere"));
    fs::create_dir(&empty).unwrap();
    let (found, why) = home.anna(&["prove-gone", path(&receipts[0]), "--in", path(&empty)]).alarm();
    let told = why.contains("nothing is proved") && why.contains("there is not one file in");
    assert!(told && found["gone"] == false, "{found} {why}");
    // A name that was mistyped is told as that, before anything is searched, and no other is made up from it.
    let data = home.data();
    for args in [
        &["--in", path(&nowhere)][..],
        &["--data", path(&nowhere)],
        &["--data", path(&data), "--strongbox", path(&nowhere)],
    ] {
        let why = home.anna(&[&["prove-gone", path(&receipts[0])], args].concat()).refused();
        let named = format!("there is nothing at {};", path(&nowhere));
        assert!(why.contains(&named) && !why.contains("os error") && !why.contains("Searching"), "{why}");
    }
    let why = home.anna(&["prove-gone", path(&receipts[0])]).refused();
    assert!(why.contains("say where to search"), "{why}");
    let words = home.words(&["prove-gone", path(&receipts[1]), "--data", path(&home.data())]);
    for part in ["to the last byte", "Nothing of it is here any more", "What this cannot know"] {
        assert!(words.contains(part), "{part}: {words}");
    }
}
