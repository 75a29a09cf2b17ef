//! Reads the numbers of a report: `2 * ps.length + 1`, `300 + (ps.length + 1) * |x|`.

/// The value of a sum, if every symbol in it has one.
pub(crate) fn value(text: &str, symbol: &dyn Fn(&str) -> Option<i64>) -> Option<i64> {
    let mut reader = Reader { rest: text, symbol };
    let value = reader.sum()?;
    reader.rest.trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    symbol: &'a dyn Fn(&str) -> Option<i64>,
}

impl Reader<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn sum(&mut self) -> Option<i64> {
        let mut sum = self.product()?;
        loop {
            if self.eat("+") {
                sum += self.product()?;
            } else if self.eat("-") {
                sum -= self.product()?;
            } else {
                return Some(sum);
            }
        }
    }

    fn product(&mut self) -> Option<i64> {
        let mut product = self.factor()?;
        while self.eat("*") {
            product *= self.factor()?;
        }
        Some(product)
    }

    fn factor(&mut self) -> Option<i64> {
        if self.eat("(") {
            let sum = self.sum()?;
            return self.eat(")").then_some(sum);
        }
        if self.eat("max(") {
            let mut most = self.sum()?;
            while self.eat(",") {
                most = most.max(self.sum()?);
            }
            return self.eat(")").then_some(most);
        }
        let rest = self.rest.trim_start();
        let ends = |next: char| " )*+-,".contains(next);
        let (word, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        self.rest = rest;
        word.parse().ok().or_else(|| (self.symbol)(word))
    }
}

#[test]
fn amounts_are_read_as_they_are_written() {
    let symbol = |word: &str| match word {
        "ps.length" => Some(5),
        "|x|" => Some(7),
        _ => None,
    };
    let read = |text: &str| value(text, &symbol);
    assert_eq!(read("2 * ps.length * ps.length + ps.length - 1"), Some(54));
    assert_eq!(read("300 + (ps.length + 1) * |x|"), Some(342));
    assert_eq!(read("max(3, ps.length, 2)"), Some(5));
    assert_eq!(read("any number"), None);
    assert_eq!(read("2 * qs.length"), None);
}
