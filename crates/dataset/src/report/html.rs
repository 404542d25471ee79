use std::fmt::Write;

/// Text that is safe in an HTML element, whatever it holds. What would not be seen, or would reorder
/// the line, becomes a mark with its code.
pub(super) fn escape(text: &str) -> String {
    escaped(text, |out, c| {
        // Writing to a string cannot fail.
        let _ = write!(out, "<u>{:02X}</u>", c as u32);
    })
}

/// Text that is safe in SVG and in a quoted attribute too.
pub(super) fn plain(text: &str) -> String {
    escaped(text, |out, _| out.push(char::REPLACEMENT_CHARACTER))
}

fn escaped(text: &str, mark: impl Fn(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('↵'),
            '\t' => out.push('⇥'),
            // Zero width and bidirectional controls; the joiners belong to words.
            '\u{ad}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => mark(&mut out, c),
            c if c.is_control() => mark(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

/// Characters of a snippet at most.
pub(super) const SNIPPET: usize = 160;

/// The beginning of a text, escaped.
pub(super) fn snippet(text: &str) -> String {
    match text.char_indices().nth(SNIPPET) {
        None => escape(text),
        Some((end, _)) => {
            let left = text[end..].chars().count();
            format!(
                "{}<span class=more>… {} more</span>",
                escape(&text[..end]),
                number(left as u64)
            )
        }
    }
}

/// A count with its thousands set apart.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A power of two for an axis: 512, 1K, 64K, 1M.
pub(super) fn short(n: u64) -> String {
    match n {
        0..0x400 => n.to_string(),
        0x400..0x10_0000 => format!("{}K", n >> 10),
        0x10_0000..0x4000_0000 => format!("{}M", n >> 20),
        _ => format!("{}G", n >> 30),
    }
}

/// A part of a whole, as per cent; a small part is not nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    if part > 0 && percent < 0.1 { "<0.1%".to_owned() } else { format!("{percent:.1}%") }
}

/// Binary size, as `du -h` writes it.
pub(super) fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "B");
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

/// A table of names and counts with a bar each; `whole` is what the shares are of.
pub(super) fn bars(head: &str, rows: &[(String, u64)], whole: u64) -> String {
    let longest = rows.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let mut out = format!("<table><tr><th>{head}<th class=n>count<th class=n>share<th>");
    for (name, n) in rows {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<tr><td class=k>{}<td class=n>{}<td class=n>{}<td class=bar><i style=\"width:{:.1}%\"></i>",
            snippet(name),
            number(*n),
            share(*n, whole),
            100.0 * *n as f64 / longest as f64,
        );
    }
    out + "</table>"
}
