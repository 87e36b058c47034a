//! Every file that is refused, and that no file at all breaks the reader.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_written_is_read_back() {
    let sound = Pcm::new(RATE, vec![0, 1, -1, i16::MAX, i16::MIN]);
    assert_eq!(read(&write(&sound)).unwrap(), sound);
}

#[test]
fn any_rate_can_be_written_and_other_readers_agree() {
    for rate in [0, 22_050, u32::MAX] {
        assert_eq!(write(&Pcm::new(rate, vec![5; 3])).len(), HEADER_BYTES + 6);
    }
    let reader = hound::WavReader::new(std::io::Cursor::new(write(&Pcm::new(22_050, vec![5; 3])))).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().channels, reader.len()), (22_050, 1, 3));
}

#[test]
fn the_longest_sound_is_taken_and_one_sample_more_is_not() {
    let longest = (MAX_SECONDS * RATE) as usize;
    let file = write(&Pcm::new(RATE, vec![0; longest]));
    assert!(file.len() <= MAX_BYTES);
    assert_eq!(read(&file).unwrap().seconds(), f64::from(MAX_SECONDS));
    let file = write(&Pcm::new(RATE, vec![0; longest + 1]));
    assert_eq!(read(&file), Err(WavError::TooLong { seconds: MAX_SECONDS }));
}

#[test]
fn two_hours_are_refused_by_the_header_alone() {
    let hours = wav(1, 1, RATE, 16, 2 * 3600 * RATE * 2, &[]);
    assert_eq!(read(&hours), Err(WavError::TooLong { seconds: 7200 }));
}

#[test]
fn each_wrong_format_is_named_with_what_to_do() {
    let sound = [0u8; 64];
    for (file, expected, said) in [
        (vec![], WavError::Empty, "empty"),
        (wav(1, 1, RATE, 8, 64, &sound), WavError::Bits { found: 8 }, "8-bit"),
        (wav(1, 1, RATE, 24, 63, &sound), WavError::Bits { found: 24 }, "24-bit"),
        (wav(1, 2, RATE, 16, 64, &sound), WavError::Channels { found: 2 }, "2 channels"),
        (wav(1, 0, RATE, 16, 64, &sound), WavError::Channels { found: 0 }, "0 channels"),
        (wav(1, 1, 44_100, 16, 64, &sound), WavError::Rate { found: 44_100 }, "44100"),
        (
            wav(3, 1, RATE, 32, 64, &sound),
            WavError::Encoding { found: "32-bit floating point numbers".into() },
            "floating point",
        ),
        (wav(7, 1, RATE, 8, 64, &sound), WavError::Encoding { found: "mu-law samples".into() }, "mu-law"),
        (wav(1, 1, RATE, 16, 0, &[]), WavError::NoSound, "no sound"),
        (wav(1, 1, RATE, 16, 66, &sound), WavError::Truncated { promised: 66, present: 64 }, "cut off"),
        (wav(1, 1, RATE, 16, u32::MAX, &sound), WavError::Unfinished, "pipe"),
        (wav(1, 1, RATE, 16, 0, &sound), WavError::Unfinished, "pipe"),
        (b"fLaC and so on and on".to_vec(), WavError::NotWav { found: "a FLAC file" }, "FLAC"),
        (b"RIFF".to_vec(), WavError::NotWav { found: "a file that ends within its first 12 bytes" }, "ends"),
        (b"RIFF\0\0\0\0AVI LIST".to_vec(), WavError::NotWav { found: "another kind of RIFF file" }, "RIFF"),
        (b"a letter to the editor".to_vec(), WavError::NotWav { found: "something else" }, "not a WAV"),
    ] {
        let error = read(&file).unwrap_err();
        assert_eq!(error, expected);
        let message = error.to_string();
        assert!(message.contains(said), "{message}");
        assert!(message.contains(';'), "says what to do: {message}");
    }
}

