//! G.711 (ITU-T G.711): eight bits that stand for fourteen or thirteen, on a curve.

/// The two curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// µ-law, of North America and Japan.
    Mu,
    /// A-law, of the rest of the world.
    A,
}

impl Law {
    /// A sample of 16 bits, of which the last ones are 0.
    pub(crate) fn sample(self, byte: u8) -> i16 {
        match self {
            Self::Mu => {
                let byte = !byte;
                let magnitude = ((i16::from(byte & 0x0f) << 3) + 0x84) << (byte >> 4 & 7);
                if byte & 0x80 == 0 { magnitude - 0x84 } else { 0x84 - magnitude }
            }
            Self::A => {
                let byte = byte ^ 0x55;
                let mantissa = (i16::from(byte & 0x0f) << 4) + 8;
                let magnitude = match byte >> 4 & 7 {
                    0 => mantissa,
                    exponent => (mantissa + 0x100) << (exponent - 1),
                };
                if byte & 0x80 == 0 { -magnitude } else { magnitude }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_curves_are_where_the_tables_have_them() {
        let mu = [(0xff, 0), (0x7f, 0), (0x80, 32_124), (0x00, -32_124), (0xfe, 8), (0xef, 132)];
        assert!(mu.iter().all(|(byte, sample)| Law::Mu.sample(*byte) == *sample));
        let a = [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0xd4, 24), (0xc5, 264)];
        assert!(a.iter().all(|(byte, sample)| Law::A.sample(*byte) == *sample));
    }
}
