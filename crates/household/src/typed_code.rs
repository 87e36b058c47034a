//! One-time codes that somebody reads on one screen and types into another: how they are made, and read however they are typed.

use zeroize::Zeroizing;

use crate::Error;

/// What a code is made of: letters and digits that are hard to mistake for each other, five bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKMNPQRSTUVWXYZ023456789";
/// Letters that are shown together.
const GROUP: usize = 4;

/// As many random letters as this.
///
/// # Errors
/// Only when this computer gives no random numbers.
pub fn random(letters: usize) -> Result<Zeroizing<String>, Error> {
    let mut random = Zeroizing::new(vec![0; letters]);
    getrandom::fill(random.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
    let mut code = Zeroizing::new(String::with_capacity(letters));
    code.extend(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])));
    Ok(code)
}

/// A code as it is shown: in groups of four.
pub fn shown(code: &str) -> Zeroizing<String> {
    let mut shown = Zeroizing::new(String::with_capacity(code.len() + code.len() / GROUP));
    for (place, letter) in code.chars().enumerate() {
        if place > 0 && place % GROUP == 0 {
            shown.push('-');
        }
        shown.push(letter);
    }
    shown
}

/// A code as it is compared, however it was typed. What is longer than a code of so many letters can be is cut, and stays too long.
pub fn plain(typed: &str, letters: usize) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(2 * letters));
    let read = typed.chars().filter(char::is_ascii_alphanumeric).take(2 * letters);
    plain.extend(
        read.map(|letter| letter.to_ascii_uppercase()).map(|letter| if letter == 'O' { '0' } else { letter }),
    );
    plain
}

/// Whether a plain code could be one of so many letters.
pub(crate) fn is_whole(plain: &str, letters: usize) -> bool {
    plain.len() == letters && plain.bytes().all(|letter| LETTERS.contains(&letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_groups_and_read_however_it_is_typed() {
        let code = random(12).unwrap();
        let shown = shown(&code);
        assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
        assert_ne!(*code, *random(12).unwrap());
        let typed = [
            shown.to_lowercase(),
            shown.replace('-', " "),
            shown.replace('-', " – "),
            code.to_string(),
            code.replace('0', "o"),
        ];
        for typed in typed {
            assert_eq!(*plain(&typed, 12), *code, "{typed}");
        }
        assert!(is_whole(&code, 12));
        for none in [&code[1..], &format!("{}A", *code), &code.replace(&code[..1], "I"), ""] {
            assert!(!is_whole(&plain(none, 12), 12), "{none}");
        }
    }
}
