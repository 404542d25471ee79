//! The one pass over a line that everything else reads from.

/// A line in the form that phrases are matched against: lower-case words with one space between
/// them, one at each end, every digit a `0`.
///
/// At most `limit` bytes of the line are read.
pub(crate) fn normalise(line: &str, limit: usize, out: &mut String) {
    out.clear();
    out.push(' ');
    for c in line[..line.floor_char_boundary(limit)].chars() {
        match c {
            'a'..='z' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            '0'..='9' => out.push('0'),
            '\'' => {}
            '\0'..='\x7f' => gap(out),
            '\u{2019}' | '\u{200d}' | '\u{200c}' | '\u{ad}' => {}
            _ if c.is_numeric() => out.push('0'),
            _ if c.is_lowercase() => out.push(c),
            _ if c.is_alphabetic() || is_mark(c) => out.extend(c.to_lowercase()),
            _ => gap(out),
        }
    }
    gap(out);
}

fn gap(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Combining marks of the scripts that write vowels with them: they belong to the word.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{eb1}'..='\u{ecd}'
        | '\u{f71}'..='\u{fbc}' | '\u{102b}'..='\u{109d}' | '\u{17b4}'..='\u{17d3}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{670}')
}

/// Whether words of the character's script are written without spaces between them.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether the character is a picture: an emoji, an arrow, a dingbat, a box or a bullet.
pub(crate) fn is_picture(c: char) -> bool {
    matches!(c, '\u{2022}' | '\u{2023}' | '\u{2043}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e000}'..='\u{f8ff}')
}
