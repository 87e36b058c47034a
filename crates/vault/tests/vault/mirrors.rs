//! Mirrors that hang, rot, or went their own way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use porchlight_vault::ledger::Because;
use porchlight_vault::{Clock, Config, Error, LedgerEntry, Mirror, StrongboxChoice, Vault, Warning};

use crate::house::{House, close, copy, files, ids};

/// Nobody waits longer for a mirror than five seconds; the rest is for a computer that is busy.
const A_WAIT: Duration = Duration::from_secs(15);
/// Less than a wait.
const AT_ONCE: Duration = Duration::from_secs(4);

const MARK: &str = "porchlight-strongbox.json";

/// Puts a pipe in the place of a file, so that whoever reads it waits for ever.
struct Hanging {
    file: PathBuf,
    whole: Vec<u8>,
}

impl Hanging {
    fn at(file: PathBuf) -> Hanging {
        let whole = fs::read(&file).unwrap();
        let pipe = file.with_extension("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        fs::rename(pipe, &file).unwrap();
        Hanging { file, whole }
    }

    /// The file is there again, and whoever waits for the pipe is let go.
    fn answers_again(self) {
        let pipe = self.file.with_extension("pipe");
        fs::rename(&self.file, &pipe).unwrap();
        fs::write(&self.file, &self.whole).unwrap();
        // Opened for both, a pipe waits for nobody; what is read from it ends when this end is closed.
        drop(fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap());
        fs::remove_file(pipe).unwrap();
    }
}

async fn pending(vault: &Vault) -> Option<(String, Option<jiff::Timestamp>)> {
    vault.warnings().await.unwrap().into_iter().find_map(|warning| match warning {
        Warning::MirrorPending { why, since, .. } => Some((why, since)),
        _ => None,
    })
}

fn two(house: &House) -> Config {
    house.config_with(&["box", "stick"])
}

#[tokio::test]
async fn a_mirror_that_hangs_is_named_and_holds_up_nothing() {
    let house = House::new();
    let vault = Vault::create(two(&house), "home").await.unwrap();
    let (gone, kept) = (house.say(&vault, "forget this").await, house.say(&vault, "keep this").await);
    house.copy_data("copy");
    let hanging = Hanging::at(house.path("stick").join(MARK));

    // Forgetting is irrecoverable here, waits once for a while, and names the mirror.
    let begun = Instant::now();
    let forgotten = house.forget(&vault, &[gone.moment]).await;
    assert!(begun.elapsed() < A_WAIT, "{:?}", begun.elapsed());
    let Mirror::Pending { why, since } = &forgotten.mirrors[0].mirror else { panic!("{forgotten:?}") };
    assert!(why.contains("does not answer"), "{why}");
    assert_eq!(*since, Some(house.clock.now()));

    // From then on nobody waits for it: neither who asks, nor who forgets more, nor who looks over the hub, nor who stops it.
    let begun = Instant::now();
    house.clock.advance(Duration::from_secs(60));
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    vault.put_secret("camera", b"hunter2").await.unwrap();
    assert_eq!(ids(&vault).await, kept.recordings);
    let (why, named) = pending(&vault).await.unwrap();
    assert!(why.contains("does not answer") && named == *since, "{why} {named:?}");
    vault.close().await.unwrap();
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    // The process may not end as long as that disk does not answer: it holds nothing that the next one needs, and writes nothing there.
    let ended = vault;
    assert!(ended.put_secret("camera", b"hunter3").await.is_err());

    // The next start waits a while to learn whether the mirror is newer, and then goes on and names it.
    let begun = Instant::now();
    let vault = Vault::open(two(&house)).await.unwrap();
    assert!(begun.elapsed() < A_WAIT, "{:?}", begun.elapsed());
    assert!(pending(&vault).await.unwrap().0.contains("does not answer"));
    assert_eq!(ids(&vault).await, kept.recordings);

    // When it answers again it follows, without a restart.
    hanging.answers_again();
    // What was begun by the vault that was closed has to let go of the mirror first.
    let begun = Instant::now();
    loop {
        vault.expire(&house.readers()).await.unwrap();
        let Some((why, _)) = pending(&vault).await else { break };
        assert!(begun.elapsed() < A_WAIT, "{why}");
    }
    close(vault).await;
    house.put_back("copy");
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(ids(&vault).await, kept.recordings, "what was forgotten is gone there too");
    close(vault).await;
    drop(ended);
}

/// Uses a strongbox by itself, with a copy of the data folder, and leaves a line.
async fn use_alone(house: &House, strongbox: &str, data: &str) {
    let config = Config { data: house.path(data), ..house.config_with(&[strongbox]) };
    let vault = Vault::open(config).await.unwrap();
    vault.put_secret("used", strongbox.as_bytes()).await.unwrap();
    let all = ids(&vault).await;
    house.release(&vault, &all).await;
    close(vault).await;
}

/// A strongbox and its mirror, each of which was used by itself.
async fn branches() -> House {
    let house = House::new();
    let vault = Vault::create(two(&house), "home").await.unwrap();
    house.say(&vault, "hello").await;
    close(vault).await;
    house.copy_data("elsewhere");
    fs::rename(house.path("box"), house.path("drawer")).unwrap();
    use_alone(&house, "stick", "elsewhere").await;
    fs::rename(house.path("drawer"), house.path("box")).unwrap();
    fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    for _ in 0..3 {
        use_alone(&house, "box", "home").await;
    }
    fs::rename(house.path("pocket"), house.path("stick")).unwrap();
    house
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<_> = files(folder)
        .into_iter()
        .filter(|file| !file.ends_with("lock") && !file.ends_with("reserve"))
        .map(|file| (file.clone(), fs::read(&file).unwrap()))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn two_strongboxes_that_were_both_used_are_named_and_neither_is_set_back() {
    let house = branches().await;
    let before = [contents(&house.path("box")), contents(&house.path("stick"))];
    for order in [["box", "stick"], ["stick", "box"]] {
        let config = house.config_with(&order);
        let refused = Vault::open(config).await.err().unwrap();
        let Error::Apart { here, there } = &refused else { panic!("{refused}") };
        assert_eq!([&here.path, &there.path], [&house.path(order[0]), &house.path(order[1])]);
        assert!(here.last.is_some() && there.last.is_some() && here.generation > 0 && there.generation > 0);
        assert!(refused.to_string().contains("porchlight strongbox keep"), "{refused}");
    }
    assert_eq!([contents(&house.path("box")), contents(&house.path("stick"))], before);

    // One that turns up while the other is in use is named, and left as it is.
    fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    let vault = Vault::open(two(&house)).await.unwrap();
    fs::rename(house.path("pocket"), house.path("stick")).unwrap();
    vault.put_secret("used", b"again").await.unwrap();
    let (why, _) = pending(&vault).await.unwrap();
    assert!(why.contains("both been used") && why.contains("strongbox keep"), "{why}");
    close(vault).await;
    assert_eq!(contents(&house.path("stick")), before[1]);
}

#[tokio::test]
async fn a_strongbox_is_chosen_by_a_person_and_the_other_follows_it() {
    let house = branches().await;
    let choice = StrongboxChoice::between(&house.path("box"), &[house.path("stick")]).unwrap();
    let other = choice.others().next().unwrap().clone();
    assert_eq!((choice.kept().path.clone(), other.path), (house.path("box"), house.path("stick")));
    choice.carry_out().unwrap();
    choice.carry_out().unwrap();
    drop(choice);
    let vault = Vault::open(two(&house)).await.unwrap();
    assert_eq!(pending(&vault).await, None);
    assert_eq!(vault.secret("used").await.unwrap().as_slice(), b"box");
    let all = ids(&vault).await;
    assert_eq!(house.read(&vault, all[1]).await, "hello");
    close(vault).await;
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(vault.secret("used").await.unwrap().as_slice(), b"box");
    let running = StrongboxChoice::between(&house.path("stick"), &[house.path("box")]);
    assert!(matches!(running.err().unwrap(), Error::Locked { .. }));
    close(vault).await;
}

#[tokio::test]
async fn what_was_signed_at_a_mirror_alone_tells_it_apart_too() {
    // As an earlier release left it: a mirror with lines of its own, and no other trace of its having been used.
    let house = House::new();
    let vault = Vault::create(two(&house), "home").await.unwrap();
    let said = house.say(&vault, "hello").await;
    close(vault).await;
    house.copy_data("elsewhere");
    let stick = house.path("stick");
    copy(&stick, &house.path("stick before"));
    let config = Config { data: house.path("elsewhere"), ..house.config_with(&["stick"]) };
    fs::rename(house.path("box"), house.path("drawer")).unwrap();
    let vault = Vault::open(config).await.unwrap();
    house.release(&vault, &said.recordings).await;
    close(vault).await;
    fs::rename(house.path("drawer"), house.path("box")).unwrap();
    let signed = fs::read(stick.join("checkpoint")).unwrap();
    fs::remove_dir_all(&stick).unwrap();
    copy(&house.path("stick before"), &stick);
    fs::write(stick.join("checkpoint"), signed).unwrap();
    let vault = Vault::open(two(&house)).await.unwrap();
    let (why, _) = pending(&vault).await.unwrap();
    assert!(why.contains("both been used"), "{why}");
    close(vault).await;
}

#[tokio::test]
async fn healing_never_brings_back_what_was_forgotten() {
    let house = House::new();
    let vault = Vault::create(two(&house), "home").await.unwrap();
    let (gone, kept) = (house.say(&vault, "forget this").await, house.say(&vault, "keep this").await);
    fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    house.copy_data("copy");
    house.forget(&vault, &[gone.moment]).await;
    close(vault).await;
    fs::rename(house.path("pocket"), house.path("stick")).unwrap();
    copy(&house.path("box"), &house.path("good box"));

    // The root is lost here, and the mirror's is of before the forgetting: it is not taken, whatever data folder lies beside it.
    for data in ["of now", "of before"] {
        for number in [1, 2] {
            fs::write(house.path("box").join(format!("slot-{number}")), [0xa5; 8192]).unwrap();
        }
        if data == "of before" {
            house.put_back("copy");
        }
        let refused = Vault::open(two(&house)).await.err().unwrap();
        assert!(refused.to_string().contains("would come back"), "{data}: {refused}");
        assert_eq!(fs::read(house.path("box/slot-1")).unwrap(), [0xa5; 8192]);
    }

    // Once the mirror has followed, the root is the same in both, and heals.
    fs::remove_dir_all(house.path("box")).unwrap();
    copy(&house.path("good box"), &house.path("box"));
    close(Vault::open(two(&house)).await.unwrap()).await;
    for number in [1, 2] {
        fs::write(house.path("box").join(format!("slot-{number}")), [0xa5; 8192]).unwrap();
    }
    house.put_back("copy");
    let vault = Vault::open(two(&house)).await.unwrap();
    assert_eq!(ids(&vault).await, kept.recordings);
    let told = vault.warnings().await.unwrap();
    assert!(told.iter().any(|told| matches!(told, Warning::Healed { .. })), "{told:?}");
    close(vault).await;
}

#[tokio::test]
async fn a_strongbox_whose_checkpoint_is_gone_never_signs_the_same_tree_at_an_earlier_size() {
    for (mirror, damage) in [(false, None), (false, Some("rot")), (true, None), (true, Some("rot"))] {
        let house = House::new();
        let names: &[&str] = if mirror { &["box", "stick"] } else { &["box"] };
        let vault = Vault::create(house.config_with(names), "home").await.unwrap();
        let said = house.say(&vault, "hello").await;
        house.read(&vault, said.recordings[0]).await;
        vault.put_secret("camera", b"hunter2").await.unwrap();
        house.copy_data("copy");
        house.read(&vault, said.recordings[1]).await;
        let newest = vault.checkpoint().await.unwrap();
        close(vault).await;
        let checkpoint = house.path("box/checkpoint");
        match damage {
            None => fs::remove_file(checkpoint).unwrap(),
            Some(rot) => fs::write(checkpoint, rot).unwrap(),
        }
        // With the ledger that is there, and with one that lacks its newest line.
        for older in [false, true] {
            if older {
                house.put_back("copy");
                match mirror {
                    true => fs::remove_file(house.path("box/checkpoint")).unwrap(),
                    false => continue,
                }
            }
            let vault = Vault::open(house.config_with(names)).await.unwrap();
            let now = vault.checkpoint().await.unwrap();
            let origin = |note: &str| note.lines().next().unwrap().to_owned();
            assert!(now == newest || origin(&now) != origin(&newest), "{mirror} {damage:?} {older}: {now}");
            let told = vault.warnings().await.unwrap();
            // Healed is what a mirror knew, and nothing else.
            let healed = told.iter().any(|told| matches!(told, Warning::Healed { .. }));
            let lost = told.iter().any(|told| matches!(told, Warning::CheckpointLost));
            assert_eq!((healed, lost), (mirror, !mirror), "{told:?}");
            assert_eq!(vault.opening().restored(), older, "{mirror} {damage:?} {older}");
            let lines = vault.ledger_entries(0..9).await.unwrap();
            assert_eq!(
                matches!(lines[0], LedgerEntry::Continuation { .. }),
                older || !mirror,
                "{mirror} {damage:?} {older}"
            );
            close(vault).await;
        }
    }
}

#[tokio::test]
async fn without_any_checkpoint_it_is_refused() {
    // A strongbox of an earlier release has none under its root before the next change.
    let house = House::new();
    let vault = house.create().await;
    close(vault).await;
    fs::remove_file(house.path("home.strongbox/checkpoint")).unwrap();
    match Vault::open(house.config()).await {
        Err(refused) => assert!(matches!(refused, Error::NoCheckpoint(_)), "{refused}"),
        Ok(vault) => {
            assert!(vault.opening().continued == Some(Because::CheckpointLost));
            close(vault).await;
        }
    }
}
