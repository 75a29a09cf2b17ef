//! Fractions and their decimal digits: the nearest fraction to any digits, and the fewest digits
//! that give a fraction back. Exact, by whole numbers of any size; no tables.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::Write as _;

use super::natural::Natural;

/// Bits of a significand behind the first.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
/// The power of two of the smallest fraction.
const LEAST_EXPONENT: i64 = f64::MIN_EXP as i64 - f64::MANTISSA_DIGITS as i64;
/// So many significant digits decide between two fractions; of those behind only whether all are
/// zero counts.
const DECIDING_DIGITS: usize = 770;
/// Beyond this power of ten everything is infinite, or zero.
const GREATEST_POWER: i64 = 400;

/// The fraction nearest to these decimal digits times a power of ten (of two as near the even
/// one); infinite if it is too large.
pub(super) fn nearest(digits: impl Iterator<Item = u8>, mut power: i64) -> f64 {
    let (mut all, mut first) = (Vec::new(), 0_u64);
    let mut rest_counts = false;
    for digit in digits.map(|digit| digit - b'0').skip_while(|digit| *digit == 0) {
        if all.len() < DECIDING_DIGITS {
            first = first.saturating_mul(10).saturating_add(u64::from(digit));
            all.push(digit);
        } else {
            rest_counts |= digit != 0;
            power = power.saturating_add(1);
        }
    }
    let magnitude = power.saturating_add(all.len() as i64);
    if all.is_empty() || magnitude < -GREATEST_POWER {
        return 0.0;
    }
    if magnitude > GREATEST_POWER {
        return f64::INFINITY;
    }
    if first <= 1 << f64::MANTISSA_DIGITS && power.unsigned_abs() <= 22 {
        // Both are exact, so one rounding is all.
        let ten = (0..power.unsigned_abs()).fold(1.0, |ten, _| ten * 10.0);
        return if power < 0 { first as f64 / ten } else { first as f64 * ten };
    }
    let mut above = Natural::new(0);
    for digit in all {
        above.append(u32::from(digit));
    }
    if rest_counts {
        above.append(1);
        power -= 1;
    }
    let mut below = Natural::new(1);
    let side = if power < 0 { &mut below } else { &mut above };
    side.scale_by_ten(power.unsigned_abs() as usize);
    quotient(above, below)
}

/// The fraction nearest to a quotient that is not zero.
fn quotient(mut above: Natural, mut below: Natural) -> f64 {
    // Both get the same number of bits: the quotient is between a half and two.
    let (long, short) = (above.bits(), below.bits());
    above.shift(short.saturating_sub(long));
    below.shift(long.saturating_sub(short));
    let mut exponent = long as i64 - short as i64;
    if above < below {
        above.scale(2, 0);
        exponent -= 1;
    }
    let last = (exponent - i64::from(FRACTION_BITS)).max(LEAST_EXPONENT);
    // One bit more than there is room for decides how it is rounded.
    let mut bits = 0_u64;
    for _ in last - 1..=exponent {
        bits <<= 1;
        if above >= below {
            above.subtract(&below);
            bits |= 1;
        }
        above.scale(2, 0);
    }
    let odd = bits & 2 != 0;
    let up = bits & 1 != 0 && (odd || !above.is_zero());
    // The first bit adds one to the exponent, and so does one that is carried.
    let encoded = ((last - LEAST_EXPONENT).cast_unsigned() << FRACTION_BITS)
        .saturating_add((bits >> 1) + u64::from(up));
    f64::from_bits(encoded.min(f64::INFINITY.to_bits()))
}

/// Writes a finite number with the fewest digits that give it back, of those the nearest: with
/// `.0` if it is whole, and with an exponent if it is very large or small.
pub(super) fn put_shortest(number: f64, to: &mut String) {
    if number < 0.0 {
        to.push('-');
    }
    let (digits, power) = if number == 0.0 { ("0".into(), 0) } else { shortest(number.abs()) };
    let whole = usize::try_from(power + 1).unwrap_or(0);
    if !(-5..=15).contains(&power) {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        to.push_str(first);
        if !rest.is_empty() {
            to.push('.');
            to.push_str(rest);
        }
        write!(to, "e{power:+}").expect("a text has no end");
    } else if whole == 0 {
        to.push_str("0.");
        to.extend((power..-1).map(|_| '0'));
        to.push_str(&digits);
    } else {
        let (before, behind) = digits.split_at_checked(whole).unwrap_or((&digits, ""));
        to.push_str(before);
        to.extend((before.len()..whole).map(|_| '0'));
        to.push('.');
        to.push_str(if behind.is_empty() { "0" } else { behind });
    }
}

/// The fewest digits that give a positive number back, and the power of ten of the first.
fn shortest(number: f64) -> (String, i32) {
    let field = (number.to_bits() >> FRACTION_BITS) as i32;
    let hidden = 1 << FRACTION_BITS;
    let bits = number.to_bits() & (hidden - 1) | if field == 0 { 0 } else { hidden };
    let exponent = field.max(1) as i64 - 1 + LEAST_EXPONENT;
    // Below a power of two the next fraction is half as far away.
    let uneven = usize::from(bits == hidden && field > 1);
    let mut left = Left {
        rest: Natural::new(bits << (1 + uneven)),
        unit: Natural::new(1 << (1 + uneven)),
        up: Natural::new(1 << uneven),
        down: Natural::new(1),
        inclusive: bits & 1 == 0,
    };
    let shift = exponent.unsigned_abs() as usize;
    if exponent < 0 {
        left.unit.shift(shift);
    } else {
        for part in [&mut left.rest, &mut left.up, &mut left.down] {
            part.shift(shift);
        }
    }
    let mut power = -1;
    while left.is_last_up() {
        left.unit.scale(10, 0);
        power += 1;
    }
    let mut digits = String::new();
    loop {
        let (digit, last) = left.next_digit();
        if digit != b'0' || last || !digits.is_empty() {
            digits.push(char::from(digit));
        } else {
            power -= 1;
        }
        if last {
            return (digits, power);
        }
    }
}

/// What the digits so far leave of a number.
struct Left {
    /// What is left, in units.
    rest: Natural,
    /// What one is.
    unit: Natural,
    /// How far up the number may be missed.
    up: Natural,
    /// How far down the number may be missed.
    down: Natural,
    /// Whether the borders are near enough.
    inclusive: bool,
}

impl Left {
    fn is_near(&self, distance: &Natural, bound: &Natural) -> bool {
        distance < bound || self.inclusive && distance == bound
    }

    /// Whether one more in the last digit is near enough.
    fn is_last_up(&self) -> bool {
        if self.rest >= self.unit {
            return true;
        }
        let mut gap = self.unit.clone();
        gap.subtract(&self.rest);
        self.is_near(&gap, &self.up)
    }

    /// The next digit, and whether it is the last one.
    fn next_digit(&mut self) -> (u8, bool) {
        for part in [&mut self.rest, &mut self.up, &mut self.down] {
            part.scale(10, 0);
        }
        let mut digit = b'0';
        while self.rest >= self.unit {
            self.rest.subtract(&self.unit);
            digit += 1;
        }
        let (down, up) = (self.is_near(&self.rest, &self.down), self.is_last_up());
        let mut twice = self.rest.clone();
        twice.scale(2, 0);
        let nearer_up = match twice.cmp(&self.unit) {
            Ordering::Less => false,
            Ordering::Equal => digit & 1 == 1,
            Ordering::Greater => true,
        };
        (digit + u8::from(up && (!down || nearer_up)), up || down)
    }
}
