//! How a hub is to serve: what it was told now, before what it was told last.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use porchlight_hub::HubConfig;
use porchlight_server::confinement::Confinement;
use porchlight_server::settings::{Remembered, Settings};
use porchlight_server::{GivenCertificate, ServerConfig};

use crate::args::{Serve, YesNo};

/// Where a hub listens that was never told otherwise.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8420);

/// A hub as it is to serve.
pub(super) struct Start {
    pub(super) config: ServerConfig,
    /// What whoever starts it has to know of what was remembered.
    pub(super) careful: Option<String>,
}

pub(super) fn config(serve: Serve) -> Result<Start> {
    let data = serve.folders.data;
    let remembered = if serve.defaults { Remembered::Nothing } else { Remembered::read(&data) };
    let careful = remembered.careful();
    let before = remembered.settings();
    let of = |what: fn(&Settings) -> bool| before.as_ref().is_some_and(what);
    let given = serve.certificate.zip(serve.certificate_key);
    let given = given.map(|(chain, key)| GivenCertificate { chain, key });
    let given_before = || {
        let before = before.as_ref()?;
        Some(GivenCertificate { chain: before.certificate.clone()?, key: before.certificate_key.clone()? })
    };
    // A folder of models that is no more is no reason to be deaf, where others lie in the usual places.
    let models_before = || before.as_ref()?.models.clone().filter(|models| models.is_dir());
    let hub = HubConfig {
        data,
        strongboxes: serve.folders.strongbox,
        strongbox: before.as_ref().and_then(|before| before.strongbox.clone()),
        remembered: before.as_ref().and_then(|before| before.read),
        models: serve.models.or_else(models_before),
        clock: HubConfig::system_clock(),
    };
    let config = ServerConfig {
        hub,
        listen: serve.listen.or(before.as_ref().map(|before| before.listen)).unwrap_or(USUAL),
        https: serve.https || of(|before| before.https),
        phones: serve.phones.map_or_else(|| of(|before| before.phones), |phones| phones == YesNo::Yes),
        metrics: serve.metrics.or(before.as_ref().and_then(|before| before.metrics)),
        certificate: given.or_else(given_before),
        announce: !serve.no_announce && before.as_ref().is_none_or(|before| before.announce),
        anew: serve.defaults,
        confinement: Confinement::None("nothing was tried yet".into()),
    };
    Ok(Start { config, careful })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Arguments, Command};

    fn start(words: &[&str]) -> ServerConfig {
        let words = ["porchlight", "serve"].iter().chain(words);
        let Command::Serve(serve) = Arguments::try_parse_from(words).unwrap().command else { panic!() };
        config(serve).unwrap().config
    }

    #[test]
    fn what_is_told_now_goes_before_what_was_told_last() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().canonicalize().unwrap();
        let path = data.to_str().unwrap();
        let anew = start(&["--data", path]);
        assert_eq!((anew.listen, anew.phones, anew.announce), (USUAL, false, true));
        let text = format!(
            "format = 2\nfolder = \"{path}\"\nlisten = \"127.0.0.1:9000\"\nphones = true\nannounce = false\nstrongbox = \"/stick\"\nmodels = \"/nowhere\"\n"
        );
        std::fs::write(data.join("settings.toml"), text).unwrap();
        let again = start(&["--data", path]);
        assert_eq!((again.listen.port(), again.phones, again.announce), (9000, true, false));
        assert_eq!(again.hub.in_use(), std::path::PathBuf::from("/stick"));
        assert!(again.hub.remembered.is_some(), "the strongbox has to know it");
        assert_eq!(again.hub.models, None, "a folder that is not there any more is not waited for");
        let told =
            start(&["--data", path, "--listen", "127.0.0.1:1", "--phones", "no", "--strongbox", "/other"]);
        assert_eq!((told.listen.port(), told.phones), (1, false));
        assert_eq!(told.hub.strongboxes, [std::path::PathBuf::from("/other")]);
        let anew = start(&["--data", path, "--defaults"]);
        assert_eq!((anew.listen, anew.hub.remembered, anew.anew), (USUAL, None, true));
    }
}
