//! The table of commands. Keys, palette, help and hints are made from it.

macro_rules! commands {
    ($($variant:ident $name:literal $group:ident $doc:literal [$($chord:literal),*],)*) => {
        /// Something the user can ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command {
            $(#[doc = $doc] $variant,)*
        }

        impl Command {
            /// Every command, in the order of the help.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in the palette and in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it does, in one line.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }

            /// Where it stands in the help.
            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group),* }
            }

            /// The chords that it has by default.
            pub fn default_chords(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($chord),*]),* }
            }
        }
    };
}

/// Groups of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// What the loop is made of.
    Work,
    /// Moving about.
    Move,
    /// What belongs to one pane.
    Pane,
    /// The rest.
    Other,
}

impl Group {
    /// Its heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Work => "The loop",
            Self::Move => "Moving about",
            Self::Pane => "In a pane",
            Self::Other => "Other",
        }
    }
}

commands! {
    Tasks "tasks" Work "Choose what to ask for" ["t"],
    Prompt "prompt" Work "Write what you want in your own words" ["i"],
    FollowUp "follow-up" Work "Go on with an answer in your own words" ["u"],
    Reword "reword" Work "Say it in other words, from before the answer" ["U"],
    Continue "continue" Work "Go on where an answer was cut off" ["c"],
    Accept "accept" Work "Accept the hunk, or the code under review" ["a"],
    Reject "reject" Work "Reject the hunk, or the code, with a reason" ["r"],
    NextHunk "next-hunk" Work "To the next hunk" ["}"],
    PreviousHunk "previous-hunk" Work "To the hunk before" ["{"],
    AcceptAll "accept-all" Work "Accept every hunk that is not decided" ["A"],
    RejectAll "reject-all" Work "Reject the whole answer, with a reason" ["X"],
    AcceptFile "accept-file" Work "Accept every hunk of this file" ["alt-a"],
    RejectFile "reject-file" Work "Leave this file as it was, or out" ["alt-r"],
    Why "why" Work "Ask why this hunk is as it is" ["W"],
    Undo "undo" Work "Take the last step back; then to the accepted version before" ["Z"],
    Redo "redo" Work "Go on again to what was taken back" ["Y"],
    Edit "edit" Work "Edit the code in its pane" ["e"],
    EditOutside "edit-outside" Work "Edit the code in $EDITOR" ["E"],
    Sheet "sheet" Work "Between the parts of the answer and its code" ["s"],
    AskAgain "ask-again" Work "Ask again, saying what was missing" ["R"],
    Diff "diff" Work "Show what differs from the version before" ["d"],
    Run "run" Work "Run what was accepted, or the baselines" ["x"],
    Quick "quick" Work "Run it quickly, on part of the rows of one fold: does it work?" ["alt-x"],
    Background "background" Work "Send the run to the background, or bring it back" ["&"],
    MoreTime "more-time" Work "Grant the run five minutes more" ["ctrl-t"],
    Rerun "rerun" Work "Run the selected experiment again: do the numbers agree?" ["ctrl-r"],
    Confirm "confirm" Work "Look at it on another cut of the folds, before it is the best" ["C"],
    ShuffleLabels "shuffle-labels" Work "Shuffle labels under it: what is left of the score?" ["L"],
    Figures "figures" Work "Look at the figures that its run left" ["V"],
    Errors "errors" Work "Where it goes wrong: segments, calibration, confusion, residuals, rows" ["M"],
    OpenHoldout "open-holdout" Work "Judge it on the sealed rows, once, with a typed word" ["H"],
    Cancel "cancel" Work "Stop, close, go back" ["esc"],
    Stages "stages" Work "The five stages: where you are and what is missing" ["S"],
    Frame "frame" Work "Look at the framing of the question" ["F"],
    Warnings "warnings" Work "List what is wrong with the data" ["w"],

    Up "up" Move "One up" ["up", "k"],
    Down "down" Move "One down" ["down", "j"],
    Left "left" Move "One to the left" ["left", "h"],
    Right "right" Move "One to the right" ["right", "l"],
    PageUp "page-up" Move "A page up" ["pageup", "ctrl-u"],
    PageDown "page-down" Move "A page down" ["pagedown", "ctrl-d", "space"],
    Top "top" Move "To the beginning" ["g", "home"],
    Bottom "bottom" Move "To the end" ["G", "end"],
    NextPane "next-pane" Move "To the next pane" ["tab"],
    PreviousPane "previous-pane" Move "To the pane before" ["shift-tab"],
    FocusData "focus-data" Move "To the data" ["1"],
    FocusThinking "focus-thinking" Move "To the thinking" ["2"],
    FocusCode "focus-code" Move "To the code" ["3"],
    FocusHistory "focus-history" Move "To the history" ["4"],
    Zoom "zoom" Move "The pane on the whole screen, and back" ["z"],

    Open "open" Pane "Open what is selected: a cell, an experiment" ["enter"],
    ShiftUp "shift-up" Pane "Move the step one up in its stack" ["K"],
    ShiftDown "shift-down" Pane "Move the step one down in its stack" ["J"],
    BringBack "bring-back" Pane "Bring the selected experiment back under review" ["b"],
    Search "search" Pane "Search in the table, or in the thinking and the answer" ["/"],
    NextMatch "next-match" Pane "The next match" ["n"],
    PreviousMatch "previous-match" Pane "The match before" ["N"],
    Sort "sort" Pane "Sort the table by this column: up, down, as in the file" ["O"],
    OnlyThis "only-this" Pane "Only rows with this value; a view, the analysis keeps all rows" [","],
    NotThis "not-this" Pane "Only rows without this value" ["!"],
    TakeBack "take-back" Pane "Take the last sort or filter back" ["backspace"],
    CopyRecipe "copy-recipe" Pane "Copy the sorts and filters as pandas code" ["alt-y"],
    GoTo "go-to" Pane "Go to a row by its number, or to a column by its name" ["#"],
    Counts "counts" Pane "Count the values of the column; Enter filters" ["T"],
    Charts "charts" Pane "Draw the column: alone, against another, all pairs" ["D"],
    Fold "fold" Pane "Fold or unfold the block" ["f"],
    Copy "copy" Pane "Copy the cell, the block or the code" ["y"],
    NextFile "next-file" Pane "The next file of the answer" ["]"],
    PreviousFile "previous-file" Pane "The file before" ["["],
    Replay "replay" Pane "Play the recording of an answer again; pause and go on" ["p"],
    Slower "slower" Pane "A replay goes slower" ["-"],
    Faster "faster" Pane "A replay goes faster" ["+", "="],
    Profile "profile" Pane "Profile every column anew" ["P"],
    Log "log" Pane "Between the code and the output of its run" ["o"],

    Models "models" Other "Choose which model is asked" ["m"],
    Environment "environment" Other "Choose what code runs in: an interpreter, the project's own, isolated" ["ctrl-e"],
    Money "money" Other "What was spent, and what filled the request" ["$"],
    Palette "palette" Other "Find a command by its name" [":"],
    Help "help" Other "The keys" ["?"],
    Redraw "redraw" Other "Draw everything anew" ["ctrl-l"],
    Suspend "suspend" Other "Back to the shell for a while" ["ctrl-z"],
    Quit "quit" Other "Leave; nothing is lost" ["q"],
}

impl Command {
    /// The command of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.name() == name)
    }
}
