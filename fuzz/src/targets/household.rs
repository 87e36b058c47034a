//! The household document, its signature and its changes, and the words of its parts.

use std::sync::LazyLock;

use jiff::Timestamp;
use porchlight_household::{
    Agreement, BirthMonth, Capture, CircleName, Consent, Device, DeviceKind, Document, Household, Keep, Kind,
    Kit, Language, Lineage, MemberKeys, Person, PersonId, Purpose, Retention, Rule, SignedDocument,
    SignedStep, SignerKey, Speaker, Units,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{text, texts};
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "household-documents", run: documents, seeds: document_seeds },
    Target { name: "signed-documents", run: signed, seeds: signed_seeds },
    Target { name: "household-lineages", run: lineages, seeds: lineage_seeds },
    Target { name: "household-words", run: words, seeds: word_seeds },
];

/// A Monday noon.
const NOW: Timestamp = Timestamp::constant(1_795_435_200, 0);

/// Anna, who owns the house and guards Mia, and Tom, another adult; they sign with these keys and no others.
pub(super) struct Example {
    anna: MemberKeys,
    tom: MemberKeys,
    pub(super) home: Household,
    signed: SignedDocument,
}

pub(super) static EXAMPLE: LazyLock<Example> = LazyLock::new(|| {
    let keys = |line: &str| Kit::read(line).expect("it is an identity").keys;
    let anna = keys("AGE-SECRET-KEY-1SKFHCK5ZL2YFQWKR8PRG0QSFE6N88XRFQWQE2XR4VTP2MZ25D4WQJYUKHK");
    let tom = keys("AGE-SECRET-KEY-1N44LSPRWZS02GEWC7JQVVZ9Q7SNMH86SM6JTTQ820C7PS3HRSP8SVSVM85");
    let person = |name: &str, born: &str, keys: Option<&MemberKeys>| Person {
        id: id(&name.to_lowercase()),
        name: name.to_owned(),
        born: born.parse().expect("it is a month"),
        guardians: if keys.is_none() { vec![id("anna")] } else { Vec::new() },
        owner: name == "Anna",
        keys: keys.map(MemberKeys::public),
    };
    let device = |name: &str, kind, of: Option<&str>| Device {
        id: name.parse().expect("it is an id"),
        name: name.to_owned(),
        kind,
        room: Some("Kitchen".to_owned()),
        person: of.map(id),
        address: None,
    };
    let consent = |who: &str, by: &str, purpose, device: Option<&str>| Consent {
        person: id(who),
        by: id(by),
        purpose,
        device: device.map(|name| name.parse().expect("it is an id")),
        granted: NOW,
        withdrawn: None,
        withdrawn_by: None,
    };
    let document = Document {
        format: 1,
        id: "maple".parse().expect("it is an id"),
        version: 1,
        name: Some("Maple Street 5".to_owned()),
        time_zone: "America/New_York".to_owned(),
        language: "en".to_owned(),
        units: Units::Imperial,
        people: vec![
            person("Anna", "1984-03", Some(&anna)),
            person("Tom", "1982-11", Some(&tom)),
            person("Mia", "2018-05", None),
        ],
        devices: vec![
            device("speaker", DeviceKind::Microphone, None),
            device("phone", DeviceKind::Phone, Some("anna")),
            device("porch", DeviceKind::Camera, None),
        ],
        circles: Vec::new(),
        consents: vec![
            consent("anna", "anna", Purpose::History, None),
            consent("mia", "anna", Purpose::History, None),
            consent("anna", "anna", Purpose::Security, Some("porch")),
        ],
        retention: Retention { rules: vec![Rule::for_kind(Kind::Voice, Keep::Days(7))] },
    };
    let home = Household::from_document(document).expect("it holds together");
    let signed = SignedDocument::sign(&home, &id("anna"), &anna).expect("it can be signed");
    signed.verify_first(NOW).expect("it is a first version");
    Example { anna, tom, home, signed }
});

fn id(name: &str) -> PersonId {
    name.parse().expect("it is an id")
}

