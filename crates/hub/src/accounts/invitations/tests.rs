use std::sync::LazyLock;

use porchlight_household::member::RecoverySecret;
use porchlight_household::sign_in::opaque::{Record, Registration, Server};
use porchlight_household::sign_in::{AccountKeys, TotpSecret};
use porchlight_household::{MemberKeys, Person, PersonChange};

use super::*;

const BINDING: &str = "binding";
/// What every owner promises here.
static NONCE: LazyLock<Nonce> = LazyLock::new(|| Nonce::generate().unwrap());

fn at(seconds: u64) -> At {
    let now = Timestamp::from_second(1_800_000_000).unwrap() + Duration::from_secs(seconds);
    At { now, steady: Duration::from_secs(seconds) }
}

fn person(name: &str) -> PersonId {
    name.parse().unwrap()
}

fn shown(by: &str, name: &str) -> OpenedInvitation {
    OpenedInvitation {
        person: name.to_owned(),
        name: name.to_owned(),
        household: "home".to_owned(),
        household_name: None,
        by: by.to_owned(),
        by_signer: MemberKeys::generate().unwrap().public().signer,
        commitment: NONCE.commitment(),
        greeting: "greeting".to_owned(),
        until: Timestamp::UNIX_EPOCH,
        language: "en".to_owned(),
        time_zone: "UTC".to_owned(),
    }
}

fn add(table: &mut Table, handle: &str, by: &str, name: &str, now: At) -> Option<InvitationView> {
    table.tidy(now);
    table.add(handle.to_owned(), (&person(by), &person(name)), shown(by, name), now)
}

fn answered(name: &str, binding: &str) -> Answered {
    let (registration, request) = Registration::start("a passphrase of some length").unwrap();
    let response = Server::generate().register(name, &request).unwrap();
    let keys = MemberKeys::generate().unwrap();
    let recovery = RecoverySecret::generate().unwrap().public().unwrap();
    let account = Account {
        person: person(name),
        record: Record::from_text(&registration.finish(&response).unwrap().record).unwrap(),
        totp: TotpSecret::generate().unwrap(),
        wrapped_identity: Vec::new(),
        keys: Some(AccountKeys { account: keys.account_key(), recovery }),
    };
    Answered { keys: keys.public(), account, hash: "hash".to_owned(), binding: binding.to_owned() }
}

/// An answer that the owner's client has taken, so that they can be let in.
fn taken(table: &mut Table, handle: &str, by: &str, name: &str) {
    table.answer(handle, answered(name, BINDING)).unwrap();
    assert_eq!(table.give_nonce(&person(by), &person(name), NONCE.text()), Ok(()));
}

/// What has become of the answer.
fn state(table: &mut Table, handle: &str) -> AnswerState {
    table.waited(handle, BINDING).ok().unwrap().state
}

fn waits_for(table: &mut Table, handle: &str) -> oneshot::Receiver<()> {
    match table.wait(handle, BINDING, true) {
        Ok(Waits::Until(woken)) => woken,
        _ => panic!("it waits"),
    }
}

fn states(table: &Table, by: &str) -> Vec<(String, InvitationState)> {
    table.of(&person(by)).into_iter().map(|view| (view.person, view.state)).collect()
}

fn by(name: &str) -> String {
    name.to_owned()
}

#[test]
fn an_invitation_is_let_in_by_once_and_says_how_far_it_is() {
    let mut table = Table::default();
    let view = add(&mut table, "h", "anna", "tom", at(0)).unwrap();
    assert_eq!((view.state, view.until), (InvitationState::Waiting, at(900).now));
    assert_eq!(table.take_told(), [(person("anna"), person("tom"))]);
    assert_eq!(table.open("h").unwrap().name, "tom");
    assert_eq!(table.take_told().len(), 1);
    assert!(table.open("h").is_ok() && table.take_told().is_empty(), "a page may be loaded again");
    assert_eq!(states(&table, "anna"), [("tom".to_owned(), InvitationState::Opened)]);
    assert!(states(&table, "ben").is_empty(), "another's is nobody's business");

    assert_eq!(table.answering("h", BINDING), Ok(person("tom")));
    table.answer("h", answered("tom", BINDING)).unwrap();
    assert_eq!(table.take_told().len(), 1);
    // The first counts. Whoever sent it may send it again, and whoever comes second is told.
    assert_eq!(table.answering("h", BINDING), Ok(person("tom")));
    assert_eq!(table.answer("h", answered("tom", BINDING)), Ok(()));
    let used = Refused::Used { by: by("anna") };
    for second in [
        table.answer("h", answered("tom", "other")).err(),
        table.open("h").err(),
        table.register("h").err(),
        table.answering("h", "other").err(),
        table.wait("h", "other", false).err(),
    ] {
        assert_eq!(second, Some(used.clone()));
    }
    let view = table.of(&person("anna")).remove(0);
    let answer = view.answer.unwrap();
    assert_eq!((view.state, answer.account.as_str()), (InvitationState::Answered, "hash"));

    assert_eq!(table.give_nonce(&person("anna"), &person("tom"), NONCE.text()), Ok(()));
    assert!(table.begin_to_let_in(&person("anna"), &person("tom"), "other").is_none());
    assert!(table.begin_to_let_in(&person("ben"), &person("tom"), BINDING).is_none(), "another owner's");
    assert!(table.begin_to_let_in(&person("anna"), &person("ben"), BINDING).is_none());
    assert!(table.begin_to_let_in(&person("anna"), &person("tom"), BINDING).is_some());
    table.let_in(&person("tom"), at(60));
    assert!(states(&table, "anna").is_empty());
    assert!(table.begin_to_let_in(&person("anna"), &person("tom"), BINDING).is_none(), "once");
    assert!(matches!(table.wait("h", BINDING, true), Ok(Waits::Now(_))));
    assert_eq!(state(&mut table, "h"), AnswerState::LetIn);
    assert_eq!(table.open("h").err(), Some(used));
}

