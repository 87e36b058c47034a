//! Making a household, running its hub, and what the hub says of itself.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use porchlight_hub::client::{Enrolled, Member};
use porchlight_hub::set_up::{self, SettingUp};
use porchlight_hub::{
    GivenCertificate, HubConfig, RunningHub, in_shell, init as household, strongbox_beside,
};
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::args::{Folders, Init, Serve, SlotName};
use crate::files::{must_be_free, read_secret, write_secret};
use crate::memory;
use crate::messages;
use crate::output::{Output, print, say};

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
    let runtime = tokio::runtime::Runtime::new()?;
    let made = runtime.block_on(household::initialise(household::NewHousehold {
        data: data.clone(),
        strongboxes: strongbox.clone(),
        slot: match init.slot {
            SlotName::File => household::SlotKind::File,
            SlotName::Tpm => household::SlotKind::Tpm(init.tpm),
        },
        owner: init.owner.clone(),
        born: init.born.clone().unwrap_or_else(|| PUT_DOWN.to_owned()),
        passphrase,
        time_zone,
        language: init.language,
        // The kit is written before anything is sealed to its key: a household whose key nobody holds must not come to be.
        put_away: Box::new({
            let (kit, totp) = (init.recovery_kit.clone(), init.totp_secret_file.clone());
            move |keys: &Enrolled| {
                write_secret(&kit, &keys.recovery_kit).map_err(|error| format!("{error:#}"))?;
                match &totp {
                    Some(file) => write_secret(file, &format!("{}\n", keys.totp_secret.as_str()))
                        .map_err(|error| format!("{error:#}"))?,
                    None => {
                        say(format!("For your authenticator app, shown once: {}", keys.totp_url.as_str()))
                    }
                }
                Ok(())
            }
        }),
    }))?;
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

pub(super) fn serve(serve: Serve, out: Output) -> Result<()> {
    memory::guard();
    messages::wait_for_nobody();
    tracing_subscriber::fmt()
        .with_env_filter(log_filter()?)
        .with_writer(|| messages::Log)
        // No colours: an escape sequence in the log would be somebody else's, and is written out.
        .with_ansi(false)
        .init();
    let certificate = serve.certificate.zip(serve.certificate_key);
    let certificate = certificate.map(|(chain, key)| GivenCertificate { chain, key });
    let runtime = tokio::runtime::Runtime::new()?;
    let served: Result<()> = runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let config = HubConfig {
            data: serve.folders.data,
            strongboxes: serve.folders.strongbox,
            models: serve.models,
            listen: serve.listen,
            https: serve.https,
            certificate,
            announce: !serve.no_announce,
            clock: HubConfig::system_clock(),
        };
        let hub = match serve.set_up && set_up::is_new(&config.data) {
            true => {
                let mut waiting = SettingUp::start(config).await?;
                let (address, code) = (waiting.address(), waiting.code().to_owned());
                out.announce(&json!({ "listening": address, "set_up_code": code }), |_| {
                    format!("Porchlight waits for its household.\nOpen {address} in a browser, and type this code there: {code}")
                })?;
                let made = tokio::select! {
                    made = waiting.made() => Some(made?),
                    _ = tokio::signal::ctrl_c() => None,
                    _ = terminate.recv() => None,
                };
                let Some(hub) = made else {
                    say("Stopping; no household was made.");
                    waiting.stop().await;
                    return Ok(());
                };
                say("The household is made.");
                hub
            }
            false => {
                let hub = RunningHub::start(config).await?;
                let address = hub.address();
                out.announce(&json!({ "listening": address }), |_| format!("Porchlight listens at {address}"))?;
                hub
            }
        };
        for warning in hub.warnings().await {
            say(format!("Careful: {warning}"));
        }
        let broken = tokio::select! {
            _ = tokio::signal::ctrl_c() => None,
            _ = terminate.recv() => None,
            why = hub.broken() => Some(why),
        };
        say("Stopping; what is being recorded is sealed first.");
        hub.stop().await;
        messages::finish();
        // Another exit status, so that a service manager starts it again.
        broken.map_or(Ok(()), |why| Err(anyhow!(why)))
    });
    // What still blocks a thread has nothing to say any more.
    runtime.shutdown_timeout(LAST_THREADS);
    served
}

/// How long a thread may go on that hears, speaks or reads a disk while the hub stops.
const LAST_THREADS: Duration = Duration::from_secs(1);

/// What is logged. The RTSP client is silenced whatever is asked for: of a damaged stream it would write bytes, which can be sound that
/// nobody consented to.
fn log_filter() -> Result<EnvFilter> {
    let filter = EnvFilter::try_from_env("PORCHLIGHT_LOG")
        .unwrap_or_else(|_| "warn,porchlight=info,porchlight_camera=warn".into());
    Ok(filter.add_directive("retina=off".parse()?))
}

pub(super) fn policy(member: &Member, out: Output) -> Result<()> {
    let policy = member.policy()?;
    out.answer(&policy, |policy| {
        let paused = policy.paused.iter().map(|why| why.text.as_str());
        paused.chain(policy.sentences.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
    })
}

pub(super) fn openapi() -> Result<()> {
    print(&porchlight_hub::api::openapi().to_pretty_json().context("the document cannot be written")?)
}
