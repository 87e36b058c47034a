//! Making a household, and what its hub promises.

use anyhow::Result;
use porchlight_client::{ClientError, Founded, Member, found};
use porchlight_hub::init::{Founding, SlotKind};
use porchlight_hub::{HubError, in_shell, strongbox_beside};
use serde_json::json;

use crate::args::{Folders, Init, SlotName};
use crate::files::{must_be_free, read_secret, write_secret};
use crate::output::{Output, say};

/// The birth month of an owner, where nobody says it: an adult's.
const PUT_DOWN: &str = "1980-01";

pub(super) fn init(init: Init, out: Output) -> Result<()> {
    let Folders { data, strongbox } = init.folders;
    let mut folders = strongbox.clone();
    folders.extend([data.clone(), strongbox_beside(&data)]);
    must_be_free([&init.recovery_kit].into_iter().chain(&init.totp_secret_file), &folders)?;
    let passphrase = read_secret(&init.passphrase_file)?;
    let time_zone = match init.time_zone {
        Some(zone) => zone,
        None => jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned(),
    };
    let founding = Founding::new(data.clone(), strongbox.clone())?;
    let born = init.born.as_deref().unwrap_or(PUT_DOWN);
    let Founded { signed, account, enrolled } =
        found(&init.owner, born, &passphrase, &time_zone, &init.language, |owner, request| {
            Ok(founding.register(owner, &request)?)
        })
        .map_err(|error| match error {
            // There is no hub yet: it is this one that refuses.
            ClientError::Household(why) => anyhow::Error::new(HubError::Household(why)),
            ClientError::SignIn(why) => anyhow::Error::new(HubError::SignIn(why)),
            other => anyhow::Error::new(other),
        })?;
    let slot = match init.slot {
        SlotName::File => SlotKind::File,
        SlotName::Tpm => SlotKind::Tpm(init.tpm),
    };
    // The kit is written before anything is sealed to its key: a household whose key nobody holds must not come to be.
    let put_away = || {
        write_secret(&init.recovery_kit, &enrolled.recovery_kit).map_err(|error| format!("{error:#}"))?;
        match &init.totp_secret_file {
            Some(file) => write_secret(file, &format!("{}\n", enrolled.totp_secret.as_str()))
                .map_err(|error| format!("{error:#}"))?,
            None => say(format!("For your authenticator app, shown once: {}", enrolled.totp_url.as_str())),
        }
        Ok(())
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let made = runtime.block_on(founding.make(slot, &signed, &account, put_away))?;
    let put_down = match &init.born {
        Some(_) => String::new(),
        None => format!(
            "Nobody said when {} was born, so {PUT_DOWN} is put down. To correct it: porchlight person born NAME YYYY-MM\n",
            init.owner
        ),
    };
    let answer = json!({
        "household": made.household, "owner": init.owner, "data": data, "strongbox": made.strongboxes,
        "recovery_kit": init.recovery_kit, "totp_secret_file": init.totp_secret_file,
    });
    out.answer(&answer, |_| {
        let boxes = made.strongboxes.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ");
        let mut serve = in_shell(&data);
        for path in &strongbox {
            serve += &format!(" --strongbox {}", in_shell(path));
        }
        format!(
            "The household is made.\n  data folder   {}\n  strongbox     {boxes} (never copy it; losing it loses the recordings)\n  recovery kit  {} (print it, then put it away)\n{put_down}Next: porchlight serve --data {serve}",
            data.display(), init.recovery_kit.display()
        )
    })
}

pub(super) fn policy(member: &Member, out: Output) -> Result<()> {
    let policy = member.policy()?;
    out.answer(&policy, |policy| {
        let paused = policy.paused.iter().map(|why| why.text.as_str());
        paused.chain(policy.sentences.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
    })
}