/// A document that is read is written and read again, decides without a panic, verifies once it is signed, and becomes the
/// next version only with what its signer may say.
fn documents(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(home) = Household::from_json(text) else { return };
    let written = home.to_json().expect("it can be written");
    assert_eq!(Household::from_json(&written).expect("what was written is read"), home);
    decides(&home);
    for (signer, keys) in [(id("anna"), &EXAMPLE.anna), (id("tom"), &EXAMPLE.tom)] {
        let signed = SignedDocument::sign(&home, &signer, keys).expect("it can be signed");
        let again = SignedDocument::from_bytes(&signed.to_bytes().expect("it can be written"));
        assert_eq!(again.expect("what was written is read"), signed);
        let theirs = |home: &Household| {
            let known = home.people.iter().find(|person| person.id == signer);
            known.and_then(|person| person.keys.as_ref()).is_some_and(|k| k.signer == keys.public().signer)
        };
        assert_eq!(signed.verify_seen(None, &[]).is_ok(), theirs(&home), "who signed is seen");
        if let Ok(first) = signed.verify_first(NOW) {
            assert!(first == home && home.version == 1 && theirs(&home));
        }
        if let Ok(next) = signed.verify_next(&EXAMPLE.home, NOW) {
            assert!(next == home && home.version == 2 && home.id == EXAMPLE.home.id);
            says_only_what_is_theirs(&next, &signer);
        }
    }
}

/// What nobody may change for another adult, whatever else they may.
fn says_only_what_is_theirs(next: &Household, signer: &PersonId) {
    let before = &EXAMPLE.home;
    for person in before.people.iter().filter(|person| before.is_adult(&person.id, NOW)) {
        let of = |home: &Household| -> Vec<Consent> {
            home.consents.iter().filter(|c| c.person == person.id && c.stands()).cloned().collect()
        };
        let given = of(next).into_iter().filter(|consent| !of(before).contains(consent)).count();
        assert!(given == 0 || person.id == *signer, "{signer} agreed for {}", person.id);
        let agreed = before.consents.iter().any(|consent| consent.person == person.id);
        if agreed
            && person.id != *signer
            && let Ok(after) = next.person(&person.id)
        {
            assert_eq!(after.keys, person.keys, "{signer} put other keys in the place of {}'s", person.id);
        }
    }
    let owner = before.person(signer).is_ok_and(|person| person.owner);
    let owners =
        |home: &Household| home.people.iter().filter(|p| p.owner).map(|p| p.id.clone()).collect::<Vec<_>>();
    assert!(owner || owners(next) == owners(before), "{signer} is no owner and made one");
}

/// Every question that the hub asks of a household.
fn decides(home: &Household) {
    let _ = (
        home.policy(NOW, Language::German),
        home.known_words(),
        home.day(Timestamp::MIN),
        home.day(Timestamp::MAX),
    );
    let earliest = Timestamp::MIN;
    for person in &home.people {
        let _ = (home.age(&person.id, NOW), home.age(&person.id, earliest), home.viewer(&person.id, NOW));
        for device in &home.devices {
            let speaker = home.speaker(Some(&person.id), Some(&device.id), NOW);
            if let Speaker::Known(known) = &speaker {
                assert!(home.is_adult(known, NOW), "an unknown voice is a child's");
            }
            for kind in [Kind::Voice, Kind::Video, Kind::Timer, Kind::Look] {
                for at in [NOW, Timestamp::MAX] {
                    let capture =
                        Capture { kind, speaker: &speaker, device: Some(&device.id), at, as_of: NOW };
                    if let Some(permit) = home.permit(&capture) {
                        let _ = home.audience_for(kind, permit.owner(), NOW);
                    }
                }
            }
        }
    }
}

fn document_seeds() -> Vec<Vec<u8>> {
    let Example { home, .. } = &*EXAMPLE;
    let with = |change: &dyn Fn(&mut Document)| {
        let mut document = home.to_document();
        change(&mut document);
        serde_json::to_vec(&document).expect("it can be written")
    };
    let circle = porchlight_household::Circle {
        name: CircleName::Adults,
        recipient: Some(EXAMPLE.anna.public().recipient),
        wrapped: [(id("anna"), "YWdl".to_owned())].into(),
    };
    vec![
        with(&|_| {}),
        with(&|document| document.version = 2),
        with(&|document| {
            document.version = 2;
            document.consents[0].withdrawn = Some(NOW);
            document.people[1].owner = true;
            document.circles.push(circle.clone());
        }),
        with(&|document| {
            document.version = 2;
            let tom = Consent { person: id("tom"), by: id("tom"), ..document.consents[0].clone() };
            document.consents.push(tom);
        }),
    ]
}

