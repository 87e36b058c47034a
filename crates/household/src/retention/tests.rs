use proptest::prelude::*;

use super::*;
use crate::document::MOST_DAYS;
use crate::example::{Example, NOW, at};
use crate::{Error, Rule};

fn spoken(e: &Example, person: &PersonId, kind: Kind) -> Option<Permit> {
    spoken_at(e, person, kind, NOW)
}

fn spoken_at(e: &Example, person: &PersonId, kind: Kind, at: Timestamp) -> Option<Permit> {
    let speaker = Speaker::Known(person.clone());
    e.home.permit(&Capture { kind, speaker: &speaker, device: None, at, as_of: at })
}

fn days(permit: &Permit) -> Keep {
    permit.keep()
}

const SAID: [Kind; 4] = [Kind::Voice, Kind::Transcript, Kind::Reply, Kind::Location];

#[test]
fn nothing_that_was_said_is_kept_without_consent() {
    let mut e = Example::new();
    for kind in SAID.into_iter().chain([Kind::Voiceprint]) {
        assert_eq!(spoken(&e, &e.tom, kind), None);
    }
    e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
    for kind in SAID {
        let permit = spoken(&e, &e.tom, kind).unwrap();
        assert_eq!(permit.owner(), &Whose::Person(e.tom.clone()));
        assert_eq!((permit.purpose(), permit.keep()), (Purpose::History, Keep::Days(30)));
        assert_eq!(spoken(&e, &e.anna, kind), None);
    }
    assert_eq!(spoken(&e, &e.tom, Kind::Voiceprint), None);
}

#[test]
fn an_unknown_voice_is_never_kept() {
    let mut e = Example::new();
    for person in [e.anna.clone(), e.tom.clone()] {
        e.home.grant(&person, &person, &Purpose::History.into(), NOW).unwrap();
        e.home.grant(&person, &person, &Purpose::Recognition.into(), NOW).unwrap();
    }
    e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
    for kind in SAID.into_iter().chain([Kind::Voiceprint]) {
        for device in [None, Some(&e.kitchen), Some(&e.toms_phone), Some(&e.porch)] {
            let capture = Capture { kind, speaker: &Speaker::Unknown, device, at: NOW, as_of: NOW };
            assert_eq!(e.home.permit(&capture), None);
        }
    }
}

#[test]
fn a_camera_keeps_by_an_adults_consent_to_it() {
    let mut e = Example::new();
    let seen = |e: &Example, device: Option<&DeviceId>| {
        e.home.permit(&Capture { kind: Kind::Video, speaker: &Speaker::Unknown, device, at: NOW, as_of: NOW })
    };
    let permit = seen(&e, Some(&e.porch)).unwrap();
    assert_eq!((permit.owner(), permit.purpose()), (&Whose::Household, Purpose::Security));
    assert_eq!(permit.keep(), Keep::Days(7));
    assert_eq!(seen(&e, None), None);
    assert_eq!(seen(&e, Some(&e.kitchen)), None); // a microphone has no pictures
    let gone = "gone".parse().unwrap();
    assert_eq!(seen(&e, Some(&gone)), None);
    let security = e.home.agreement("security:Porch").unwrap();
    e.home.withdraw(&e.anna, &e.anna, &security, NOW).unwrap();
    assert_eq!(seen(&e, Some(&e.porch)), None);
}

#[test]
fn effects_and_looks_need_no_consent_and_have_their_ends() {
    let mut e = Example::new();
    let of = |e: &Example, kind| {
        e.home
            .permit(&Capture {
                kind,
                speaker: &Speaker::Unknown,
                device: Some(&e.kitchen),
                at: NOW,
                as_of: NOW,
            })
            .unwrap()
    };
    assert_eq!(days(&of(&e, Kind::Timer)), Keep::Days(1));
    assert_eq!(of(&e, Kind::Timer).ends(), Ends::At(at("2026-11-24T12:00:00Z")));
    assert_eq!(of(&e, Kind::Reminder).ends(), Ends::At(at("2026-11-24T12:00:00Z")));
    assert_eq!(days(&of(&e, Kind::Note)), Keep::Days(90));
    assert_eq!(days(&of(&e, Kind::Look)), Keep::Days(400));
    // A rule for everything shortens effects, never lengthens them, and leaves looks alone.
    for (rule, note) in [(1000, 90), (5, 5)] {
        e.home
            .set_rule(Rule { kind: None, device: None, person: None, keep: Keep::Days(rule) }, NOW)
            .unwrap();
        assert_eq!(days(&of(&e, Kind::Note)), Keep::Days(note));
        assert_eq!(days(&of(&e, Kind::Timer)), Keep::Days(1));
        assert_eq!(days(&of(&e, Kind::Look)), Keep::Days(400));
    }
}