#[test]
fn each_end_has_its_own_word_and_is_remembered_for_a_day() {
    let mut table = Table::default();
    for (handle, name) in [("late", "tom"), ("ended", "ben"), ("stopped", "mia")] {
        add(&mut table, handle, "anna", name, at(0)).unwrap();
    }
    assert_eq!(table.next_end(), Some(LASTS));
    table.answer("stopped", answered("mia", BINDING)).unwrap();
    table.stop_by_newcomer("stopped", at(10)).unwrap();
    assert!(table.stop_by_owner(&person("anna"), &person("ben"), at(10)));
    assert!(!table.stop_by_owner(&person("eve"), &person("tom"), at(10)), "another's");
    table.tidy(at(899));
    table.take_told();
    assert!(table.open("late").is_ok());
    table.tidy(at(900));
    assert_eq!(table.take_told().last(), Some(&(person("anna"), person("tom"))));
    assert_eq!(table.next_end(), None);
    let ended = Refused::Ended { by: by("anna"), at: at(900).now };
    let stopped = Refused::Stopped { by: by("anna") };
    assert_eq!(table.open("late").err(), Some(ended.clone()));
    assert_eq!(table.answer("late", answered("tom", BINDING)), Err(ended));
    assert_eq!(table.open("ended").err(), Some(stopped.clone()));
    assert_eq!(table.open("stopped").err(), Some(stopped));
    assert!(matches!(table.wait("stopped", BINDING, false), Ok(Waits::Now(_))));
    assert_eq!(state(&mut table, "stopped"), AnswerState::Stopped);
    assert_eq!(
        table.give_nonce(&person("anna"), &person("mia"), NONCE.text()),
        Err(NotTaken::NotYours),
        "it is over"
    );
    assert_eq!(table.stop_by_newcomer("stopped", at(901)), Ok(()));
    // What the owner ended they know; what the newcomer did, and time, they are shown.
    let shown = [("tom".to_owned(), InvitationState::Ended), ("mia".to_owned(), InvitationState::Stopped)];
    assert_eq!(states(&table, "anna"), shown);

    table.tidy(at(900 + 24 * 60 * 60));
    for handle in ["late", "ended", "stopped", "never", ""] {
        assert_eq!(table.open(handle).err(), Some(Refused::Unknown), "{handle}");
    }
}

#[test]
fn a_new_one_takes_the_place_of_the_one_before_whoever_made_it() {
    let mut table = Table::default();
    add(&mut table, "first", "anna", "tom", at(0)).unwrap();
    table.answer("first", answered("tom", BINDING)).unwrap();
    let mut woken = waits_for(&mut table, "first");
    table.take_told();
    add(&mut table, "second", "ben", "tom", at(1)).unwrap();
    assert_eq!(table.take_told(), [(person("anna"), person("tom")), (person("ben"), person("tom"))]);
    assert!(woken.try_recv().is_err(), "who waited is told to look");
    assert_eq!(table.open("first").err(), Some(Refused::Unknown));
    assert!(table.begin_to_let_in(&person("anna"), &person("tom"), BINDING).is_none());
    assert!(states(&table, "anna").is_empty() && states(&table, "ben").len() == 1);
    assert!(add(&mut table, "second", "ben", "mia", at(1)).is_none(), "a handle is one invitation's");
}

