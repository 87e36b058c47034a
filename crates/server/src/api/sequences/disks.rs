//! A disk that takes no write is told of, and not only by what fails: it may be that nobody has written.

use porchlight_hub::attention::attention;
use porchlight_hub::doctor::look_over;
use porchlight_protocol::{CheckState, Depth};

use super::*;

#[tokio::test]
async fn a_disk_that_takes_no_write_is_told_of_by_doctor_and_at_home_though_nobody_wrote() {
    let house = House::make().await;
    let again = house.again();
    let hub = again.start(false).await;
    // How much room there is does not matter here.
    let refused = async || {
        let checks = look_over(&hub, Depth::Counted).await.into_iter();
        let bad = checks.filter(|one| one.state == CheckState::Bad && !one.sentence.contains("GB free"));
        let bad: Vec<String> = bad.map(|one| one.name).filter(|name| name.contains("disk")).collect();
        let told = attention(&hub).await.into_iter().filter(|one| one.said.code.starts_with("disk-"));
        (bad, told.map(|one| one.said.values["path"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(refused().await, (vec![], vec![]));

    again.faults.after(0, Fault::Killed);
    let folders = ["home", "home.strongbox"].map(|name| again.folder.path().join(name).display().to_string());
    assert_eq!(refused().await, (vec!["disk".into(), "strongbox disk".into()], folders.to_vec()));

    again.faults.none();
    assert_eq!(refused().await, (vec![], vec![]), "and it is over when the disk is well");
    stop(hub).await;
}
