//! Cells replaced by others of the same shape: letters by letters, digits by digits, always the same for the same project.

/// Replaces every letter and digit of `cell`. `key` belongs to the project and never leaves it; without it the
/// replacement can't be undone, and with another key it comes out differently.
pub fn mask(key: &[u8; 32], column: &str, cell: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(column.as_bytes());
    hasher.update(&[0]);
    hasher.update(cell.as_bytes());
    let mut bytes = hasher.finalize_xof();
    cell.chars()
        .map(|c| {
            let mut byte = [0; 2];
            bytes.fill(&mut byte);
            let pick = u16::from_le_bytes(byte);
            let from = |start: u8, n: u16| char::from(start + u8::try_from(pick % n).unwrap_or(0));
            match c {
                '0'..='9' => from(b'0', 10),
                c if c.is_uppercase() => from(b'A', 26),
                c if c.is_alphabetic() => from(b'a', 26),
                c => c,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_stays_and_the_value_does_not() {
        let masked = mask(&[7; 32], "name", "Anna-Maria 42");
        assert_eq!(masked, mask(&[7; 32], "name", "Anna-Maria 42"));
        assert_ne!(masked, mask(&[8; 32], "name", "Anna-Maria 42"));
        assert_ne!(masked, mask(&[7; 32], "city", "Anna-Maria 42"));
        assert_ne!(masked, "Anna-Maria 42");
        let shape = |text: &str| -> String {
            text.chars()
                .map(|c| {
                    if c.is_ascii_digit() {
                        '9'
                    } else if c.is_uppercase() {
                        'A'
                    } else if c.is_alphabetic() {
                        'a'
                    } else {
                        c
                    }
                })
                .collect()
        };
        assert_eq!(shape(&masked), "Aaaa-Aaaaa 99");
    }
}
