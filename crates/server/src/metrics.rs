//! Numbers for a monitor, in the text of OpenMetrics: how the hub is, and never whose anything is. They are served to this computer alone,
//! at an address of their own, and only where somebody asked for that: how much is kept, and when it became more, says when people are
//! at home.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use jiff::Timestamp;
use porchlight_household::DeviceKind;
use porchlight_hub::{Error, Hub, HubError, attention, recording};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::api::browser;
use crate::api::error::ApiError;
use crate::config::{ServeError, ServerConfig};
use crate::listener::{Listener, Server};

/// Where they are.
const PATH: &str = "/metrics";
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, &'static str)>;

struct Numbers {
    hub: Arc<Hub>,
    since: Timestamp,
}

/// Whether they are asked for at an address that nobody else can reach, where they are.
///
/// # Errors
/// [`HubError::Refused`].
pub(crate) fn check(config: &ServerConfig) -> Result<(), HubError> {
    match config.metrics {
        Some(at) if !at.ip().is_loopback() => Err(HubError::Refused(format!(
            "numbers for a monitor are served to this computer alone, and {at} is not: name an address such as 127.0.0.1:9464"
        ))),
        _ => Ok(()),
    }
}

/// Serves them at an address of this computer, until the hub stops.
///
/// # Errors
/// [`ServeError::Listen`].
pub(crate) async fn serve(
    hub: &Arc<Hub>,
    config: &ServerConfig,
    at: SocketAddr,
    stop: &CancellationToken,
) -> Result<Server, ServeError> {
    let config = ServerConfig { listen: at, https: false, phones: false, announce: false, ..config.clone() };
    let listener = Listener::bind(&config).await?.with_little_room();
    let numbers = Arc::new(Numbers { hub: hub.clone(), since: hub.now() });
    let app = Router::new()
        .route(PATH, get(show))
        .layer(middleware::from_fn(browser::known_host))
        .with_state(numbers);
    Ok(listener.serve(None, &config, app, stop.child_token()))
}

async fn show(State(numbers): State<Arc<Numbers>>) -> Result<impl IntoResponse, ApiError> {
    let registry = numbers.count().await?;
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::broken)?;
    Ok(([(CONTENT_TYPE, TYPE)], text))
}

impl Numbers {
    /// All of them as they are now.
    async fn count(&self) -> Result<Registry, Error> {
        let hub = &*self.hub;
        let mut registry = Registry::with_prefix("porchlight");
        registry.register(
            "build",
            "The release that runs",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let mut number = |name: &str, help: &str, value: i64| {
            let gauge = Gauge::<i64, AtomicI64>::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        };
        number("start_time_seconds", "When the hub was started", self.since.as_second());
        let kept = hub.vault.survey().await?;
        number(
            "recordings",
            "Recordings that are kept, the details of the ledger's lines among them",
            whole(kept.recordings),
        );
        number("recordings_bytes", "What they take, sealed", whole(kept.bytes));
        number("recordings_missing", "At least so many have lost their sealed bytes", whole(kept.missing));
        number(
            "ledger_lines",
            "Lines of the ledger",
            whole(hub.vault.ledger(|ledger| Ok(ledger.size())).await?),
        );
        number(
            "warnings",
            "What weakens the promise of the strongbox",
            whole(hub.vault.warnings().await?.len()),
        );
        number("mirrors", "Mirrors of the strongbox, attached or not", whole(hub.mirrors.len()));
        number("voice_ready", "Whether it can hear and speak", i64::from(hub.voice.is_ok()));
        let certain = hub.vault.clock_state().certain.is_some();
        number("clock_certain", "Whether the time is certain", i64::from(certain));
        let paused = attention::paused(hub).is_some();
        number("forgetting_paused", "Whether what reached its end waits for somebody", i64::from(paused));
        number(
            "disk_troubles",
            "Disks that refuse a write",
            whole(attention::disk_troubles(hub).await.len()),
        );

        let cameras = Family::<Labels, Gauge>::default();
        for state in [GOOD, BAD] {
            cameras.get_or_create(&vec![("state", state)]).set(0);
        }
        let home = hub.home();
        for device in home.household.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
            let good = !recording::camera_report(hub, &device.id).await.is_at_fault();
            cameras.get_or_create(&vec![("state", if good { GOOD } else { BAD })]).inc();
        }
        registry.register("cameras", "Cameras that do as was agreed, and those that do not", cameras);
        let free = Family::<Labels, Gauge<u64, AtomicU64>>::default();
        for (name, folder) in ["data", "strongbox"].into_iter().zip(hub.vault.written_folders()) {
            if let Some(bytes) = free_bytes(folder) {
                free.get_or_create(&vec![("folder", name)]).set(bytes);
            }
        }
        registry.register("disk_free_bytes", "Room on the disk of each folder", free);
        Ok(registry)
    }
}

const GOOD: &str = "as-agreed";
const BAD: &str = "not-as-agreed";

fn whole(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
