//! What is learned, in parts: a forgotten source is missing from the whole at once.

use porchlight_vault::{Audience, Error, Filter, Id, Kept, Kind, Parts, Vault};
use zeroize::Zeroizing;

use crate::house::{House, close, holding};

/// What a voice sounded like once: its direction in a space of four, as numbers.
type Sound = [f32; 4];

fn read(bytes: &[u8]) -> Option<Sound> {
    let mut sound = Sound::default();
    let (numbers, []) = bytes.as_chunks::<4>() else { return None };
    (numbers.len() == sound.len()).then(|| {
        sound.iter_mut().zip(numbers).for_each(|(number, bytes)| *number = f32::from_le_bytes(*bytes));
        sound
    })
}

/// The whole: the mean of its parts.
fn mean(parts: &Parts<Sound>) -> Sound {
    let mut sum = Sound::default();
    let mut count = 0.0;
    for (_, part) in parts.iter() {
        count += 1.0;
        sum.iter_mut().zip(part).for_each(|(sum, number)| *sum += number);
    }
    sum.map(|sum| sum / count)
}

/// Something said, and the part that was learned from it.
async fn learn(house: &House, vault: &Vault, bytes: &[u8]) -> (Kept, Id) {
    let said = house.say(vault, "that is me").await;
    let mut part = house.recording(Kind::Voiceprint, 300, "");
    part.bytes = Zeroizing::new(bytes.to_vec());
    part.audience = Audience::hub();
    part.sources = vec![said.moment];
    let part = vault.keep(house.moment(vec![part])).await.unwrap().recordings[0];
    (said, part)
}

fn bytes(sound: Sound) -> Vec<u8> {
    sound.iter().flat_map(|number| number.to_le_bytes()).collect()
}

async fn load(vault: &Vault) -> (Parts<Sound>, Vec<Error>) {
    let filter = Filter { kinds: vec![Kind::Voiceprint], ..Filter::default() };
    Parts::load(vault, &filter, read).await.unwrap()
}

#[tokio::test]
async fn the_whole_is_rebuilt_from_the_other_parts_when_a_source_is_forgotten() {
    let house = House::quick();
    let vault = house.create().await;
    let sounds = [[1.0, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.5], [0.0, 0.0, 7.25, 0.5]];
    let mut learned = Vec::new();
    let mut parts = Parts::default();
    for sound in sounds {
        let (said, part) = learn(&house, &vault, &bytes(sound)).await;
        parts.add(part, sound);
        learned.push((said, part));
    }
    assert_eq!(mean(&parts), [1.0 / 3.0, 1.0 / 3.0, 7.25 / 3.0, 0.5]);

    let (said, gone) = &learned[2];
    let done = house.forget(&vault, &[said.moment]).await;
    assert!(done.recordings.contains(gone), "the part goes with what it was learned from");
    parts.let_go(done.recordings);
    assert_eq!((mean(&parts), parts.get(*gone)), ([0.5, 0.5, 0.0, 0.5], None));

    // The same from what lies on the disk, today and after a start: there never was a whole to go stale.
    assert_eq!(mean(&load(&vault).await.0), [0.5, 0.5, 0.0, 0.5]);
    close(vault).await;
    let vault = house.open().await;
    assert_eq!(mean(&load(&vault).await.0), [0.5, 0.5, 0.0, 0.5]);
    assert!(holding(&house.data(), &bytes(sounds[0])).is_empty(), "no part lies in the clear");
    close(vault).await;
}

#[tokio::test]
async fn a_part_that_cannot_be_read_is_named_and_the_rest_goes_on() {
    let house = House::quick();
    let vault = house.create().await;
    learn(&house, &vault, &bytes([1.0; 4])).await;
    let (_, odd) = learn(&house, &vault, b"three").await;
    let (parts, damaged) = load(&vault).await;
    assert_eq!(mean(&parts), [1.0; 4]);
    assert!(matches!(damaged[..], [Error::Damaged { id, .. }] if id == odd), "{damaged:?}");
    close(vault).await;
}
