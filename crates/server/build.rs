//! The app is built before the hub and embedded in it: another app is another hub.

fn main() {
    println!("cargo:rerun-if-changed=../../web/dist");
}
