//! Passkeys: signing in with one, alone or after the passphrase, and what a stranger's is good for.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_tests::{Authenticator, Home, Member, Page, text};
use serde_json::{Value, json};

use crate::recovery::begun;

/// The hub by the name that browsers know it by on its own computer.
pub(crate) fn by_name(home: &Home) -> String {
    home.address().replace("127.0.0.1", "localhost")
}

fn open(home: &Home) -> Page {
    Page::at(&by_name(home))
}

/// Adds a passkey to somebody's account in a page where they are signed in and have just proved it.
pub(crate) fn add(
    home: &Home,
    page: &mut Page,
    (person, proof): (&str, &Value),
    name: &str,
) -> Authenticator {
    let mut phone = Authenticator::new(&by_name(home));
    let (status, making) = page.post("/api/passkeys/start", &json!({}));
    assert_eq!(status, 200, "{making}");
    let (credential, member) = (phone.create(&making["options"]), Member::of_kit(home, person));
    let wrapped = member.wrapped(&phone.prf(text(&making, "salt")));
    let new = member.new_passkey(text(proof, "proof"), &making, &credential, name, Some(&wrapped));
    let (status, added) = page.post("/api/passkeys", &new);
    assert_eq!(status, 201, "{added}");
    assert_eq!((text(&added, "id"), text(&added, "host")), (phone.id().as_str(), "localhost"));
    assert_eq!(page.post("/api/passkeys", &new).0, 401, "what was made is added once");
    phone
}

/// Proves by a passkey who it is.
fn prove(page: &mut Page, phone: &mut Authenticator) -> Value {
    let asked = page.post("/api/step-up/start", &json!({})).1;
    let answer = json!({ "attempt": asked["attempt"], "passkey": phone.get(&asked["passkey"]) });
    let (status, done) = page.post("/api/step-up/finish", &answer);
    assert_eq!(status, 200, "{done}");
    done
}

/// The question for a passkey that signs in.
fn question(page: &mut Page, name: Option<&str>) -> Value {
    let (status, question) = page.post("/api/sign-in/passkey/start", &json!({ "name": name }));
    assert_eq!(status, 200, "{question}");
    question
}

fn finish(page: &mut Page, question: &Value, credential: &Value) -> (u16, Value) {
    let attempt = &question["attempt"];
    let finish = json!({ "attempt": attempt, "credential": credential, "client": "a page", "cookie": true });
    page.post("/api/sign-in/passkey/finish", &finish)
}

