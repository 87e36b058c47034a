//! The way into the app as a square code in the terminal, for a phone's camera.

use std::io::{self, IsTerminal};

use porchlight_server::RunningHub;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use crate::output::{Output, say};

/// Shows it to whoever sits at the terminal, where phones may come in.
pub(super) fn show(hub: &RunningHub, out: Output) {
    let Some(address) = hub.phone_address() else { return };
    if !out.json && io::stderr().is_terminal() {
        if let Some(code) = drawn(&address) {
            say(format!("{code}\nPoint a phone's camera at this. It leads to {address}"));
        }
    } else {
        say(format!("Phones at home open {address}"));
    }
}

/// The code in light squares, as terminals are mostly dark; with its margin, which is light too.
pub(super) fn drawn(address: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let mut drawn = code.render::<Dense1x2>();
    Some(drawn.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    use qrcode::Color;

    use super::*;

    #[test]
    fn what_is_drawn_is_the_code_with_a_margin_around_it() {
        let address = "https://porchlight.local:8420/#/trust";
        let code = QrCode::with_error_correction_level(address, EcLevel::L).unwrap();
        let rows: Vec<Vec<bool>> = drawn(address)
            .unwrap()
            .lines()
            .flat_map(|line| {
                let of = |halves: [char; 2]| line.chars().map(move |drawn| halves.contains(&drawn)).collect();
                [of(['█', '▀']), of(['█', '▄'])]
            })
            .collect();
        for (y, row) in rows.iter().enumerate().take(code.width() + 8) {
            for (x, light) in row.iter().enumerate() {
                let inside = (4..code.width() + 4).contains(&x) && (4..code.width() + 4).contains(&y);
                let dark = inside && code[(x - 4, y - 4)] == Color::Dark;
                assert_eq!(*light, !dark, "{x} {y}");
            }
        }
        assert_eq!(rows[0].len(), code.width() + 8);
    }
}
