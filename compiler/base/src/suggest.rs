//! "Did you mean": the one candidate that is close enough to be worth showing.

/// The candidate nearest to `wanted`: the same letters in another case, else within a third of
/// its length by edit distance (at least 1). Of equals the first wins.
pub fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != wanted)
        .map(|candidate| {
            let same_letters = candidate.eq_ignore_ascii_case(wanted);
            (if same_letters { 0 } else { distance(wanted, candidate) }, candidate)
        })
        .filter(|(far, _)| *far <= limit)
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// Edit distance in which swapping two neighbours counts as one edit (Damerau-Levenshtein,
/// restricted), because that is how people mistype.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut previous: Option<char> = None;
    for (row, x) in a.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, y) in b.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let mut best = (at(&above, column) + usize::from(x != *y))
                .min(at(&above, column + 1) + 1)
                .min(at(&current, column) + 1);
            let swapped = column > 0 && previous == Some(*y) && b.get(column - 1) == Some(&x);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
        previous = Some(x);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let scope = ["nil", "greeting", "Bank", "LAST_ERROR"];
        assert_eq!(did_you_mean("greting", scope), Some("greeting"));
        assert_eq!(did_you_mean("Bnak", scope), Some("Bank"));
        assert_eq!(did_you_mean("bank", scope), Some("Bank"));
        assert_eq!(did_you_mean("customer", scope), None);
    }
}
