//! Moonshine's vocabulary, from its `tokenizer.bin`.
//!
//! The file is one token after the other: a length of one byte, or of two when the first is 128 or more
//! (`second * 128 + first - 128`), and as many bytes of text. A token's number is its place.
//! U+2581 stands for a space, single bytes spell what no longer token covers, and a name in angle brackets is a sign to
//! the decoder and no text.

use zeroize::Zeroizing;

/// What each token stands for.
pub(crate) struct Tokens(Vec<Box<[u8]>>);

impl Tokens {
    /// Reads a vocabulary.
    ///
    /// # Errors
    /// A sentence that says where the file breaks off.
    pub(crate) fn parse(mut file: &[u8]) -> Result<Self, String> {
        let mut tokens = Vec::new();
        while let Some((&first, rest)) = file.split_first() {
            let cut = || format!("token {} is cut off", tokens.len());
            let (length, rest) = match first {
                0..128 => (usize::from(first), rest),
                128.. => {
                    let (&second, rest) = rest.split_first().ok_or_else(cut)?;
                    (usize::from(second) * 128 + usize::from(first) - 128, rest)
                }
            };
            let (token, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
            tokens.push(token.into());
            file = rest;
        }
        if tokens.is_empty() { Err("it holds no token".into()) } else { Ok(Self(tokens)) }
    }

    /// The text of a sequence of tokens. Signs and numbers that are no token give nothing.
    pub(crate) fn text(&self, tokens: &[usize]) -> String {
        let mut bytes = Zeroizing::new(Vec::new());
        for token in tokens.iter().filter_map(|&token| self.0.get(token)).filter(|token| !is_sign(token)) {
            bytes.extend_from_slice(token);
        }
        let spelled = Zeroizing::new(String::from_utf8_lossy(&bytes).replace(SPACE, " "));
        spelled.trim().to_owned()
    }
}

const SPACE: char = '\u{2581}';

fn is_sign(token: &[u8]) -> bool {
    token.len() > 2 && token.starts_with(b"<") && token.ends_with(b">")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_become_text_with_spaces_and_without_signs() {
        let mut file = b"\x03<s>".to_vec();
        for token in ["\u{2581}turn", "\u{2581}on", "!", "<", ">"] {
            file.push(token.len() as u8);
            file.extend(token.as_bytes());
        }
        let tokens = Tokens::parse(&file).unwrap();
        assert_eq!(tokens.text(&[0, 1, 2, 3, 4, 5, 99]), "turn on!<>");
    }

    #[test]
    fn letters_can_be_spelled_byte_by_byte() {
        let tokens = Tokens::parse(b"\x01\xc3\x01\xa9\x00").unwrap();
        assert_eq!(tokens.text(&[0, 1, 2]), "é");
        assert_eq!(tokens.text(&[0]), "\u{fffd}");
    }

    #[test]
    fn long_tokens_have_a_length_of_two_bytes() {
        let mut file = vec![128 + 72, 1];
        file.extend([b'a'; 200]);
        assert_eq!(Tokens::parse(&file).unwrap().text(&[0]), "a".repeat(200));
    }

    #[test]
    fn a_file_that_breaks_off_is_refused() {
        assert_eq!(Tokens::parse(b"\x01a\x05abc").err().unwrap(), "token 1 is cut off");
        assert_eq!(Tokens::parse(b"\x90").err().unwrap(), "token 0 is cut off");
        assert!(Tokens::parse(b"").is_err());
    }

    proptest! {
        #[test]
        fn no_file_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(tokens) = Tokens::parse(&bytes) {
                tokens.text(&(0..tokens.0.len()).collect::<Vec<_>>());
            }
        }
    }
}
