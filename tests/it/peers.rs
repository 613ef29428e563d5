//! Eighteen defects that were seen in other assistants for machine learning, each turned into a promise of ours.
//!
//! The number in a name is that of the promise; what several tests prove together has the same number.
//!
//! | | What went wrong elsewhere | What is promised here |
//! |---|---|---|
//! | 1 | a score of exactly 1 was read as missing | whatever is a number is one; what is none is *not a number*, never missing |
//! | 2 | a run turned the direction of the comparison round | the direction is the metric's |
//! | 3 | equal lines were dropped from the log | the log is exact, only the view folds |
//! | 4 | after a timeout the grandchild lived on | nothing of the tree is left, whoever was killed |
//! | 5 | a cached prompt was billed at eleven times its price | four classes of tokens, each at its price |
//! | 6 | only the last hundred answers were counted | ten thousand and a restart keep the sum |
//! | 7 | an unknown model cost nothing | unknown is unknown, and the cap asks |
//! | 8 | an approval was assumed when it could not be had | whatever fails on the way to an approval denies |
//! | 9 | a check that failed counted as passed | what could not look is *not checked* |
//! | 10 | taking a proposal back took the person's edit away | an edit is the person's |
//! | 11 | rejecting an added file left an empty one | added files go, deleted ones come back |
//! | 12 | a score that was chosen by was called a test score | until the sealed rows are opened it is validation |
//! | 13 | a new seed was kept as a gain | it is a repeat |
//! | 14 | equal rows were dropped, days read as months, files cut | rows stay, dates are asked about, both ends are read |
//! | 15 | unknown confidence was 1 or 0 | unknown is null |
//! | 16 | a question ran code | only a person's act runs |
//! | 17 | numbers were stated that nothing had computed | they are named |
//! | 18 | training had a hidden limit | it is the project's, it is shown, it can be moved |

mod answers;
mod money;
mod review;
mod runs;
