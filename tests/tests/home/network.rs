//! The home's network: encrypted alone, under an authority that is the household's own.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use porchlight_tests::{Home, find_bytes, has};

/// What `curl` gets as `porchlight.local`, where it trusts this authority and no other.
fn curl(home: &Home, authority: &Path, name: &str, path: &str) -> Result<String, String> {
    let host = home.address().strip_prefix("https://").unwrap();
    let (address, port) = host.rsplit_once(':').unwrap();
    let done = Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "30", "--cacert"])
        .arg(authority)
        .args(["--resolve", &format!("{name}:{port}:{address}"), &format!("https://{name}:{port}{path}")])
        .output()
        .unwrap();
    let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() { Ok(said(&done.stdout)) } else { Err(said(&done.stderr)) }
}

#[test]
fn a_network_is_served_encrypted_under_the_households_own_authority() {
    let mut home = Home::by_https();
    assert!(home.address().starts_with("https://"), "{}", home.address());
    assert!(home.list(&[]).is_empty(), "the command line trusts the authority that it was shown");
    let before = fs::read(home.authority()).unwrap();

    // Another program, and the name that a phone uses.
    if has("curl", "asks for pages as another program") {
        let health = curl(&home, &home.authority(), "porchlight.local", "/api/health").unwrap();
        assert!(health.contains("porchlight"), "{health}");
        assert!(curl(&home, &home.authority(), "localhost", "/api/health").is_ok());
        let refused = curl(&home, &home.authority(), "porchlight.example", "/api/health").unwrap_err();
        assert!(refused.contains("SSL") || refused.contains("certificate"), "{refused}");
        let other = Home::by_https();
        let refused = curl(&home, &other.authority(), "porchlight.local", "/api/health").unwrap_err();
        assert!(refused.contains("SSL") || refused.contains("certificate"), "{refused}");
    }

    // The authority is made once, and its key is in no file.
    home.stop();
    home.serve();
    assert_eq!(fs::read(home.authority()).unwrap(), before);
    assert!(home.list(&[]).is_empty());
    for folder in [home.data(), home.strongbox()] {
        assert_eq!(find_bytes(&folder, b"PRIVATE KEY"), None);
    }
}

#[test]
fn nothing_is_served_to_a_network_unencrypted() {
    let mut home = Home::made();
    for everywhere in ["0.0.0.0:0", "[::]:0"] {
        home.serve_with(&["--listen", everywhere, "--no-announce"]);
        let (scheme, address) = home.address().split_once("://").unwrap();
        assert_eq!(scheme, "https");
        // Whoever does not speak TLS is told nothing.
        let port = address.rsplit_once(':').unwrap().1;
        let here = format!("127.0.0.1:{port}");
        let mut plain = TcpStream::connect(&here).unwrap();
        plain.write_all(b"GET /api/health HTTP/1.1\r\nHost: porchlight.local\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        plain.read_to_end(&mut answer).ok();
        assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
        home.sign_in_at(&format!("https://{here}"), "Anna").one();
        home.stop();
    }
}

#[test]
fn a_hub_of_another_authority_is_not_spoken_to() {
    let (home, other) = (Home::by_https(), Home::by_https());
    let why = home.anna(&["--hub", other.address(), "list"]).refused();
    assert!(why.contains("sign in") || why.contains("sign-in"), "{why}");
    let passphrase = other.passphrase("Anna");
    let (totp, authority) = (other.totp("Anna"), home.authority());
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let files = [path(&passphrase), path(&totp), path(&authority)];
    let mut sign_in =
        vec!["--hub", other.address(), "sign-in", "--name", "Anna", "--passphrase-file", &files[0]];
    sign_in.extend(["--totp-secret-file", &files[1]]);
    let why = home.anna(&sign_in).refused();
    assert!(why.contains("--authority"), "{why}");
    sign_in.extend(["--authority", &files[2]]);
    let why = home.anna(&sign_in).refused();
    assert!(why.contains("does not show a certificate of your household"), "{why}");
}

#[test]
fn a_given_certificate_is_used_and_a_bad_one_is_named() {
    if !has("openssl", "makes a certificate") {
        return;
    }
    let mut home = Home::made();
    let (chain, key) = (home.file("chain.pem"), home.file("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "9",
        ])
        .args(["-subj", "/CN=porchlight.local", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&chain)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let data = home.data();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let (data, given, private) = (path(&data), path(&chain), path(&key));
    let serve = ["serve", "--listen", "127.0.0.1:0", "--https", "--data", &data, "--certificate"];
    let why = home.anna(&[&serve[..], &[&private, "--certificate-key", &private]].concat()).refused();
    assert!(why.contains("holds no certificate in PEM"), "{why}");
    let why = home.anna(&[&serve[..], &[&given, "--certificate-key", &given]].concat()).refused();
    assert!(why.contains("holds no private key in PEM"), "{why}");
    home.serve_with(&["--https", "--certificate", &given, "--certificate-key", &private]);
    assert!(!home.authority().exists(), "no authority of its own is made");
    home.sign_in_trusting("Anna", &chain).one();
    assert!(home.list(&[]).is_empty());
}