#[test]
fn a_passkey_signs_its_owner_in_and_opens_their_identity() {
    let home = Home::quiet();
    let told = home.events(&[]);
    let mut page = open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let mut phone = add(&home, &mut page, ("Anna", &signed_in), "Anna's phone");
    let event = told.wait_for("it is told", 10, |event| event["event"] == "account-changed");
    assert_eq!((text(&event, "person"), text(&event, "change")), ("Anna", "passkey-added"));
    assert_eq!(
        event["session"], signed_in["session"],
        "where it was done is told, so that no page announces its own"
    );
    assert_eq!(page.get("/api/passkeys").1[0]["seen"], Value::Null);

    // What the PRF yields must stay in the browser: an answer that carries it is refused.
    let making = page.post("/api/passkeys/start", &json!({})).1;
    let mut credential = Authenticator::new(&by_name(&home)).create(&making["options"]);
    credential["clientExtensionResults"]["prf"]["results"] =
        json!({ "first": BASE64_URL_SAFE_NO_PAD.encode(phone.prf(text(&making, "salt"))) });
    let (anna, proof) = (Member::of_kit(&home, "Anna"), prove(&mut page, &mut phone));
    let new = anna.new_passkey(text(&proof, "proof"), &making, &credential, "x", None);
    assert_eq!(page.post("/api/passkeys", &new).0, 400);

    // Nor is one taken without the hub's word for a proof, or with what its owner did not wrap.
    let refused = |page: &mut Page, new: &dyn Fn(&Value, &Value) -> Value| {
        let making = page.post("/api/passkeys/start", &json!({})).1;
        let credential = Authenticator::new(&by_name(&home)).create(&making["options"]);
        let (status, said) = page.post("/api/passkeys", &new(&making, &credential));
        assert!((400..404).contains(&status), "{status} {said}");
    };
    let (word, junk) = (text(&proof, "proof"), "A".repeat(136));
    refused(&mut page, &|making, made| anna.new_passkey(text(&signed_in, "proof"), making, made, "x", None));
    refused(&mut page, &|making, made| Member::new().new_passkey(word, making, made, "x", Some(&junk)));
    refused(&mut page, &|making, made| {
        let mut new = anna.new_passkey(word, making, made, "x", None);
        new["wrapped"] = junk.as_str().into();
        new
    });
    assert_eq!(page.get("/api/passkeys").1.as_array().unwrap().len(), 1);

    let mut other = open(&home);
    let asked = question(&mut other, None);
    let (status, signed_in) = finish(&mut other, &asked, &phone.get(&asked["options"]));
    assert_eq!((status, text(&signed_in, "person")), (200, "Anna"), "{signed_in}");
    let (status, wrapped) = other.get(&format!("/api/identity?passkey={}", phone.id()));
    assert_eq!(status, 200, "{wrapped}");
    let salt = text(&asked["options"]["extensions"]["prf"]["eval"], "first");
    assert!(anna.unwraps(text(&wrapped, "wrapped"), &phone.prf(salt)));
    let listed = other.get("/api/passkeys").1;
    assert_eq!((text(&listed[0], "name"), &listed[0]["unwraps"]), ("Anna's phone", &json!(true)));
    assert!(listed[0]["seen"].is_string(), "{listed}");
    assert_eq!(home.anna(&["ledger", "list", "--kind", "passkey-added"]).lines().len(), 1);

    // An answer works once, and a copy of the passkey that is behind is found out.
    assert_eq!(finish(&mut other, &asked, &phone.get(&asked["options"])).0, 401);
    let asked = question(&mut other, Some("anna"));
    assert_eq!(finish(&mut other, &asked, &phone.get(&asked["options"])).0, 200);
    phone.turn_back(2);
    let asked = question(&mut other, Some("anna"));
    assert_eq!(finish(&mut other, &asked, &phone.get(&asked["options"])).0, 401);
}

#[test]
fn a_passkey_is_the_second_factor_after_the_passphrase_and_proves_it_again() {
    let home = Home::quiet();
    let mut page = open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let mut phone = add(&home, &mut page, ("Anna", &signed_in), "Anna's phone");
    let passphrase = fs::read_to_string(home.passphrase("Anna")).unwrap().trim().to_owned();

    let mut other = open(&home);
    let (challenge, finalization, _) = other.prove_with("/api/sign-in/start", "Anna", &passphrase);
    let passkey = phone.get(&challenge["passkey"]);
    let finish = |credential: &Value| json!({ "attempt": challenge["attempt"], "finalization": finalization, "passkey": credential, "client": "a page", "cookie": true });
    let (status, signed_in) = other.post("/api/sign-in/finish", &finish(&passkey));
    assert_eq!((status, text(&signed_in, "person")), (200, "Anna"), "{signed_in}");
    // Without the passphrase it is not the second of two.
    let (challenge, ..) = other.prove_with("/api/sign-in/start", "Anna", &passphrase);
    let passkey = phone.get(&challenge["passkey"]);
    let wrong =
        json!({ "attempt": challenge["attempt"], "finalization": "AAAA", "passkey": passkey, "client": "x" });
    assert_eq!(other.post("/api/sign-in/finish", &wrong).0, 401);

    // By itself it proves again who it is.
    let (status, asked) = other.post("/api/step-up/start", &json!({}));
    assert_eq!((status, &asked["response"]), (200, &Value::Null), "{asked}");
    let answer = json!({ "attempt": asked["attempt"], "passkey": phone.get(&asked["passkey"]) });
    let (status, done) = other.post("/api/step-up/finish", &answer);
    assert!(status == 200 && done["until"].is_string(), "{done}");
}