#[test]
fn few_live_few_are_remembered_and_few_passphrases_are_begun() {
    let mut table = Table::default();
    for n in 0..MOST {
        assert!(add(&mut table, &format!("h{n}"), "anna", &format!("p{n}"), at(0)).is_some());
    }
    assert!(add(&mut table, "more", "ben", "more", at(0)).is_none());
    assert!(add(&mut table, "again", "anna", "p3", at(0)).is_some(), "in the place of its own");
    for _ in 0..REGISTRATIONS {
        table.register("h0").unwrap();
    }
    assert_eq!(table.register("h0"), Err(Refused::TooOften { by: by("anna") }));
    assert!(table.open("h0").is_ok());
    for n in 0..1000 {
        let handle = format!("again{n}");
        add(&mut table, &handle, "anna", "p3", at(1)).unwrap();
        table.stop_by_newcomer(&handle, at(1)).unwrap();
        table.tidy(at(1));
    }
    assert!(table.held.len() <= MOST + MOST_OVER);
    assert_eq!(table.open("again1").err(), Some(Refused::Unknown));
    assert!(matches!(table.open("again999").err(), Some(Refused::Stopped { .. })));
    // Wrong handles leave nothing behind.
    let before = table.held.len();
    for n in 0..10_000 {
        assert_eq!(table.open(&format!("wrong{n}")).err(), Some(Refused::Unknown));
    }
    assert_eq!(table.held.len(), before);
}

