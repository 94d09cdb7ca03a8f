//! Expressions are what a naive evaluator says that they are, with only the brackets that their grammar needs.

use std::cmp::Ordering;

use migration_transform::{Expression, Record};
use proptest::prelude::*;
use proptest::sample::select;

const RECORD: &str = r#"{"i":7,"z":0,"f":2.5,"t":"x","u":"yz","n":null,"yes":true,"no":false,"m":170141183460469231731687303715884105727,"w":-170141183460469231731687303715884105728,"g":9007199254740993,"h":1e400,"s":-1e-400}"#;

#[derive(Clone, Debug)]
enum Tree {
    Leaf(&'static str),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    IsNull(Box<Tree>, bool),
    Two(&'static str, Box<Tree>, Box<Tree>),
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// No float: its text, and a number that has its place among them.
    Beyond(&'static str, i32),
    Text(String),
}

use Answer::{Beyond, Bool, Float, Int, Null, Text};

fn tree() -> impl Strategy<Value = Tree> {
    let leaves = vec![
        "i",
        "z",
        "f",
        "t",
        "u",
        "n",
        "yes",
        "no",
        "m",
        "w",
        "g",
        "h",
        "s",
        "1e401",
        "missing",
        "1",
        "3",
        "0.5",
        "10",
        "9007199254740992.0",
        "'x'",
        "''",
        "true",
        "false",
        "null",
    ];
    select(leaves).prop_map(Tree::Leaf).prop_recursive(4, 24, 2, |inner| {
        let signs = vec!["or", "and", "=", "<>", "<", "<=", ">", ">=", "||", "+", "-", "*", "/", "%"];
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            6 => (select(signs), boxed(), boxed()).prop_map(|(sign, left, right)| Tree::Two(sign, left, right)),
            1 => boxed().prop_map(Tree::Not),
            1 => boxed().prop_map(Tree::Negate),
            1 => (boxed(), any::<bool>()).prop_map(|(inner, not)| Tree::IsNull(inner, not)),
        ]
    })
}

/// How tightly a sign binds.
fn level(tree: &Tree) -> u8 {
    match tree {
        Tree::Two("or", ..) => 1,
        Tree::Two("and", ..) => 2,
        Tree::Not(_) => 3,
        Tree::IsNull(..) => 4,
        Tree::Two("||", ..) => 5,
        Tree::Two("+" | "-", ..) => 6,
        Tree::Two("*" | "/" | "%", ..) => 7,
        Tree::Negate(_) => 8,
        Tree::Leaf(_) => 9,
        Tree::Two(..) => 4,
    }
}

fn written(tree: &Tree, at_least: u8) -> String {
    let own = level(tree);
    // Comparisons don't chain; everything else does from the left.
    let left = if own == 4 { 5 } else { own };
    let text = match tree {
        Tree::Leaf(text) => (*text).to_owned(),
        Tree::Not(inner) => format!("not {}", written(inner, 3)),
        Tree::Negate(inner) => format!("-{}", written(inner, 9)),
        Tree::IsNull(inner, not) => {
            format!("{} is {}null", written(inner, 5), if *not { "not " } else { "" })
        }
        Tree::Two(sign, one, two) => format!("{} {sign} {}", written(one, left), written(two, own + 1)),
    };
    if own < at_least { format!("({text})") } else { text }
}

type Answered = Result<Answer, &'static str>;

fn answer(tree: &Tree) -> Answered {
    match tree {
        Tree::Leaf(text) => Ok(match *text {
            "i" => Int(7),
            "z" => Int(0),
            "f" => Float(2.5),
            "t" | "'x'" => Text("x".to_owned()),
            "u" => Text("yz".to_owned()),
            "''" => Text(String::new()),
            "yes" | "true" => Bool(true),
            "no" | "false" => Bool(false),
            "m" => Int(i128::MAX),
            "w" => Int(i128::MIN),
            "g" => Int(9_007_199_254_740_993),
            "h" => Beyond("1e400", 400),
            "s" => Beyond("-1e-400", -1),
            "1e401" => Beyond("1e401", 401),
            "9007199254740992.0" => Float(9_007_199_254_740_992.0),
            "0.5" => Float(0.5),
            _ => text.parse().map_or(Null, Int),
        }),
        Tree::Not(inner) => Ok(truth(&answer(inner)?)?.map_or(Null, |truth| Bool(!truth))),
        Tree::Negate(inner) => match answer(inner)? {
            // A part of the number, unless that is of a field.
            Beyond("1e401", _) => Ok(Beyond("-1e401", -401)),
            Beyond("-1e401", _) => Ok(Beyond("1e401", 401)),
            Null => Ok(Null),
            Int(int) => int.checked_neg().map(Int).ok_or("overflow"),
            Float(float) => Ok(Float(-float)),
            Beyond(_, -1) => Ok(Float(0.0)),
            Beyond(..) => Err("overflow"),
            _ => Err("type-mismatch"),
        },
        Tree::IsNull(inner, not) => Ok(Bool((answer(inner)? == Null) != *not)),
        Tree::Two(sign @ ("and" | "or"), one, two) => {
            let decisive = *sign == "or";
            let one = truth(&answer(one)?)?;
            if one == Some(decisive) {
                return Ok(Bool(decisive));
            }
            let two = truth(&answer(two)?)?;
            Ok(match (one, two) {
                (_, Some(two)) if two == decisive => Bool(decisive),
                (Some(_), Some(_)) => Bool(!decisive),
                _ => Null,
            })
        }
        Tree::Two(sign, one, two) => {
            let (one, two) = (answer(one)?, answer(two)?);
            if one == Null || two == Null {
                return Ok(Null);
            }
            match *sign {
                "||" => Ok(Text(format!("{}{}", shown(&one), shown(&two)))),
                "+" | "-" | "*" | "/" | "%" => calculated(sign, &one, &two),
                _ => {
                    let order = order(&one, &two)?;
                    Ok(Bool(match *sign {
                        "=" => order.is_eq(),
                        "<>" => order.is_ne(),
                        "<" => order.is_lt(),
                        "<=" => order.is_le(),
                        ">" => order.is_gt(),
                        _ => order.is_ge(),
                    }))
                }
            }
        }
    }
}

fn truth(answer: &Answer) -> Result<Option<bool>, &'static str> {
    match answer {
        Null => Ok(None),
        Bool(bool) => Ok(Some(*bool)),
        _ => Err("type-mismatch"),
    }
}

fn shown(answer: &Answer) -> String {
    if let Text(text) = answer { text.clone() } else { json(answer) }
}

fn json(answer: &Answer) -> String {
    match answer {
        Null => "null".to_owned(),
        Bool(bool) => bool.to_string(),
        Int(int) => int.to_string(),
        Float(float) => serde_json::to_string(float).unwrap(),
        Beyond(text, _) => (*text).to_owned(),
        Text(text) => serde_json::to_string(text).unwrap(),
    }
}

fn float(answer: &Answer) -> Result<f64, &'static str> {
    match answer {
        Int(int) => Ok(int.to_string().parse().unwrap()),
        Float(float) => Ok(*float),
        Beyond(_, -1) => Ok(-0.0),
        Beyond(_, place) => Ok(f64::INFINITY.copysign(f64::from(*place))),
        _ => Err("type-mismatch"),
    }
}

