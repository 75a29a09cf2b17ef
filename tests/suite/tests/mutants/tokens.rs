//! One damaged token is one mistake: it is noticed in one place, nearly always.

use crate::corpus::clean;

/// Of all programs with one damaged token, so many of a thousand may be said to have more than
/// one mistake.
const CASCADES: usize = 15;

/// Every this many tokens one is damaged.
const STEP: usize = 11;

#[test]
fn one_damaged_token_is_said_once() {
    let (mut tried, mut noticed, mut cascades) = (0, 0, Vec::new());
    for program in clean() {
        for (number, (start, end)) in tokens(&program.text).into_iter().enumerate() {
            if number % STEP != 0 {
                continue;
            }
            let token = &program.text[start..end];
            for other in replacements(token) {
                let text = format!("{}{other}{}", &program.text[..start], &program.text[end..]);
                let said = program.check_as(&text);
                let errors: Vec<_> = said.iter().filter(|said| said.error).collect();
                tried += 1;
                noticed += usize::from(!errors.is_empty());
                if errors.len() > 1 {
                    let line = program.text[..start].matches('\n').count() + 1;
                    cascades
                        .push(format!("{}:{line} `{token}` `{other}` {errors:?}", program.path));
                }
            }
        }
    }
    assert!(tried > 3_000, "only {tried} tokens were damaged");
    assert!(noticed * 10 > tried * 8, "only {noticed} of {tried} were noticed");
    let most = tried * CASCADES / 1_000;
    assert!(cascades.len() <= most, "{} of {tried}\n{}", cascades.len(), cascades.join("\n"));
}

/// Places of tokens, without comments.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(inside) = rest.strip_prefix('"') {
            inside.find('"').map_or(rest.len(), |end| end + 2)
        } else {
            let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let sign = ["<<-", "<-", "->", "==", "!=", "<=", ">=", "&&", "||", "**", "?="]
                .iter()
                .find(|sign| rest.starts_with(**sign));
            let single = rest.chars().next().map_or(1, char::len_utf8);
            match word.unwrap_or(rest.len()) {
                0 => sign.map_or(single, |sign| sign.len()),
                length => length,
            }
        };
        if !rest.starts_with("--") && !rest.starts_with(char::is_whitespace) {
            found.push((at, at + length));
        }
        at += length;
    }
    found
}

/// What may stand there by mistake.
fn replacements(token: &str) -> Vec<String> {
    let first = token.chars().next().unwrap_or(' ');
    if first.is_ascii_alphabetic() {
        return vec![format!("{token}x"), "1".to_owned(), "\"s\"".to_owned(), String::new()];
    }
    if first.is_ascii_digit() || first == '"' {
        return vec!["1.5".to_owned(), "unknown".to_owned(), "\"s\"".to_owned(), String::new()];
    }
    let signs = ["", "=", "<-", ":", ",", ".", "->", "(", ")"];
    signs.iter().filter(|sign| **sign != token).map(|sign| (*sign).to_owned()).collect()
}