#[test]
fn a_day_is_the_households_own() {
    let mut e = Example::new(); // New York: the clocks go forward on 14 March 2027
    e.home.set_rule(Rule::for_kind(Kind::Video, Keep::Days(1)), NOW).unwrap();
    let before = at("2027-03-13T17:00:00Z"); // noon
    let capture = Capture {
        kind: Kind::Video,
        speaker: &Speaker::Unknown,
        device: Some(&e.porch),
        at: before,
        as_of: before,
    };
    let permit = e.home.permit(&capture).unwrap();
    assert_eq!(permit.ends(), Ends::At(at("2027-03-14T16:00:00Z"))); // noon again, 23 hours later
}

#[test]
fn the_shortest_rule_wins() {
    let mut e = Example::new();
    e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
    let rule =
        |kind, person: Option<&PersonId>, keep| Rule { kind, device: None, person: person.cloned(), keep };
    e.home.set_rule(rule(Some(Kind::Voice), None, Keep::Days(60)), NOW).unwrap();
    assert_eq!(days(&spoken(&e, &e.tom, Kind::Voice).unwrap()), Keep::Days(60));
    e.home.set_rule(rule(None, Some(&e.tom), Keep::Days(10)), NOW).unwrap();
    assert_eq!(days(&spoken(&e, &e.tom, Kind::Voice).unwrap()), Keep::Days(10));
    e.home.set_rule(rule(Some(Kind::Voice), Some(&e.tom), Keep::Forever), NOW).unwrap();
    assert_eq!(days(&spoken(&e, &e.tom, Kind::Voice).unwrap()), Keep::Days(10));
    let gone = rule(None, Some(&e.tom), Keep::Days(1));
    assert!(e.home.drop_rule(&gone, NOW).unwrap() && !e.home.drop_rule(&gone, NOW).unwrap());
    assert_eq!(days(&spoken(&e, &e.tom, Kind::Voice).unwrap()), Keep::Days(60));
}

#[test]
fn forever_is_an_adults_choice_for_their_own() {
    let mut e = Example::new();
    e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
    let forever = |kind, person: Option<&PersonId>| Rule {
        kind,
        device: None,
        person: person.cloned(),
        keep: Keep::Forever,
    };
    let (tom, mia, leo) = (e.tom.clone(), e.mia.clone(), e.leo.clone());
    for refused in [
        forever(None, None),
        forever(Some(Kind::Voice), None),
        forever(Some(Kind::Video), Some(&tom)),
        forever(None, Some(&mia)),
        forever(None, Some(&leo)),
    ] {
        assert_eq!(e.home.set_rule(refused.clone(), NOW), Err(Error::NotForever), "{refused:?}");
    }
    for kind in [Kind::Note, Kind::Timer, Kind::Reminder, Kind::Look] {
        assert!(matches!(
            e.home.set_rule(forever(Some(kind), Some(&tom)), NOW),
            Err(Error::TooLongForKind { .. })
        ));
    }
    e.home.set_rule(forever(None, Some(&tom)), NOW).unwrap();
    assert_eq!(spoken(&e, &e.tom, Kind::Voice).unwrap().ends(), Ends::Never);
    // It does not reach what is the household's, whoever asked for it.
    assert_eq!(days(&spoken(&e, &e.tom, Kind::Note).unwrap()), Keep::Days(90));
}

#[test]
fn a_childs_is_never_kept_over_eighteen_months() {
    let mut e = Example::new();
    e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
    let of_mia =
        |days| Rule { kind: None, device: None, person: Some(e.mia.clone()), keep: Keep::Days(days) };
    assert_eq!(
        e.home.clone().set_rule(of_mia(547), NOW),
        Err(Error::TooLongForChild { person: "Mia".into(), most: 546 })
    );
    e.home.set_rule(of_mia(546), NOW).unwrap();
    e.home.drop_rule(&of_mia(1), NOW).unwrap();
    // A rule that does not name her reaches her shortened.
    e.home.set_rule(Rule::for_kind(Kind::Voice, Keep::Days(3650)), NOW).unwrap();
    assert_eq!(days(&spoken(&e, &e.mia, Kind::Voice).unwrap()), Keep::Days(546));
}

#[test]
fn lengths_are_read_as_written() {
    for keep in [Keep::Days(1), Keep::Days(30), Keep::Days(MOST_DAYS), Keep::Forever] {
        assert_eq!(keep.to_string().parse::<Keep>().unwrap(), keep);
    }
    for text in ["", "0 days", "36501 days", "-1 days", "30", "30 weeks", "Forever", "99999999999 days"] {
        assert!(text.parse::<Keep>().is_err(), "{text:?}");
    }
}