#[test]
fn one_waits_at_a_time_and_is_woken_when_it_is_decided() {
    let mut table = Table::default();
    add(&mut table, "h", "anna", "tom", at(0)).unwrap();
    assert!(matches!(table.wait("h", BINDING, false), Err(Refused::Used { .. })), "before any answer");
    taken(&mut table, "h", "anna", "tom");
    let mut first = waits_for(&mut table, "h");
    let mut second = waits_for(&mut table, "h");
    assert!(table.begin_to_let_in(&person("anna"), &person("tom"), BINDING).is_some());
    assert_eq!(first.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    assert_eq!(second.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    table.let_in(&person("tom"), at(5));
    assert_eq!(second.try_recv(), Ok(()));
    assert_eq!(state(&mut table, "h"), AnswerState::LetIn);
}

#[test]
fn a_nonce_is_given_by_the_owner_for_an_answer_and_handed_to_whoever_gave_that() {
    let mut table = Table::default();
    add(&mut table, "h", "anna", "tom", at(0)).unwrap();
    let (anna, tom, other) = (person("anna"), person("tom"), Nonce::generate().unwrap());
    assert_eq!(table.give_nonce(&anna, &tom, NONCE.text()), Err(NotTaken::Unanswered), "nobody has come");
    table.open("h").unwrap();
    assert_eq!(table.give_nonce(&anna, &tom, NONCE.text()), Err(NotTaken::Unanswered));
    table.answer("h", answered("tom", BINDING)).unwrap();
    let Ok(Waits::Until(mut woken)) = table.wait("h", BINDING, false) else { panic!("it waits") };
    for (by, whom, nonce, why) in [
        ("ben", "tom", NONCE.text(), NotTaken::NotYours),
        ("anna", "ben", NONCE.text(), NotTaken::NotYours),
        ("anna", "tom", other.text(), NotTaken::Another),
        ("anna", "tom", "", NotTaken::Another),
    ] {
        assert_eq!(table.give_nonce(&person(by), &person(whom), nonce), Err(why), "{by} {whom}");
    }
    assert!(table.begin_to_let_in(&anna, &tom, BINDING).is_none(), "there are no numbers to compare");
    assert_eq!(woken.try_recv(), Err(oneshot::error::TryRecvError::Empty));

    assert_eq!(table.give_nonce(&anna, &tom, NONCE.text()), Ok(()));
    assert_eq!(woken.try_recv(), Ok(()));
    let Ok(Waits::Now(waited)) = table.wait("h", BINDING, false) else { panic!("it is there") };
    assert_eq!((waited.state, waited.nonce.as_deref()), (AnswerState::Answered, Some(NONCE.text())));
    assert!(matches!(table.wait("h", "other", false), Err(Refused::Used { .. })), "nobody else is told");
    // Who has it waits for what is decided; given again it is the same, and no news.
    let mut woken = waits_for(&mut table, "h");
    assert_eq!(table.give_nonce(&anna, &tom, NONCE.text()), Ok(()));
    assert_eq!(woken.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    assert!(table.begin_to_let_in(&anna, &tom, BINDING).is_some());
    table.let_in(&tom, at(5));
    assert_eq!(woken.try_recv(), Ok(()));
    // Whoever slept until then is told as well.
    let waited = table.waited("h", BINDING).ok().unwrap();
    assert_eq!((waited.state, waited.nonce.as_deref()), (AnswerState::LetIn, Some(NONCE.text())));
}

#[test]
fn what_is_said_while_somebody_is_being_let_in_counts_only_if_they_are_not() {
    for let_in in [true, false] {
        let mut table = Table::default();
        for (handle, name) in [("h", "tom"), ("i", "ben")] {
            add(&mut table, handle, "anna", name, at(0)).unwrap();
            taken(&mut table, handle, "anna", name);
            assert!(table.begin_to_let_in(&person("anna"), &person(name), BINDING).is_some());
            assert!(
                table.begin_to_let_in(&person("anna"), &person(name), BINDING).is_none(),
                "once at a time"
            );
        }
        let mut woken = waits_for(&mut table, "h");
        assert!(!table.stop_by_owner(&person("anna"), &person("tom"), at(1)), "that it ends is not so yet");
        table.stop_by_newcomer("h", at(1)).unwrap();
        table.tidy(at(900));
        assert_eq!(woken.try_recv(), Err(oneshot::error::TryRecvError::Empty), "it is not decided");
        assert_eq!(state(&mut table, "i"), AnswerState::Answered, "nor by the clock");
        assert_eq!(table.next_end(), None, "which is not asked again before it is");
        table.take_told();
        for name in ["tom", "ben"] {
            match let_in {
                true => table.let_in(&person(name), at(901)),
                false => table.not_let_in(&person(name), at(901)),
            }
        }
        assert_eq!(table.take_told().len(), 2);
        assert_eq!(woken.try_recv(), Ok(()));
        table.tidy(at(901));
        let came_to = ["h", "i"].map(|handle| state(&mut table, handle));
        let expected = match let_in {
            true => [AnswerState::LetIn, AnswerState::LetIn],
            false => [AnswerState::Stopped, AnswerState::Ended],
        };
        assert_eq!(came_to, expected);
    }
}

#[test]
fn the_same_twice_is_one_and_of_each_person_the_newest_alone_is_shown() {
    let mut table = Table::default();
    let first = add(&mut table, "h", "anna", "tom", at(0)).unwrap();
    let again = add(&mut table, "h", "anna", "tom", at(1)).expect("somebody did not know that it arrived");
    assert_eq!((again.until, again.handle, table.of(&person("anna")).len()), (first.until, "h".into(), 1));
    assert!(add(&mut table, "h", "anna", "ben", at(1)).is_none(), "it is another's");
    table.answer("h", answered("tom", BINDING)).unwrap();
    table.stop_by_newcomer("h", at(2)).unwrap();
    assert!(add(&mut table, "h", "anna", "tom", at(2)).is_none(), "it is over");
    assert_eq!(states(&table, "anna").len(), 1);
    add(&mut table, "i", "anna", "tom", at(3)).unwrap();
    taken(&mut table, "i", "anna", "tom");
    table.begin_to_let_in(&person("anna"), &person("tom"), BINDING).unwrap();
    table.let_in(&person("tom"), at(4));
    assert!(states(&table, "anna").is_empty(), "who is in did not stop");
}

#[test]
fn whoever_leaves_or_no_longer_owns_ends_what_leads_nowhere() {
    let (keys, now) = (MemberKeys::generate().unwrap(), at(0).now);
    let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
    let (mut home, _) = Household::first(None, "UTC", "en", anna, &keys, now).unwrap();
    let mut ids = vec![home.people[0].id.clone()];
    for name in ["Tom", "Ben", "Eve"] {
        let mut new = Person::new(name, "1990-01".parse().unwrap()).unwrap();
        if name == "Eve" {
            new.keys = Some(MemberKeys::generate().unwrap().public());
        }
        ids.push(new.id.clone());
        home.add_person(new, now).unwrap();
    }
    let [anna, tom, ben, eve] = [0, 1, 2, 3].map(|at| ids[at].clone());
    let mut table = Table::default();
    for (handle, by, person) in [("tom", &anna, &tom), ("ben", &eve, &ben)] {
        table.add(handle.to_owned(), (by, person), shown("Anna", "x"), at(0)).unwrap();
    }
    table.answer("tom", answered("tom", BINDING)).unwrap();
    table.follow(&home, at(1));
    assert!(table.open("ben").is_err(), "Eve owns nothing");
    assert_eq!(state(&mut table, "tom"), AnswerState::Answered);
    let grown = home.clone();
    let guardians = Some(vec![anna.clone()]);
    let at_eight =
        PersonChange { born: Some("2019-01".parse().unwrap()), guardians, ..PersonChange::default() };
    home.change_person(&tom, at_eight, now).unwrap();
    let mut young = Table::default();
    young.add("tom".to_owned(), (&anna, &tom), shown("Anna", "x"), at(0)).unwrap();
    young.follow(&home, at(1));
    assert!(young.open("tom").is_err(), "a child does not come in");
    home = grown;
    home.remove_person(&tom, now).unwrap();
    table.follow(&home, at(2));
    assert_eq!(state(&mut table, "tom"), AnswerState::Stopped);
    assert!(table.begin_to_let_in(&anna, &tom, BINDING).is_none());
}
