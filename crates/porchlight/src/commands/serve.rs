//! Running a hub.

use std::time::Duration;

use anyhow::{Result, anyhow};
use porchlight_server::confinement::Confinement;
use porchlight_server::set_up::{self, SettingUp};
use porchlight_server::{RunningHub, ServerConfig};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::phone_code;
use super::remembered;
use crate::args::{LogForm, Serve};
use crate::output::{Output, say};
use crate::service::Service;
use crate::{confinement, memory, messages};

/// How long a thread may go on that hears, speaks or reads a disk while the hub stops.
const LAST_THREADS: Duration = Duration::from_secs(1);

pub(super) fn run(serve: Serve, out: Output) -> Result<()> {
    memory::guard();
    let (set_up, form, confined) = (serve.set_up, serve.log, !serve.unconfined);
    let remembered = remembered::config(serve)?;
    let mut config = remembered.config;
    let is_new = set_up && set_up::is_new(&config.hub.data);
    // Before there is a second thread, which would not be confined.
    config.confinement = match (confined, is_new) {
        (false, _) => Confinement::None("--unconfined was given".into()),
        (_, true) => Confinement::None(
            "its household was just made, and lies where its owner chose; the next start confines it".into(),
        ),
        _ => confinement::confine(&config),
    };
    messages::wait_for_nobody();
    log(form);
    if let Some(careful) = remembered.careful {
        say(format!("Careful: {careful}."));
    }
    if let Confinement::None(why) = &config.confinement {
        say(format!("Careful: this hub can reach whatever its user can: {why}."));
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let served = runtime.block_on(serve_until_told(config, is_new, out));
    // What still blocks a thread has nothing to say any more.
    runtime.shutdown_timeout(LAST_THREADS);
    served
}

async fn serve_until_told(config: ServerConfig, is_new: bool, out: Output) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let service = Service::begin();
    let hub = match is_new {
        true => made_in_a_browser(config, &service, &mut terminate, out).await?,
        false => {
            let hub = RunningHub::start(config).await?;
            let address = hub.address();
            out.announce(&json!({ "listening": address }), |_| format!("Porchlight listens at {address}"))?;
            Some(hub)
        }
    };
    let Some(mut hub) = hub else { return Ok(()) };
    match hub.serve_metrics().await {
        Ok(None) => {}
        Ok(Some(address)) => say(format!("Numbers for a monitor are at {address}/metrics.")),
        // A household goes on without them.
        Err(why) => say(format!("Careful: there are no numbers for a monitor: {why}")),
    }
    service.is_ready(&format!("serving at {}", hub.address()));
    phone_code::show(&hub, out);
    for warning in hub.warnings().await {
        say(format!("Careful: {warning}"));
    }
    let broken = tokio::select! {
        _ = tokio::signal::ctrl_c() => None,
        _ = terminate.recv() => None,
        why = hub.broken() => Some(why),
    };
    service.is_stopping();
    say("Stopping; what is being recorded is sealed first.");
    hub.stop().await;
    messages::finish();
    // Another exit status, so that a service manager starts it again.
    broken.map_or(Ok(()), |why| Err(anyhow!(why)))
}

/// Waits until somebody has made the household; none where it is stopped before.
async fn made_in_a_browser(
    config: ServerConfig,
    service: &Service,
    terminate: &mut Signal,
    out: Output,
) -> Result<Option<RunningHub>> {
    let mut waiting = SettingUp::start(config).await?;
    let (address, code) = (waiting.address(), waiting.code().to_owned());
    out.announce(&json!({ "listening": address, "set_up_code": code }), |_| {
        format!("Porchlight waits for its household.\nOpen {address} in a browser, and type this code there: {code}")
    })?;
    service.is_ready("waiting for its household to be made");
    let made = tokio::select! {
        made = waiting.made() => Some(made?),
        _ = tokio::signal::ctrl_c() => None,
        _ = terminate.recv() => None,
    };
    if made.is_none() {
        service.is_stopping();
        say("Stopping; no household was made.");
        waiting.stop().await;
        return Ok(None);
    }
    say("The household is made.");
    Ok(made)
}

/// Writes the log as it was asked for.
fn log(form: LogForm) {
    // No colours: an escape sequence in the log would be somebody else's, and is written out.
    let log = tracing_subscriber::fmt()
        .with_env_filter(log_filter())
        .with_writer(|| messages::Log)
        .with_ansi(false);
    match form {
        LogForm::Text => log.init(),
        LogForm::Json => {
            messages::say_as_log();
            log.json().flatten_event(true).init();
        }
    }
}

/// What is logged, unless it is asked for otherwise.
fn log_filter() -> EnvFilter {
    EnvFilter::try_from_env("PORCHLIGHT_LOG")
        .unwrap_or_else(|_| "warn,porchlight=info,porchlight_camera=warn".into())
}
