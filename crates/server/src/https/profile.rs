//! The household's authority as a configuration profile, which is how an iPhone or an iPad takes one.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::authority::Trusted;

/// What the phone says of the profile before it is installed, in a language.
fn description(language: &str) -> &'static str {
    match language.split('-').next() {
        Some("de") => {
            "Damit öffnet dieses Telefon die Seiten eures Hubs sicher. Das Zertifikat kann für keine Adresse außerhalb eures Zuhauses bürgen."
        }
        _ => {
            "With it this phone opens the pages of your hub securely. The certificate can vouch for no address outside your home."
        }
    }
}

/// The profile. The same authority always gives the same one, so that a phone replaces it and has it once.
pub(crate) fn profile(authority: &Trusted, language: &str) -> String {
    let Trusted { name, certificate, .. } = authority;
    let (outer, inner) = (uuid(b"profile", certificate), uuid(b"certificate", certificate));
    let lines: Vec<String> = BASE64_STANDARD
        .encode(certificate)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let (name, description, data) = (escaped(name), escaped(description(language)), lines.join("\n"));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>local.porchlight.{outer}</string>
  <key>PayloadUUID</key><string>{outer}</string>
  <key>PayloadDisplayName</key><string>{name}</string>
  <key>PayloadDescription</key><string>{description}</string>
  <key>PayloadRemovalDisallowed</key><false/>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>local.porchlight.{outer}.authority</string>
      <key>PayloadUUID</key><string>{inner}</string>
      <key>PayloadDisplayName</key><string>{name}</string>
      <key>PayloadCertificateFileName</key><string>authority.crt</string>
      <key>PayloadContent</key>
      <data>
{data}
      </data>
    </dict>
  </array>
</dict>
</plist>
"#
    )
}

/// A UUID of our own making (RFC 9562, version 8) out of what it names.
fn uuid(kind: &[u8], certificate: &[u8]) -> String {
    let hash = Sha256::new().chain_update(b"porchlight profile v1\0").chain_update(kind).chain_update([0]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.chain_update(certificate).finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode_upper(bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_authority_gives_the_same_profile_and_another_gives_another() {
        let authority = |byte| Trusted {
            name: "Porchlight & <home>".into(),
            certificate: vec![byte; 300],
            pem: String::new(),
        };
        let first = profile(&authority(1), "en");
        assert_eq!(first, profile(&authority(1), "en"));
        assert_ne!(uuid(b"profile", &[1]), uuid(b"profile", &[2]));
        assert_ne!(uuid(b"profile", &[1]), uuid(b"certificate", &[1]));
        assert!(first.contains("Porchlight &amp; &lt;home&gt;"));
        assert!(profile(&authority(1), "de-AT").contains("Damit öffnet"));
    }
}
