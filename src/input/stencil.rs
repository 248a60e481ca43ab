//! Tells whether bytes are digits and signs in the order of a time stamp, eight
//! of them at once. It must not know which stamps there are.

/// A shape of eight bytes: `0` is a digit, all else itself.
pub(super) struct Stencil {
    signs: u64,
    /// For each byte what must be added to one that differs too much from its
    /// sign to set its highest bit.
    limits: u64,
}

impl Stencil {
    pub const fn of(signs: [u8; 8]) -> Stencil {
        let mut limits = [0x7f; 8];
        let mut at = 0;
        while at < 8 {
            limits[at] -= if signs[at] == b'0' { 9 } else { 0 };
            at += 1;
        }
        Stencil { signs: u64::from_le_bytes(signs), limits: u64::from_le_bytes(limits) }
    }

    /// Whether bytes begin so.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        const HIGH: u64 = (u64::MAX / 255) << 7;
        let Some(bytes) = bytes.first_chunk() else { return false };
        let differs = u64::from_le_bytes(*bytes) ^ self.signs;
        (((differs & !HIGH) + self.limits) | differs) & HIGH == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_a_digit_or_itself() {
        const SHAPE: &[u8; 8] = b"00-00:0 ";
        let stencil = Stencil::of(*SHAPE);
        for at in 0..SHAPE.len() {
            for byte in 0..=255 {
                let mut bytes = *b"09-47:8 ";
                bytes[at] = byte;
                let fits = if SHAPE[at] == b'0' { byte.is_ascii_digit() } else { byte == SHAPE[at] };
                assert_eq!(stencil.fits(&bytes), fits, "{byte:#x} at {at}");
                assert!(!stencil.fits(&bytes[..7]));
            }
        }
    }
}