fn any_rules() -> impl Strategy<Value = Vec<(Option<usize>, usize, Option<u32>)>> {
    // A kind or all, everybody or one of three people, days or forever.
    prop::collection::vec(
        (prop::option::of(0..Kind::ALL.len()), 0..4usize, prop::option::of(1..MOST_DAYS)),
        0..6,
    )
}

#[test]
fn longer_is_what_any_of_it_is_kept_for() {
    let mut e = Example::new();
    let longer = |e: &Example, edit: &dyn Fn(&mut Household)| {
        let mut home = e.home.clone();
        edit(&mut home);
        home.keeps_longer_than(&e.home)
    };
    let rule = |kind, keep| Rule::for_kind(kind, Keep::Days(keep));
    assert!(longer(&e, &|home| home.set_rule(rule(Kind::Video, 8), NOW).unwrap()));
    assert!(!longer(&e, &|home| home.set_rule(rule(Kind::Video, 6), NOW).unwrap()));
    // Of those that fit the shortest wins, so that one that goes may lengthen.
    let porch = Rule { device: Some(e.porch.clone()), ..rule(Kind::Video, 20) };
    e.home.set_rule(porch.clone(), NOW).unwrap();
    e.home.set_rule(rule(Kind::Video, 10), NOW).unwrap();
    assert!(longer(&e, &|home| assert!(home.drop_rule(&rule(Kind::Video, 1), NOW).unwrap())));
    assert!(!longer(&e, &|home| assert!(home.drop_rule(&porch, NOW).unwrap())));
    // What takes a day off one thing and gives it to another is longer.
    let both = |home: &mut Household| {
        home.set_rule(rule(Kind::Video, 9), NOW).unwrap();
        home.set_rule(rule(Kind::Voice, 31), NOW).unwrap();
    };
    assert!(longer(&e, &both));
    let forever = Rule { person: Some(e.tom.clone()), ..Rule::for_kind(Kind::Voice, Keep::Forever) };
    assert!(longer(&e, &|home| home.set_rule(forever.clone(), NOW).unwrap()));
    // A rule about a person says nothing of what is everybody's.
    let of_tom = Rule { kind: None, person: Some(e.tom.clone()), ..rule(Kind::Voice, 10) };
    assert!(!longer(&e, &|home| home.set_rule(of_tom.clone(), NOW).unwrap()));
    // More rules than a family has are not weighed.
    let mut many = e.home.to_document();
    let kinds = [Kind::Voice, Kind::Transcript, Kind::Reply, Kind::Location];
    for (kind, keep) in kinds.into_iter().flat_map(|kind| (1..=10).map(move |keep| (kind, keep))) {
        let people = e.home.people.iter().map(|person| Some(person.id.clone()));
        many.retention.rules.extend(people.map(|person| Rule { person, ..rule(kind, keep) }));
    }
    let many = Household::from_document(many).unwrap();
    assert!(many.keeps_longer_than(&e.home), "whatever they say");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever rules a household manages to set, no permit comes without consent, no child's is over the bound, and
    /// nothing is forever but an adult's own.
    #[test]
    fn no_rules_break_the_bounds(rules in any_rules(), granted in any::<[bool; 3]>(), hours in 0i64..50_000) {
        let mut e = Example::new();
        let people = [e.tom.clone(), e.mia.clone(), e.leo.clone()];
        let guardian = [e.tom.clone(), e.anna.clone(), e.anna.clone()];
        for i in 0..3 {
            if granted[i] {
                e.home.grant(&guardian[i], &people[i], &Purpose::History.into(), NOW).unwrap();
            }
        }
        for (kind, person, keep) in rules {
            let rule = Rule {
                kind: kind.map(|k| Kind::ALL[k]),
                device: None,
                person: people.get(person).cloned(),
                keep: keep.map_or(Keep::Forever, Keep::Days),
            };
            let _ = e.home.set_rule(rule, NOW); // refused or not
        }
        let later = NOW + jiff::SignedDuration::from_hours(hours);
        for (i, person) in people.iter().enumerate() {
            for kind in Kind::ALL {
                let Some(permit) = spoken_at(&e, person, kind, later) else { continue };
                let adult = e.home.is_adult(person, later);
                let own = *permit.owner() == Whose::Person(person.clone());
                prop_assert!(permit.purpose() != Purpose::History || granted[i]);
                prop_assert!(permit.purpose() != Purpose::Recognition);
                match permit.ends() {
                    Ends::Never => prop_assert!(own && adult),
                    Ends::At(end) => {
                        prop_assert!(end > later);
                        let bounded = own && !adult && kind != Kind::Look;
                        let limit = e.home.day(later).checked_add(Span::new().months(18)).unwrap();
                        prop_assert!(!bounded || e.home.day(end) <= limit);
                    }
                }
            }
        }
    }
}
