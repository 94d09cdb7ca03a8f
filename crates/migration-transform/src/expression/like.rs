//! `like`: `%` is any text, `_` any one character; upper and lower case differ.

/// Whether a text is as the pattern says. After the escape sign a character is itself.
pub(super) fn like(text: &str, pattern: &str, escape: Option<char>) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    // Where to go on if what comes after the last `%` doesn't fit: there, with one more character for it.
    let mut again = None;
    loop {
        let before = text.clone();
        let mut ahead = pattern.clone();
        let wanted = match ahead.next() {
            Some('%') if escape != Some('%') => {
                again = Some((before, ahead.clone()));
                pattern = ahead;
                continue;
            }
            Some('_') if escape != Some('_') => Wanted::Any,
            Some(sign) if Some(sign) == escape => ahead.next().map_or(Wanted::Sign(sign), Wanted::Sign),
            Some(sign) => Wanted::Sign(sign),
            None => Wanted::End,
        };
        let found = text.next();
        let fits = match (wanted, found) {
            (Wanted::End, None) => return true,
            (Wanted::Any, Some(_)) => true,
            (Wanted::Sign(sign), Some(found)) => sign == found,
            _ => false,
        };
        if fits {
            pattern = ahead;
            continue;
        }
        let Some((mut from, after)) = again.take() else { return false };
        if from.next().is_none() {
            return false;
        }
        (text, pattern) = (from.clone(), after.clone());
        again = Some((from, after));
    }
}

enum Wanted {
    Any,
    Sign(char),
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns() {
        for (text, pattern) in [
            ("", ""),
            ("", "%"),
            ("abc", "a%"),
            ("abc", "%c"),
            ("abc", "_b_"),
            ("aXbXc", "a%b%c"),
            ("é", "_"),
        ] {
            assert!(like(text, pattern, None), "{text} {pattern}");
        }
        for (text, pattern) in [("", "_"), ("abc", "ab"), ("abc", "A%"), ("abc", "____"), ("ab", "%b_")] {
            assert!(!like(text, pattern, None), "{text} {pattern}");
        }
        assert!(
            like("50%", "50!%", Some('!')) && !like("500", "50!%", Some('!')) && like("!", "!!", Some('!'))
        );
    }

    fn naive(text: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|skipped| naive(&text[skipped..], rest)),
            Some((sign, rest)) => text
                .split_first()
                .is_some_and(|(first, after)| (*sign == '_' || sign == first) && naive(after, rest)),
        }
    }

    proptest! {
        #[test]
        fn it_is_what_the_naive_one_says(text in "[ab]{0,8}", pattern in "[ab%_]{0,6}") {
            let (a, b): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
            prop_assert_eq!(like(&text, &pattern, None), naive(&a, &b));
        }
    }
}