#[test]
fn what_a_conversion_mends_comes_with_the_command() {
    let command = "ffmpeg -i IN -ac 1 -ar 16000 -c:a pcm_s16le OUT.wav";
    for error in [
        WavError::NotWav { found: "a FLAC file" },
        WavError::Encoding { found: "A-law samples".into() },
        WavError::Bits { found: 8 },
        WavError::Channels { found: 2 },
        WavError::Rate { found: 44_100 },
        WavError::Unfinished,
    ] {
        assert!(error.to_string().contains(command), "{error}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let file = write(&Pcm::new(RATE, vec![7; 20]));
    for length in 0..file.len() {
        assert!(read(&file[..length]).is_err(), "cut to {length} bytes");
    }
}

#[test]
fn other_chunks_before_the_sound_are_skipped() {
    let plain = write(&Pcm::new(RATE, vec![7; 20]));
    let mut file = plain[..36].to_vec();
    file.extend(b"LIST\x03\0\0\0abc\0");
    file.extend(&plain[36..]);
    assert_eq!(read(&file).unwrap().samples(), &[7; 20]);
}

#[test]
fn a_length_that_no_program_knew_is_told_from_a_long_sound() {
    // As they are written to a pipe by sox, ffmpeg and others.
    for promised in [0x7fff_f000, 0x7fff_ffff, 0x8000_0000, 0xffff_f000, u32::MAX] {
        assert_eq!(
            read(&wav(1, 1, RATE, 16, promised, &[0; 64])),
            Err(WavError::Unfinished),
            "{promised:#x}"
        );
    }
    assert!(matches!(read(&wav(1, 1, RATE, 16, 0x7000_0000, &[0; 64])), Err(WavError::TooLong { .. })));
}

#[test]
fn the_extensible_form_may_be_followed_by_more() {
    let whole = extensible(1);
    let format = whole.windows(4).position(|name| name == b"fmt ").unwrap();
    let length = u32::from_le_bytes(whole[format + 4..format + 8].try_into().unwrap());
    for more in [2, 6, 22] {
        let mut file = whole.clone();
        file[format + 4..format + 8].copy_from_slice(&(length + more).to_le_bytes());
        let end = format + 8 + length as usize;
        file.splice(end..end, vec![0; more as usize]);
        assert_eq!(read(&file).map(|sound| sound.samples().len()), Ok(2), "{more} bytes more");
    }
    // And whose samples are of a kind that is nowhere written down is not guessed at.
    let mut file = whole;
    let kind = file.windows(4).position(|bytes| bytes == [0x38, 0x9b, 0x71, b'd']).unwrap();
    file[kind] ^= 1;
    assert!(matches!(read(&file), Err(WavError::Encoding { .. })));
}

#[test]
fn the_extensible_form_is_taken_when_it_holds_integers() {
    assert_eq!(read(&extensible(1)).unwrap().samples().len(), 2);
    assert!(read(&extensible(3)).is_err());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_lying_header_never_panics_and_never_yields_more_than_is_there(
        changes in prop::collection::vec((0usize..64, any::<u8>()), 1..8),
        keep in 0usize..120,
    ) {
        let mut file = write(&Pcm::new(RATE, vec![7; 40]));
        for (at, byte) in changes {
            file[at] = byte;
        }
        file.truncate(keep.max(1));
        if let Ok(sound) = read(&file) {
            prop_assert!(sound.samples().len() * BYTES_PER_SAMPLE <= file.len());
        }
    }

    #[test]
    fn any_sound_survives(samples in prop::collection::vec(any::<i16>(), 1..500)) {
        let sound = Pcm::new(RATE, samples);
        prop_assert_eq!(read(&write(&sound)).unwrap(), sound);
    }
}

/// A WAV file that says whatever is asked.
fn wav(encoding: u16, channels: u16, rate: u32, bits: u16, promised: u32, sound: &[u8]) -> Vec<u8> {
    let align = channels * bits.div_ceil(8);
    let mut file = b"RIFF".to_vec();
    file.extend((36 + promised.min(1 << 31)).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(encoding.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(align)).to_le_bytes());
    file.extend(align.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(promised.to_le_bytes());
    file.extend(sound);
    file
}

/// The form of header whose encoding is in a GUID at its end.
fn extensible(encoding: u8) -> Vec<u8> {
    let plain = wav(0xfffe, 1, RATE, 16, 4, &[1, 2, 3, 4]);
    let mut file = plain[..16].to_vec();
    file.extend(40u32.to_le_bytes());
    file.extend(&plain[20..36]);
    file.extend([22, 0, 16, 0, 4, 0, 0, 0]);
    file.extend([encoding, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
    file.extend(&plain[36..]);
    file
}
