//! Words that mix alphabets, so that one name reads like another: `рrint` with a Cyrillic letter is not `print`.

/// The first word that holds letters of the Latin alphabet and letters of another one that look like such, and the first
/// of these. Greek letters as they are used in formulas (`σ_x`, `Δt`) are none; Unicode TR 39 calls the rest *mixed-script
/// confusables*.
pub fn mixed_word(text: &str) -> Option<(&str, char)> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.into_iter().find_map(|word| {
        let stranger = word.chars().find(|c| looks_latin(*c))?;
        word.chars().any(|c| c.is_ascii_alphabetic()).then_some((word, stranger))
    })
}

/// Whether a letter of another alphabet, or a variant that Python takes for the plain letter, looks like a Latin one.
fn looks_latin(c: char) -> bool {
    matches!(c,
        '\u{0400}'..='\u{052F}' // Cyrillic
        | '\u{0531}'..='\u{0587}' // Armenian
        | '\u{13A0}'..='\u{13F5}' // Cherokee
        | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' // full width
        | '\u{1D400}'..='\u{1D7FF}' // mathematical
    ) || "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_two_alphabets_is_found() {
        for (text, found) in [
            ("x = рrint('a')", Some(("рrint", 'р'))),
            ("ｅval(x)", Some(("ｅval", 'ｅ'))),
            ("evａl(x)", Some(("evａl", 'ａ'))),
            ("Οrder = 1", Some(("Οrder", 'Ο'))),
            ("σ_x, Δt, größe, naïve = 1, 2, 3, 4", None),
            ("# слова on a line", None),
        ] {
            assert_eq!(mixed_word(text), found, "{text}");
        }
    }
}
