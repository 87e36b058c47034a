//! Letting somebody in: an owner hands over a code, the newcomer makes what is theirs on a computer of their own, and neither has to
//! believe the hub between them.

use std::fs;
use std::time::Instant;

use jiff::Timestamp;
use porchlight_household::invitation::{Code, Greeting, Newcomer, Nonce, Secrets, account_hash};
use porchlight_household::{Household, Person, PersonId, PublicKeys, SignedDocument, SignedStep};
use porchlight_tests::{Conversation, Home, LyingHub, Member, Page, Stranger, ids, mode, text, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Adds an adult who has no keys yet, as one does who makes a household.
fn add(home: &Home, name: &str) {
    home.anna(&["person", "add", name, "--born", "1984-03"]).one();
}

fn can_sign_in(home: &Home, name: &str) -> bool {
    let people = home.anna(&["person", "list"]).lines();
    people.iter().any(|person| text(person, "name") == name && person["can_sign_in"] == true)
}

/// Somebody who speaks to the hub for themself, with a code.
struct Raw {
    page: Page,
    secrets: Secrets,
    member: Member,
}

/// What they send.
struct Made {
    keys: PublicKeys,
    account: Value,
    greeting: String,
}

impl Raw {
    fn with(home: &Home, code: &str) -> Raw {
        let secrets = Code::read(code).unwrap().secrets().unwrap();
        Raw { page: Page::open(home), secrets, member: Member::new() }
    }

    fn post(&mut self, path: &str, mut body: Value) -> (u16, Value) {
        body["handle"] = json!(self.secrets.handle());
        self.page.post(&format!("/api/invitations/{path}"), &body)
    }

    /// Makes keys and an account as a newcomer does.
    fn make(&mut self, home: &Home, name: &str) -> Made {
        let (status, opened) = self.post("open", json!({}));
        assert_eq!((status, text(&opened, "name")), (200, name), "{opened}");
        home.new_passphrase(name);
        let passphrase = fs::read_to_string(home.passphrase(name)).unwrap();
        let person: PersonId = text(&opened, "person").parse().unwrap();
        let (page, handle) = (&mut self.page, self.secrets.handle().to_owned());
        let (account, _) = self.member.account(home, (name, &person), passphrase.trim(), |request| {
            page.post("/api/invitations/register", &json!({ "handle": handle, "request": request })).1
        });
        Made { keys: self.member.keys.public(), account, greeting: text(&opened, "greeting").to_owned() }
    }

    /// Answers with this, bound by whoever has these secrets; the binding.
    fn answer(&mut self, made: &Made, by: &Secrets) -> (u16, Value, String) {
        let binding = by.binding(&Newcomer {
            greeting: &made.greeting,
            keys: &made.keys,
            account: &hash(&made.account),
        });
        let body = json!({ "keys": made.keys, "account": made.account, "binding": binding });
        let (status, said) = self.post("answer", body);
        (status, said, binding)
    }
}

fn hash(account: &Value) -> String {
    let parts = ["record", "totp_secret", "wrapped", "account_key", "vouched", "recovery_key", "signature"];
    account_hash(parts.map(|part| text(account, part)))
}

/// The next version of the household as Anna's keys sign it, with what goes along, and the hub's word for a proof.
fn change(home: &Home, page: &mut Page, edit: impl FnOnce(&mut Household), along: &Value) -> (u16, Value) {
    let anna = Member::of_kit(home, "Anna");
    let before: SignedDocument = serde_json::from_value(page.get("/api/household").1).unwrap();
    let mut next = before.verify_seen(None, &[]).unwrap();
    let me = next.person_named("Anna").unwrap().id.clone();
    edit(&mut next);
    next.tend_circles(&me, &anna.keys, Timestamp::now()).unwrap();
    let signed = next.sign_next(&me, &anna.keys).unwrap();
    let step = SignedStep::sign(&before, &signed, &anna.keys).unwrap();
    let proof = page.prove_alone(home, "Anna", "household").1["proof"].clone();
    let mut change = json!({ "signed": signed, "step": step, "proof": proof });
    for (name, value) in along.as_object().unwrap() {
        change[name] = value.clone();
    }
    page.ask("PUT", "/api/household", Some(&change))
}

fn set_keys(name: &str, keys: PublicKeys) -> impl FnOnce(&mut Household) {
    move |home| {
        let id = home.person_named(name).unwrap().id.clone();
        home.set_keys(&id, keys, Timestamp::now()).unwrap();
    }
}

fn id_of(page: &mut Page, name: &str) -> String {
    let document: SignedDocument = serde_json::from_value(page.get("/api/household").1).unwrap();
    document.verify_seen(None, &[]).unwrap().person_named(name).unwrap().id.to_string()
}

fn send_signal(conversation: &Conversation, signal: Signal) {
    // The program runs under another, which kills it if it hangs.
    let id = i32::try_from(conversation.id()).unwrap();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    for child in children.split_whitespace() {
        kill_process(Pid::from_raw(child.parse().unwrap()).unwrap(), signal).unwrap();
    }
}

#[test]
fn an_adult_named_at_set_up_and_a_teen_come_in_and_open_what_is_sealed_to_them() {
    let home = Home::quiet();
    add(&home, "Tom");
    assert!(!can_sign_in(&home, "Tom"));
    home.let_in("Tom");
    home.add_teen("Noah");
    for name in ["Tom", "Noah"] {
        assert!(can_sign_in(&home, name));
        assert_eq!((mode(&home.kit(name)), mode(&home.totp(name))), (0o600, 0o600));
    }
    // Tom opens his own words, and nobody else does.
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    let said = home.run_as("Tom", &["ask", "What is on the shopping list?"]).one();
    let id = ids(said["kept"].as_array().unwrap())[0].to_string();
    let out = home.file("opened");
    let open = ["open", &id, "--out", out.to_str().unwrap()];
    home.anna(&open).refused();
    home.run_as("Tom", &open).one();
    assert_eq!(fs::read(&out).unwrap(), b"What is on the shopping list?");
    // Noah opens the line that tells of him.
    let told = json!(home.run_as("Noah", &["ledger", "list", "--kind", "household"]).lines());
    assert!(told.to_string().contains("let-in"), "{told}");
    // They can get in anew, and it is in the ledger who let them in.
    home.sign_in("Tom").one();
    let told = home.words(&["ledger", "list", "--kind", "household"]);
    assert!(told.contains("let in Tom") && told.contains("let in Noah"), "{told}");

    // Who is in already is not asked in, nor is a child, nor does anybody ask but an owner.
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    for (by, name, why) in [
        ("Anna", "Tom", "can sign in already"),
        ("Anna", "Mia", "is a child"),
        ("Anna", "Eve", "nobody named Eve"),
        ("Tom", "Mia", "only an owner"),
    ] {
        let refused = home.run_as(by, &["person", "invite", name]).refused();
        assert!(refused.contains(why), "{by} {name}: {refused}");
    }
}

#[test]
fn a_code_lets_in_once_and_says_what_became_of_it() {
    let home = Home::quiet();
    add(&home, "Tom");
    let wrong = home.join("Tom", "AAAA-BBBB-CCCC").finish().refused();
    assert!(wrong.contains("nobody is invited with this code"), "{wrong}");
    let none = home.join("Tom", "AAAA-BBBB").finish().refused();
    assert!(none.contains("twelve letters"), "{none}");
    let unasked = home.join_with(home.address(), "Tom", &[]).finish().refused();
    assert!(unasked.contains("porchlight join -"), "{unasked}");
    assert!(!home.kit("Tom").exists() && !home.totp("Tom").exists());

    // Whoever comes second is told so. Here the newcomer says that the numbers differ.
    let mut inviting = home.invite("Anna", "Tom");
    let code = text(&inviting.line(), "code").to_owned();
    let words = code.to_lowercase();
    let words: Vec<_> = words.split('-').collect();
    let mut joining = home.join_with(home.address(), "Tom", &words);
    joining.line();
    inviting.line();
    let used = home.join("Eve", &code).finish().refused();
    assert!(used.contains("has been used; ask Anna"), "{used}");
    joining.says("n");
    let stopped = joining.finish();
    assert!(!stopped.succeeded() && stopped.messages.contains("nobody was let in"), "{stopped:?}");
    inviting.says("y");
    let late = inviting.finish();
    assert!(
        !late.succeeded() && late.messages.contains("is let in only with what they answered"),
        "{late:?}"
    );
    assert!(!home.kit("Tom").exists() && !home.totp("Tom").exists(), "what is of no use is not left there");

    // Here the owner says so.
    let mut inviting = home.invite("Anna", "Tom");
    let code = text(&inviting.line(), "code").to_owned();
    let mut joining = home.join("Tom", &code);
    joining.line();
    inviting.line();
    inviting.says("n");
    assert!(!inviting.finish().succeeded());
    let stopped = joining.finish();
    assert!(!stopped.succeeded() && stopped.messages.contains("was stopped"), "{stopped:?}");
    let again = home.join("Tom", &code).finish().refused();
    assert!(again.contains("was stopped") && again.contains("ask Anna"), "{again}");
    assert!(!can_sign_in(&home, "Tom"));

    // One who answered and is taken out of the household is not let in.
    let mut inviting = home.invite("Anna", "Tom");
    let mut joining = home.join("Tom", text(&inviting.line(), "code"));
    joining.line();
    inviting.line();
    home.anna(&["person", "remove", "Tom", "--yes"]).one();
    inviting.says("y");
    assert!(!inviting.finish().succeeded());
    let gone = joining.finish();
    assert!(!gone.succeeded() && gone.messages.contains("was stopped"), "{gone:?}");
    home.add_adult("Tom");

    // Of two owners' invitations the newer counts, and neither sees the other's.
    home.anna(&["person", "owner", "Tom"]).one();
    add(&home, "Ben");
    let mut toms = home.invite("Tom", "Ben");
    let before = text(&toms.line(), "code").to_owned();
    let mut annas = Page::open(&home);
    annas.sign_in(&home, "Anna");
    assert_eq!(annas.get("/api/invitations").1, json!([]));
    home.let_in("Ben");
    let replaced = toms.finish();
    assert!(
        !replaced.succeeded() && replaced.messages.contains("another one took its place"),
        "{replaced:?}"
    );
    let unknown = home.join("Eve", &before).finish().refused();
    assert!(unknown.contains("nobody is invited with this code"), "{unknown}");
}

#[test]
fn what_is_exchanged_on_the_way_is_found_by_the_other_client_and_lets_nobody_in() {
    let home = Home::quiet();
    add(&home, "Tom");
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let (tom, document) = (id_of(&mut page, "Tom"), page.get("/api/household").1);
    let household: SignedDocument = serde_json::from_value(document).unwrap();
    let household = household.verify_seen(None, &[]).unwrap();

    // A hub asks in somebody else's name: it knows no code, or the one of another invitation.
    let others = Code::generate().unwrap().secrets().unwrap();
    let signer = Member::of_kit(&home, "Anna").keys.public().signer;
    let eve = Member::new().keys.public().signer;
    let [commitment, another] = [(), ()].map(|()| Nonce::generate().unwrap().commitment());
    let asking = Greeting {
        household: household.id.as_str(),
        person: &tom,
        name: "Tom",
        household_name: None,
        by: "Anna",
        by_signer: &signer,
        commitment: &commitment,
    };
    for (whose, asking) in [
        (None, asking),
        (Some(()), Greeting { name: "Ben", ..asking }),
        (Some(()), Greeting { by_signer: &eve, ..asking }),
        (Some(()), Greeting { commitment: &another, ..asking }),
    ] {
        let code = Code::generate().unwrap();
        let secrets = code.secrets().unwrap();
        let greeting = whose.map_or(&others, |()| &secrets).greeting(&asking);
        let mut asked = json!({ "person": tom, "handle": secrets.handle(), "greeting": greeting });
        asked["commitment"] = json!(commitment);
        let (status, said) = page.post("/api/invitations", &asked);
        assert_eq!((status, text(&said, "state")), (201, "waiting"), "{said}");
        let refused = home.join("Tom", code.letters()).finish().refused();
        assert!(refused.contains("not what the owner's device said"), "{refused}");
        assert!(!home.kit("Tom").exists(), "nothing was made");
    }
    let mine = format!("/api/invitations/{tom}");
    assert_eq!(page.ask("DELETE", &mine, None).0, 204);
    let (status, said) = page.ask("DELETE", &mine, None);
    assert_eq!((status, text(&said["said"], "code")), (404, "invitation-not-yours"), "{said}");

    // Somebody between puts other keys, another account, or all of their own in its place.
    let exchanges: [fn(&mut Made, &Made); 3] = [
        |made, theirs| made.account["totp_secret"] = theirs.account["totp_secret"].clone(),
        |made, theirs| made.account["recovery_key"] = theirs.account["recovery_key"].clone(),
        |made, theirs| (made.keys, made.account) = (theirs.keys.clone(), theirs.account.clone()),
    ];
    for (at, exchange) in exchanges.into_iter().enumerate() {
        let mut inviting = home.invite("Anna", "Tom");
        let code = text(&inviting.line(), "code").to_owned();
        let (mut raw, mut theirs) = (Raw::with(&home, &code), Raw::with(&home, &code));
        let (mut made, other) = (raw.make(&home, "Tom"), theirs.make(&home, "Tom"));
        let binding = raw.secrets.binding(&Newcomer {
            greeting: &made.greeting,
            keys: &made.keys,
            account: &hash(&made.account),
        });
        exchange(&mut made, &other);
        let sent = json!({ "keys": made.keys, "account": made.account, "binding": binding });
        let (status, said) = raw.post("answer", sent);
        // The hub sees for itself that an account is not of these keys; and the owner's client, all else.
        if status == 204 {
            let altered = inviting.finish();
            assert!(altered.messages.contains("not made by whoever has the code"), "{at}: {altered:?}");
            let (status, said) = raw.post("open", json!({}));
            assert_eq!((status, text(&said, "error")), (409, "invitation-stopped"), "{at}");
        } else {
            assert_eq!((status, text(&said["said"], "code"), at), (400, "not-their-own", 1), "{said}");
            page.ask("DELETE", &format!("/api/invitations/{tom}"), None);
        }
        assert!(!can_sign_in(&home, "Tom"), "{at}");
    }

    // Nobody has keys or an account of a hub's or an owner's making.
    let mut inviting = home.invite("Anna", "Tom");
    let code = text(&inviting.line(), "code").to_owned();
    let mut raw = Raw::with(&home, &code);
    let made = raw.make(&home, "Tom");
    let another = Member::new().keys.public();
    let refused = |page: &mut Page, keys: &PublicKeys, along: Value, why: &str| {
        let (status, said) = change(&home, page, set_keys("Tom", keys.clone()), &along);
        assert_eq!((status, text(&said, "error")), (409, "invitation-not-answered"), "{why}: {said}");
    };
    refused(&mut page, &made.keys, json!({}), "without an answer");
    refused(&mut page, &made.keys, json!({ "let_in": { &tom: "none" } }), "before the answer");
    let secrets = Code::read(&code).unwrap().secrets().unwrap();
    let (status, said, binding) = raw.answer(&made, &secrets);
    assert_eq!(status, 204, "{said}");
    inviting.line();
    refused(&mut page, &made.keys, json!({}), "without naming it");
    refused(&mut page, &made.keys, json!({ "let_in": { &tom: others.handle() } }), "another answer");
    refused(&mut page, &another, json!({ "let_in": { &tom: &binding } }), "other keys");
    refused(
        &mut page,
        &made.keys,
        json!({ "accounts": { &tom: made.account } }),
        "an account that comes by itself",
    );
    let let_in = json!({ "let_in": { &tom: &binding } });
    let add_eve = |home: &mut Household| {
        let eve = Person::new("Eve", "1990-01".parse().unwrap()).unwrap();
        home.add_person(eve, Timestamp::now()).unwrap();
    };
    let (status, said) = change(&home, &mut page, add_eve, &let_in);
    assert_eq!(status, 400, "an answer and no keys: {said}");
    assert!(!can_sign_in(&home, "Tom"));
    let (status, said) = change(&home, &mut page, set_keys("Tom", made.keys.clone()), &let_in);
    assert_eq!(status, 200, "{said}");
    assert_eq!(raw.post("wait", json!({ "binding": binding })).1["state"], "let-in");
    Page::open(&home).sign_in(&home, "Tom");
    drop(inviting);
}

#[test]
fn nobody_knows_the_numbers_before_an_answer_is_taken_nor_chooses_what_they_hang_on() {
    let home = Home::quiet();
    add(&home, "Tom");
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let tom = id_of(&mut page, "Tom");
    let nonces = format!("/api/invitations/{tom}/nonce");

    // A hub shows the newcomer another than the owner's client promised, or says that they are let in before there are any numbers.
    let lies: [fn(&str, &mut Value); 2] = [
        |path, said| {
            if path.ends_with("wait") {
                said["nonce"] = json!(Nonce::generate().unwrap().text());
            }
        },
        |path, said| {
            if path.ends_with("wait") {
                *said = json!({ "state": "let-in" });
            }
        },
    ];
    for lie in lies {
        let mut inviting = home.invite("Anna", "Tom");
        let code = text(&inviting.line(), "code").to_owned();
        let liar = LyingHub::before(&home, lie);
        let refused = home.join_at(liar.address(), "Tom", &code).finish().refused();
        assert!(refused.contains("not what the owner's device said"), "{refused}");
        assert!(
            !home.kit("Tom").exists() && !home.totp("Tom").exists(),
            "what is of no use is not left there"
        );
        inviting.says("y");
        let stopped = inviting.finish();
        assert!(!stopped.succeeded() && !can_sign_in(&home, "Tom"), "{stopped:?}");
    }

    // The owner's client by hand: the numbers hang on what it gives, and it cannot give that too early.
    let signer = Member::of_kit(&home, "Anna").keys.public().signer;
    let (code, nonce) = (Code::generate().unwrap(), Nonce::generate().unwrap());
    let (secrets, commitment) = (code.secrets().unwrap(), nonce.commitment());
    let document: SignedDocument = serde_json::from_value(page.get("/api/household").1).unwrap();
    let greeting = secrets.greeting(&Greeting {
        household: document.verify_seen(None, &[]).unwrap().id.as_str(),
        person: &tom,
        name: "Tom",
        household_name: None,
        by: "Anna",
        by_signer: &signer,
        commitment: &commitment,
    });
    let asked = json!({
        "person": tom, "handle": secrets.handle(), "commitment": commitment, "greeting": greeting,
    });
    assert_eq!(page.post("/api/invitations", &asked).0, 201);
    let given = json!({ "nonce": nonce.text() });
    let (status, said) = page.post(&nonces, &given);
    assert_eq!((status, text(&said, "error")), (409, "invitation-unanswered"), "{said}");
    let mut joining = home.join("Tom", code.letters());
    let answer = until("Tom answers", 30, || {
        let views = page.get("/api/invitations").1;
        views[0]["answer"].is_object().then(|| views[0]["answer"].clone())
    });
    let other = json!({ "nonce": Nonce::generate().unwrap().text() });
    assert_eq!(page.post(&nonces, &other).0, 400, "it is promised");
    assert_eq!((page.post(&nonces, &given).0, page.post(&nonces, &given).0), (204, 204));
    let numbers = secrets.numbers(text(&answer, "binding"), &nonce);
    assert_eq!(joining.line()["numbers"], json!(numbers.each()));
    joining.says("n");
    assert!(!joining.finish().succeeded());
    let (status, said) = page.post(&nonces, &given);
    assert_eq!((status, text(&said["said"], "code")), (404, "invitation-not-yours"), "{said}");
}

#[test]
fn a_hub_that_is_started_anew_ends_what_was_begun_and_keeps_who_was_let_in() {
    let mut home = Home::quiet();
    for name in ["Tom", "Ben"] {
        add(&home, name);
    }
    let mut inviting = home.invite("Anna", "Tom");
    let mut joining = home.join("Tom", text(&inviting.line(), "code"));
    joining.line();
    inviting.line();
    home.stop();
    home.serve();
    let ended = joining.finish();
    assert!(
        !ended.succeeded() && ended.messages.contains("does not know this invitation any more"),
        "{ended:?}"
    );
    inviting.says("y");
    assert!(!inviting.finish().succeeded());
    // Tom's computer cannot know that he is not in, and takes nothing away from somebody who may be.
    assert!(home.kit("Tom").exists() && !can_sign_in(&home, "Tom"));
    for file in [home.kit("Tom"), home.totp("Tom")] {
        fs::remove_file(file).unwrap();
    }
    home.let_in("Tom");

    // Ben does not hear that he was let in: his computer sleeps meanwhile, and the power is cut.
    let mut inviting = home.invite("Anna", "Ben");
    let mut joining = home.join("Ben", text(&inviting.line(), "code"));
    joining.line();
    inviting.line();
    send_signal(&joining, Signal::STOP);
    inviting.says("y");
    inviting.finish().one();
    home.kill();
    home.serve();
    send_signal(&joining, Signal::CONT);
    joining.finish().one();
    home.run_as("Ben", &["list"]).lines();
}

#[test]
fn guesses_take_no_memory_and_hold_up_nobody_who_has_the_code() {
    let home = Home::quiet();
    add(&home, "Tom");
    let mut inviting = home.invite("Anna", "Tom");
    let code = text(&inviting.line(), "code").to_owned();
    let mut stranger = Stranger::at(&home, [127, 0, 0, 1]);
    let memory = || {
        let status = home.process("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let (before, began) = (memory(), Instant::now());
    let mut waits = 0;
    for n in 0..10_000 {
        let handle = format!("{n:022}");
        let (status, said) = stranger.post("/api/invitations/open", &json!({ "handle": handle }));
        waits += usize::from(status == 429);
        assert!(status == 404 || status == 429, "{said}");
    }
    assert!(waits > 9_900, "whoever guesses waits: {waits}");
    let after = memory();
    assert!(after < before + 16 * 1024, "{before} kB before and {after} kB after {:?}", began.elapsed());
    // From the very same address.
    let mut joining = home.join("Tom", &code);
    joining.line();
    inviting.line();
    inviting.says("y");
    inviting.finish().one();
    joining.finish().one();

    // Who waits is woken at once, and of two the newer.
    add(&home, "Ben");
    let mut inviting = home.invite("Anna", "Ben");
    let code = text(&inviting.line(), "code").to_owned();
    let mut raw = Raw::with(&home, &code);
    let made = raw.make(&home, "Ben");
    let secrets = Code::read(&code).unwrap().secrets().unwrap();
    let (_, _, binding) = raw.answer(&made, &secrets);
    assert_eq!(raw.answer(&made, &secrets).0, 204, "the same may be sent again");
    inviting.line();
    let (status, said) = raw.post("wait", json!({ "binding": secrets.handle() }));
    assert_eq!((status, text(&said, "error")), (409, "invitation-used"), "{said}");
    let waiting = |mut page: Page| {
        let body = json!({ "handle": secrets.handle(), "binding": binding, "has_nonce": true });
        std::thread::spawn(move || page.post("/api/invitations/wait", &body))
    };
    // Whichever comes first is sent away by the other.
    let (one, other) = (waiting(Page::open(&home)), waiting(Page::open(&home)));
    let first = until("one of two is sent away", 9, || {
        one.is_finished().then_some(true).or(other.is_finished().then_some(false))
    });
    let (gone, waits) = if first { (one, other) } else { (other, one) };
    let (status, said) = gone.join().unwrap();
    assert_eq!((status, text(&said["said"], "code")), (429, "invitation-waited-for"), "{said}");
    inviting.says("n");
    inviting.finish();
    let (status, said) = waits.join().unwrap();
    assert_eq!((status, text(&said, "state")), (200, "stopped"), "{said}");
}