#[test]
fn a_strangers_passkey_another_page_and_an_unknown_name_learn_nothing() {
    let home = Home::quiet();
    let mut page = open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let mut phone = add(&home, &mut page, ("Anna", &signed_in), "Anna's phone");
    // The question has the same shape for everybody.
    let shape = |question: &Value| {
        let mut options = question["options"].clone();
        options["challenge"] = Value::Null;
        options
    };
    let mut other = open(&home);
    let shapes = ["Anna", "Nobody"].map(|name| shape(&question(&mut other, Some(name))));
    assert_eq!(shapes[0], shapes[1]);

    let mut refusals = Vec::new();
    // A passkey that nobody added here; Anna's, on a page that only says it is Porchlight; Anna's, for another name.
    let mut stranger = Authenticator::new(&by_name(&home));
    let asked = question(&mut other, Some("Anna"));
    refusals.push(finish(&mut other, &asked, &stranger.get(&asked["options"])));
    phone.go_to("http://localhost.evil.example");
    let asked = question(&mut other, Some("Anna"));
    refusals.push(finish(&mut other, &asked, &phone.get(&asked["options"])));
    phone.go_to(&by_name(&home));
    let asked = question(&mut other, Some("Nobody"));
    refusals.push(finish(&mut other, &asked, &phone.get(&asked["options"])));
    // An answer to another question.
    let (first, second) = (question(&mut other, Some("Anna")), question(&mut other, Some("Anna")));
    refusals.push(finish(&mut other, &first, &phone.get(&second["options"])));
    for refusal in &refusals {
        assert_eq!(refusal, &refusals[0]);
    }
    assert_eq!((refusals[0].0, text(&refusals[0].1, "error")), (401, "not-right"));

    // At a number there are no passkeys, and it says so.
    let mut number = Page::open(&home);
    let (status, said) = number.post("/api/sign-in/passkey/start", &json!({}));
    assert!(status == 409 && text(&said, "message").contains("by its name"), "{said}");
    number.sign_in(&home, "Anna");
    assert_eq!(number.post("/api/passkeys/start", &json!({})).0, 409);
}

#[test]
fn a_passkey_that_is_removed_signs_nobody_in_nor_does_one_from_before_a_recovery() {
    let home = Home::quiet();
    let mut page = open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let mut phone = add(&home, &mut page, ("Anna", &signed_in), "phone");
    let proof = prove(&mut page, &mut phone);
    let mut stick = add(&home, &mut page, ("Anna", &proof), "stick");
    let (status, said) = page.ask("DELETE", &format!("/api/passkeys/{}", phone.id()), None);
    assert_eq!(status, 204, "{said}");
    assert_eq!(page.ask("DELETE", &format!("/api/passkeys/{}", phone.id()), None).0, 404);
    let asked = question(&mut page, Some("Anna"));
    assert_eq!(finish(&mut page, &asked, &phone.get(&asked["options"])).0, 401);
    let asked = question(&mut page, Some("Anna"));
    assert_eq!(finish(&mut page, &asked, &stick.get(&asked["options"])).0, 200);

    let anna = Member::of_kit(&home, "Anna");
    let (renewed, challenge) = begun(&home, &mut page, &anna, "Anna");
    let recovery = anna.recovery(&renewed, &challenge);
    assert_eq!(page.post("/api/recovery/finish", &recovery).0, 200);
    assert_eq!(page.get("/api/passkeys").1, json!([]));
    let asked = question(&mut page, Some("Anna"));
    assert_eq!(finish(&mut page, &asked, &stick.get(&asked["options"])).0, 401);
}

#[test]
fn a_passkey_is_called_something_else_by_its_owner_alone() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let mut page = open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let mut phone = add(&home, &mut page, ("Anna", &signed_in), "Chrome on Linux");
    let path = format!("/api/passkeys/{}", phone.id());
    let name = |name: &str| json!({ "name": name });
    for bad in ["", "two\nlines", &"x".repeat(65)] {
        assert_eq!(page.ask("PATCH", &path, Some(&name(bad))).0, 400, "{bad:?}");
    }
    let mut toms = open(&home);
    toms.sign_in(&home, "Tom");
    assert_eq!(toms.ask("PATCH", &path, Some(&name("mine"))).0, 404);
    assert_eq!(page.ask("PATCH", &path, Some(&name(" The blue stick "))).0, 204);
    assert_eq!(text(&page.get("/api/passkeys").1[0], "name"), "The blue stick");
    let mut other = open(&home);
    let asked = question(&mut other, None);
    assert_eq!(finish(&mut other, &asked, &phone.get(&asked["options"])).0, 200, "it signs in as before");
}
