//! How a terminal draws pictures, told from its name: asking it would hold up the first screen.

/// A way of drawing pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// The protocol of kitty, with placeholders: <https://sw.kovidgoyal.net/kitty/graphics-protocol/>.
    Kitty,
    /// Inline images: <https://iterm2.com/documentation-images.html>.
    Iterm,
    /// Sixel, as on the VT340.
    Sixel,
    /// Two pixels in each cell.
    #[default]
    Blocks,
    /// Not at all: size and place of the file.
    Words,
}

impl Manner {
    /// Every manner with its name in the configuration.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("kitty", Self::Kitty),
        ("iterm", Self::Iterm),
        ("sixel", Self::Sixel),
        ("blocks", Self::Blocks),
        ("words", Self::Words),
    ];

    /// The manner of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, manner)| *manner)
    }

    /// The manner of the terminal that these variables describe. Inside tmux and screen only cells get through.
    pub fn of_terminal<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Self {
        let is = |name: &str, values: &[&str]| variable(name).is_some_and(|value| values.contains(&value));
        let term = variable("TERM").unwrap_or_default();
        if variable("NO_COLOR").is_some() || term == "linux" || term == "dumb" {
            Self::Words
        } else if variable("TMUX").is_some()
            || variable("STY").is_some()
            || term.starts_with("tmux")
            || term.starts_with("screen")
        {
            Self::Blocks
        } else if term.contains("kitty") || term.contains("ghostty") || is("TERM_PROGRAM", &["ghostty"]) {
            Self::Kitty
        } else if is("TERM_PROGRAM", &["iTerm.app", "WezTerm", "mintty", "Tabby", "rio"])
            || is("LC_TERMINAL", &["iTerm2"])
        {
            Self::Iterm
        } else if term.starts_with("foot")
            || term.starts_with("mlterm")
            || term.starts_with("contour")
            || term.contains("sixel")
        {
            Self::Sixel
        } else {
            Self::Blocks
        }
    }
}

/// Whether a name is that of a picture.
pub fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &'static str)]) -> Manner {
        Manner::of_terminal(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
    }

    #[test]
    fn a_terminal_is_known_by_its_name_and_tmux_hides_it() {
        for (variables, manner) in [
            (&[("TERM", "xterm-kitty")][..], Manner::Kitty),
            (&[("TERM", "xterm-ghostty")], Manner::Kitty),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], Manner::Iterm),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], Manner::Iterm),
            (&[("TERM", "foot-extra")], Manner::Sixel),
            (&[("TERM", "xterm-256color")], Manner::Blocks),
            (&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "iTerm.app")], Manner::Blocks),
            (&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux-0/default,1,0")], Manner::Blocks),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], Manner::Words),
            (&[("TERM", "linux")], Manner::Words),
        ] {
            assert_eq!(of(variables), manner, "{variables:?}");
        }
        for (name, manner) in Manner::NAMES {
            assert_eq!(Manner::of_name(name), Some(manner));
        }
        assert_eq!(Manner::of_name("braille"), None);
    }
}
