//! What a decoder is set up with, out of the sample entry of a track (ISO/IEC 14496-12, section 12).

/// Bytes of a sample entry before the boxes in it: of pictures (12.1.3), and of sound (12.2.3).
const PICTURE: usize = 8 + 78;
const SOUND: usize = 8 + 28;

/// What a decoder of pictures is set up with: the content of the box with the parameter sets.
pub(crate) fn picture_description(entry: &[u8]) -> Option<Vec<u8>> {
    let inside = entry.get(PICTURE..)?;
    content(inside, b"avcC").or_else(|| content(inside, b"hvcC")).map(<[u8]>::to_vec)
}

/// What a decoder of sound is set up with, where it needs anything.
pub(crate) fn sound_description(entry: &[u8]) -> Option<Vec<u8>> {
    let inside = entry.get(SOUND..)?;
    if let Some(descriptor) = content(inside, b"esds") {
        return specific_config(descriptor.get(4..)?).map(<[u8]>::to_vec);
    }
    // FLAC: its blocks of metadata as they begin a file.
    let blocks = content(inside, b"dfLa")?.get(4..)?;
    Some([b"fLaC", blocks].concat())
}

/// How many channels a sound has.
pub(crate) fn channels(entry: &[u8]) -> Option<u16> {
    let count = entry.get(24..26)?;
    Some(u16::from_be_bytes(count.try_into().ok()?)).filter(|count| *count > 0)
}

/// The content of the first box of a kind.
fn content<'a>(mut boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    while let Some((size, rest)) = boxes.split_first_chunk::<4>() {
        let size = u32::from_be_bytes(*size) as usize;
        let whole = boxes.get(..size).filter(|whole| whole.len() >= 8)?;
        if rest.starts_with(kind) {
            return whole.get(8..);
        }
        boxes = &boxes[size..];
    }
    None
}

/// The AudioSpecificConfig in an elementary stream's descriptor (ISO/IEC 14496-1, section 7.2.6).
fn specific_config(mut descriptors: &[u8]) -> Option<&[u8]> {
    const ES: u8 = 3;
    const DECODER_CONFIG: u8 = 4;
    const DECODER_SPECIFIC: u8 = 5;
    loop {
        let (&tag, rest) = descriptors.split_first()?;
        let (length, rest) = length(rest)?;
        descriptors = match tag {
            ES => {
                let flags = *rest.get(2)?;
                let other = usize::from(flags & 0x80 != 0) * 2 + usize::from(flags & 0x20 != 0) * 2;
                let url = if flags & 0x40 != 0 { 1 + usize::from(*rest.get(3 + other)?) } else { 0 };
                rest.get(3 + other + url..)?
            }
            DECODER_CONFIG => rest.get(13..)?,
            DECODER_SPECIFIC => return rest.get(..length),
            _ => rest.get(length..)?,
        };
    }
}

/// A length of up to four bytes with seven bits in each.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    for (at, byte) in bytes.iter().take(4).enumerate() {
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((length, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &[u8; 4], fixed: usize, inside: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut entry = vec![0; fixed];
        entry[4..8].copy_from_slice(kind);
        for (kind, content) in inside {
            entry.extend_from_slice(&(content.len() as u32 + 8).to_be_bytes());
            entry.extend_from_slice(*kind);
            entry.extend_from_slice(content);
        }
        entry
    }

    #[test]
    fn the_parameter_sets_are_found_among_other_boxes() {
        for kind in [b"avcC", b"hvcC"] {
            let entry = entry(b"any1", PICTURE, &[(b"pasp", &[0; 8]), (kind, &[1, 2, 3])]);
            assert_eq!(picture_description(&entry), Some(vec![1, 2, 3]));
        }
        assert_eq!(picture_description(&entry(b"avc1", PICTURE, &[])), None);
        assert_eq!(picture_description(&[0; 20]), None);
        let mut short = entry(b"avc1", PICTURE, &[(b"avcC", &[1, 2, 3])]);
        short.pop();
        assert_eq!(picture_description(&short), None, "a box that is longer than what there is");
        let mut endless = entry(b"avc1", PICTURE, &[(b"pasp", &[])]);
        endless[PICTURE + 3] = 0;
        assert_eq!(picture_description(&endless), None, "a box of no length");
    }

    #[test]
    fn what_a_sound_is_set_up_with_is_found_too() {
        let esds = [
            &[0, 0, 0, 0, 3, 0x80, 0x80, 0x80, 27, 0, 0, 0, 4, 19][..],
            &[0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[5, 2, 0x14, 0x08, 6, 1, 2],
        ]
        .concat();
        let mut aac = entry(b"mp4a", SOUND, &[(b"esds", &esds)]);
        aac[25] = 2;
        assert_eq!((sound_description(&aac), channels(&aac)), (Some(vec![0x14, 0x08]), Some(2)));
        let flac = entry(b"fLaC", SOUND, &[(b"dfLa", &[0, 0, 0, 0, 7, 8])]);
        assert_eq!(sound_description(&flac), Some(b"fLaC\x07\x08".to_vec()));
        let opus = entry(b"Opus", SOUND, &[(b"dOps", &[0; 11])]);
        assert_eq!((sound_description(&opus), channels(&opus)), (None, None));
        for cut in 0..aac.len() {
            let _ = sound_description(&aac[..cut]);
        }
    }
}