/// A signed document as bytes: whatever verifies was signed with one of the two keys.
fn signed(bytes: &[u8]) {
    let Ok(document) = SignedDocument::from_bytes(bytes) else { return };
    let written = document.to_bytes().expect("it can be written");
    assert_eq!(SignedDocument::from_bytes(&written).expect("what was written is read"), document);
    let Example { home, signed, .. } = &*EXAMPLE;
    let verified = [
        document.verify_seen(None, &[]),
        document.verify_seen(Some(signed), &[]),
        document.verify_first(NOW),
        document.verify_next(home, NOW),
    ];
    if verified.iter().any(Result::is_ok) {
        let genuine = signed_seeds();
        let same = |seed: &Vec<u8>| {
            SignedDocument::from_bytes(seed).is_ok_and(|seed| seed.document == document.document)
        };
        assert!(genuine.iter().any(same), "nobody signed this");
    }
}

fn signed_seeds() -> Vec<Vec<u8>> {
    let Example { home, tom, anna, signed } = &*EXAMPLE;
    let next = [(id("tom"), tom), (id("anna"), anna)];
    let next = next.map(|(signer, keys)| home.sign_next(&signer, keys).expect("it can be signed"));
    [signed].into_iter().chain(&next).map(|signed| signed.to_bytes().expect("it can be written")).collect()
}

/// What a strongbox keeps of a household: what its steps lead to is what somebody signed, step by step.
fn lineages(bytes: &[u8]) {
    let Ok(lineage) = Lineage::from_bytes(bytes) else { return };
    let written = lineage.to_bytes().expect("it can be written");
    assert_eq!(Lineage::from_bytes(&written).expect("what was written is read"), lineage);
    let steps = lineage.steps_after(1);
    if lineage.signed().verify_seen(Some(&EXAMPLE.signed), steps).is_ok_and(|home| home.version > 2) {
        let [_, genuine] = &lineages_of_example();
        assert_eq!(lineage.signed().document, genuine.signed().document, "nobody signed this");
    }
}

fn lineage_seeds() -> Vec<Vec<u8>> {
    let older = EXAMPLE.signed.to_bytes();
    let lineages = lineages_of_example();
    let newer = lineages.iter().map(Lineage::to_bytes);
    [older].into_iter().chain(newer).map(|bytes| bytes.expect("it can be written")).collect()
}

/// The example at its second version, by Anna, and at its third, by Tom.
fn lineages_of_example() -> [Lineage; 2] {
    let Example { anna, tom, home, signed } = &*EXAMPLE;
    let next = |lineage: &Lineage, home: &Household, signer: &str, keys: &MemberKeys| {
        let signed = home.sign_next(&id(signer), keys).expect("it can be signed");
        let step = SignedStep::sign(lineage.signed(), &signed, keys).expect("it can be signed");
        lineage.next(signed, step).expect("it follows")
    };
    let second = next(&Lineage::begin(signed.clone()), home, "anna", anna);
    let home = second.signed().household_already_verified().expect("it is a household");
    let third = next(&second, &home, "tom", tom);
    [second, third]
}

/// Words and names of the document, one of them for each line.
fn words(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let home = &EXAMPLE.home;
    for line in text.lines() {
        same_again::<PersonId>(line);
        same_again::<BirthMonth>(line);
        same_again::<CircleName>(line);
        same_again::<Keep>(line);
        same_again::<SignerKey>(line);
        same_again::<Purpose>(line);
        same_again::<Kind>(line);
        let _ = (home.person_named(line), home.device_named(line));
        if let Ok(agreement) = home.agreement(line) {
            let again: Agreement =
                home.agreement(&home.agreement_words(&agreement)).expect("it is read again");
            assert_eq!(again, agreement);
        }
    }
}

/// What is read of a word is written and read again as the same.
fn same_again<T: DeserializeOwned + Serialize + PartialEq>(word: &str) {
    let word = serde_json::Value::from(word);
    if let Ok(value) = serde_json::from_value::<T>(word.clone()) {
        let written = serde_json::to_value(&value).expect("it can be written");
        let again = serde_json::from_value::<T>(written).expect("what was written is read");
        assert!(again == value, "{word} is read as something else");
    }
}

fn word_seeds() -> Vec<Vec<u8>> {
    texts([
        "anna\n1984-03\nadults\nguardians:mia\n30 days\nforever\n1 day",
        "history\nsound:porch\nsecurity: porch \nvoice\ntranscript\nPORCH",
    ])
}
