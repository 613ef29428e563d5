//! Roles → styles, from TOML. Themes change roles, never places.

use std::collections::HashMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::domain::failure::Failure;
use crate::safe;

macro_rules! roles {
    ($($variant:ident $name:literal,)*) => {
        /// What something on the screen is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names in the theme files say it")]
        pub enum Role { $($variant,)* }

        impl Role {
            /// Every role.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in a theme.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

roles! {
    Screen "screen", Dim "dim", Faint "faint", Accent "accent", Good "good", Caution "caution", Bad "bad",
    Border "border", BorderFocus "border_focus", Title "title", Head "head", Row "row", Cell "cell", Bar "bar",
    Heading "heading", Strong "strong", Emphasis "emphasis", Code "code", Keyword "keyword", String "string",
    Number "number", Comment "comment", Function "function", Added "added", Removed "removed", Overlay "overlay",
    Selected "selected", Match "match",
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: signs and weight alone.
    None,
    /// The 256 of an xterm.
    Indexed,
    /// All of them.
    True,
}

/// How each role looks.
#[derive(Clone, Debug)]
pub struct Theme {
    styles: HashMap<Role, Style>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for whoever reads the file")]
    name: String,
    roles: HashMap<String, Look>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    italic: bool,
    underline: bool,
}

/// Names of the themes that come with the program.
pub const NAMES: [&str; 3] = ["dark", "light", "contrast"];

/// The text of a theme that comes with the program.
pub fn builtin(name: &str) -> Option<&'static str> {
    match name {
        "dark" => Some(include_str!("../../themes/dark.toml")),
        "light" => Some(include_str!("../../themes/light.toml")),
        "contrast" => Some(include_str!("../../themes/contrast.toml")),
        _ => None,
    }
}

impl Theme {
    /// Reads a theme. Every role must be there, so that no part of the screen is forgotten.
    pub fn parse(name: &str, text: &str, depth: Depth) -> Result<Self, Failure> {
        let broken = |why: String| {
            Failure::input(safe!("theme {name}"), safe!("{why}"), safe!("mend it, or use one of {}", NAMES.join(", ")))
        };
        let file: File = toml::from_str(text).map_err(|error| broken(error.message().to_owned()))?;
        let mut styles = HashMap::new();
        for role in Role::ALL {
            let look =
                file.roles.get(role.name()).ok_or_else(|| broken(format!("the role {} is missing", role.name())))?;
            let color = |text: &Option<String>| -> Result<Option<Color>, Failure> {
                text.as_deref()
                    .map(|text| {
                        color(text, depth).ok_or_else(|| broken(format!("{text} is not a colour such as #6cb6ff")))
                    })
                    .transpose()
            };
            let mut style = Style { fg: color(&look.fg)?, bg: color(&look.bg)?, ..Style::new() };
            for (is_on, modifier) in
                [(look.bold, Modifier::BOLD), (look.italic, Modifier::ITALIC), (look.underline, Modifier::UNDERLINED)]
            {
                if is_on {
                    style = style.add_modifier(modifier);
                }
            }
            if depth == Depth::None {
                style = plain(*role, style);
            }
            styles.insert(*role, style);
        }
        if let Some(unknown) = file.roles.keys().find(|name| !Role::ALL.iter().any(|role| role.name() == name.as_str()))
        {
            return Err(broken(format!("there is no role {unknown}")));
        }
        Ok(Self { styles })
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

/// Without colours what is selected is reversed, what stands back is dim, what decides is bold.
fn plain(role: Role, style: Style) -> Style {
    let style = Style { fg: None, bg: None, ..style };
    match role {
        Role::Cell | Role::Selected | Role::Match => style.add_modifier(Modifier::REVERSED),
        Role::Dim | Role::Faint | Role::Border | Role::Comment => style.add_modifier(Modifier::DIM),
        Role::BorderFocus | Role::Accent | Role::Bad | Role::Caution => style.add_modifier(Modifier::BOLD),
        Role::Row => style.add_modifier(Modifier::UNDERLINED),
        _ => style,
    }
}

fn color(text: &str, depth: Depth) -> Option<Color> {
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let (r, g, b) = (part(0)?, part(2)?, part(4)?);
    Some(match depth {
        Depth::True => Color::Rgb(r, g, b),
        Depth::Indexed | Depth::None => Color::Indexed(nearest(r, g, b)),
    })
}

/// The nearest colour of xterm's cube of 6 × 6 × 6 or its 24 greys.
fn nearest(r: u8, g: u8, b: u8) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let distance = |(x, y, z): (u8, u8, u8)| {
        [(x, r), (y, g), (z, b)].iter().map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>()
    };
    let step = |value: u8| (0u8..6).min_by_key(|idx| STEPS[usize::from(*idx)].abs_diff(value)).unwrap_or(0);
    let (x, y, z) = (step(r), step(g), step(b));
    let cube = (STEPS[usize::from(x)], STEPS[usize::from(y)], STEPS[usize::from(z)]);
    let grey = (0u8..24).min_by_key(|idx| distance((8 + idx * 10, 8 + idx * 10, 8 + idx * 10))).unwrap_or(0);
    let grey_value = 8 + grey * 10;
    if distance((grey_value, grey_value, grey_value)) < distance(cube) { 232 + grey } else { 16 + 36 * x + 6 * y + z }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_that_comes_along_has_every_role_at_every_depth() {
        for name in NAMES {
            for depth in [Depth::None, Depth::Indexed, Depth::True] {
                let theme = Theme::parse(name, builtin(name).unwrap(), depth).unwrap();
                let has_color = Role::ALL.iter().any(|role| theme.style(*role).fg.is_some());
                assert_eq!(has_color, depth != Depth::None, "{name}");
            }
        }
    }

    #[test]
    fn a_broken_theme_says_what_is_missing() {
        let broken =
            Theme::parse("mine", "name = \"mine\"\n[roles]\nscreen = { fg = \"#ffffff\" }\n", Depth::True).unwrap_err();
        assert_eq!(
            broken.to_string(),
            "theme mine: the role dim is missing – mend it, or use one of dark, light, contrast"
        );
    }

    #[test]
    fn colours_come_down_to_the_nearest_of_256() {
        assert_eq!(
            [nearest(255, 0, 0), nearest(0, 0, 0), nearest(118, 118, 118), nearest(108, 182, 255)],
            [196, 16, 243, 75]
        );
    }
}
