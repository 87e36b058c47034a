//! Making a household: stopped anywhere there is a whole one or none, and then it can be made again.

use porchlight_hub::init::{Folders, Making, make};

use super::*;
use crate::set_up::is_new;

#[tokio::test]
async fn a_household_is_made_or_can_be_made_again_wherever_its_making_is_stopped() {
    let house = House::make().await;
    let server = Server::generate();
    let (registration, request) = Registration::start("a passphrase of its own").unwrap();
    let record =
        registration.finish(&server.register(house.anna.as_str(), &request).unwrap()).unwrap().record;
    let account = Account {
        person: house.anna.clone(),
        record: Record::from_text(&record).unwrap(),
        totp: TotpSecret::generate().unwrap(),
        wrapped_identity: vec![1; 64],
        keys: None,
    };
    let anna = Person { id: house.anna.clone(), ..Person::new("Anna", "1984-03".parse().unwrap()).unwrap() };
    let now = house.clock.now();
    let (home, signed) = Household::first(None, "Europe/Berlin", "en", anna, &house.keys, now).unwrap();
    let make_in = async |folder: &Path| {
        let folders = Folders { data: folder.join("home"), strongboxes: Vec::new() };
        let new =
            Making { server: &server, household: &home, signed: &signed, account: &account, authority: None };
        make(&folders, vault::SlotKind::File, new, || Ok(())).await
    };
    let whole = quick_folder();
    let faults = Faults::below(whole.path());
    make_in(whole.path()).await.unwrap();
    let writes = faults.writes();
    for at in 0..writes {
        for fault in FAULTS {
            let context = format!("{fault:?} at write {at} of {writes}");
            let folder = quick_folder();
            let faults = Faults::below(folder.path());
            faults.after(at, fault);
            let made = make_in(folder.path()).await;
            faults.none();
            let data = folder.path().join("home");
            assert!(made.is_err() || !is_new(&data), "{context}: it was said to be made");
            if is_new(&data) {
                make_in(folder.path()).await.unwrap_or_else(|why| panic!("{context}: again: {why}"));
            }
            let hub = start(folder.path(), &house.clock, false)
                .await
                .unwrap_or_else(|why| panic!("{context}: {why}"));
            assert!(secrets::account(&hub.vault, &house.anna).await.unwrap().is_some(), "{context}");
            stop(hub).await;
        }
    }
    eprintln!("making a household: stopped at each of {writes} writes, in three ways");
}
