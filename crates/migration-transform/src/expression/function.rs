//! The functions of expressions: names and numbers of arguments.

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Lower,
    Upper,
    Trim,
    Length,
    Substr,
    Replace,
    Concat,
    StartsWith,
    EndsWith,
    Contains,
    Abs,
    Round,
    Floor,
    Ceil,
    Coalesce,
    NullIf,
    Iif,
}

const MANY: usize = usize::MAX;

/// Name, function, least and most arguments.
const FUNCTIONS: &[(&str, Function, usize, usize)] = &[
    ("lower", Function::Lower, 1, 1),
    ("upper", Function::Upper, 1, 1),
    ("trim", Function::Trim, 1, 1),
    ("length", Function::Length, 1, 1),
    ("substr", Function::Substr, 2, 3),
    ("replace", Function::Replace, 3, 3),
    ("concat", Function::Concat, 1, MANY),
    ("starts_with", Function::StartsWith, 2, 2),
    ("ends_with", Function::EndsWith, 2, 2),
    ("contains", Function::Contains, 2, 2),
    ("abs", Function::Abs, 1, 1),
    ("round", Function::Round, 1, 2),
    ("floor", Function::Floor, 1, 1),
    ("ceil", Function::Ceil, 1, 1),
    ("coalesce", Function::Coalesce, 1, MANY),
    ("nullif", Function::NullIf, 2, 2),
    ("iif", Function::Iif, 3, 3),
];

impl Function {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|(_, function, ..)| *function)
    }

    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    /// The least and the most arguments.
    pub(super) fn arguments(self) -> (usize, usize) {
        let (_, _, least, most) = self.row();
        (least, most)
    }

    /// How many arguments, in words.
    pub(super) fn usage(self) -> String {
        match self.arguments() {
            (1, 1) => "1 argument".to_owned(),
            (1, MANY) => "at least 1 argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        }
    }

    /// All names, for a message.
    pub(super) fn names() -> String {
        let names = FUNCTIONS.iter().map(|(name, ..)| *name).chain(["cast", "try_cast"]);
        names.collect::<Vec<_>>().join(", ")
    }

    fn row(self) -> (&'static str, Self, usize, usize) {
        FUNCTIONS.iter().copied().find(|(_, function, ..)| *function == self).unwrap_or(("", self, 0, MANY))
    }
}