fn order(one: &Answer, two: &Answer) -> Result<Ordering, &'static str> {
    match (one, two) {
        (Text(one), Text(two)) => Ok(one.cmp(two)),
        (Bool(one), Bool(two)) => Ok(one.cmp(two)),
        (Int(one), Int(two)) => Ok(one.cmp(two)),
        (Beyond(_, one), Beyond(_, two)) => Ok(one.cmp(two)),
        // The large ones are more or less than any other number, and the small one is just below zero.
        (Beyond(_, -1), _) => Ok(if float(two)? < 0.0 { Ordering::Greater } else { Ordering::Less }),
        (Beyond(_, place), _) => float(two).map(|_| place.cmp(&0)),
        (_, Beyond(..)) => order(two, one).map(Ordering::reverse),
        (Int(one), Float(two)) => Ok(exact_order(*one, *two)),
        (Float(one), Int(two)) => Ok(exact_order(*two, *one).reverse()),
        _ => Ok(float(one)?.partial_cmp(&float(two)?).unwrap()),
    }
}

/// By all digits that the float has.
fn exact_order(int: i128, float: f64) -> Ordering {
    let written = format!("{float:.1100}");
    let (whole, fraction) = written.split_once('.').unwrap();
    // One that is too large decides by its sign.
    let Ok(whole) = whole.parse::<i128>() else { return 0.0.partial_cmp(&float).unwrap() };
    let is_whole = fraction.chars().all(|digit| digit == '0');
    int.cmp(&whole).then(if is_whole { Ordering::Equal } else { 0.0.partial_cmp(&float).unwrap() })
}

fn calculated(sign: &str, one: &Answer, two: &Answer) -> Answered {
    if let (Int(a), Int(b)) = (one, two) {
        let whole = match sign {
            "/" | "%" if *b == 0 => return Err("division-by-zero"),
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "%" => Some(a.wrapping_rem(*b)),
            _ if a.wrapping_rem(*b) == 0 => a.checked_div(*b),
            _ => return calculated(sign, &Float(float(one)?), two),
        };
        return whole.map(Int).ok_or("overflow");
    }
    let (a, b) = (float(one)?, float(two)?);
    let result = match sign {
        "/" | "%" if b == 0.0 => return Err("division-by-zero"),
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        _ => a % b,
    };
    if result.is_finite() { Ok(Float(result)) } else { Err("overflow") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, ..ProptestConfig::default() })]

    #[test]
    fn an_expression_is_what_the_naive_one_says(tree in tree()) {
        let text = written(&tree, 0);
        let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let found = expression.evaluate_json(&Record::from_json(RECORD).unwrap()).map_err(migration_transform::Reason::code);
        prop_assert_eq!(found, answer(&tree).map(|answer| json(&answer)), "{}", text);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a-c0-9.'\"()|<>=+*/%, -]{0,30}|(case |when |then |end |not |in |like |a |1 |\\(|\\)){0,20}|\\PC{0,20}") {
        if let Ok(expression) = text.parse::<Expression>() {
            prop_assert_eq!(expression.text().as_ref(), text.as_str());
            let _ = expression.evaluate(&Record::from_json(RECORD).unwrap());
        }
    }
}
