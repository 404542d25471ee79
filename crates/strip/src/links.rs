//! Web addresses in running text: with a scheme, bare, and written so that filters miss them.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What of a line is web addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// Addresses on a known public suffix.
    pub(crate) known: u32,
    /// Words that look like a domain but end in no known suffix.
    pub(crate) alike: u32,
    /// Addresses with a path, of those in `known`.
    pub(crate) paths: u32,
    /// E-mail addresses.
    pub(crate) mails: u32,
    /// Characters in addresses of any kind.
    pub(crate) chars: u32,
    /// Letters and digits outside of addresses.
    pub(crate) rest: u32,
}

impl Links {
    /// Whether the line is nothing but addresses (bullets and pictures aside).
    pub(crate) fn only(&self) -> bool {
        self.rest == 0 && self.known + self.alike > 0
    }
}

/// The longest word that is looked at: no address of interest is longer.
const LONGEST: usize = 2_000;

/// Lines shorter than this are searched for dots that stand alone or are written as words.
const SPELT: usize = 200;
/// Such dots.
const DOTS: [&str; 6] = ["dot", "(dot)", "[dot]", ".", "(.)", "[.]"];

static DOT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("dot"));

/// Looks for addresses in `line`.
pub(crate) fn links(line: &str) -> Links {
    let mut found = Links::default();
    let bytes = line.as_bytes();
    // An address has a dot between two word characters, or is written `example dot com`.
    let dotted = memchr::memchr_iter(b'.', bytes)
        .any(|at| bytes.get(at + 1).is_some_and(|&b| b.is_ascii_alphanumeric() || b >= 0x80));
    let spelt = line.len() < SPELT
        && (DOT.find(bytes).is_some()
            || memchr::memchr_iter(b'.', bytes)
                .any(|at| at > 0 && b" [(".contains(&bytes[at - 1])));
    if !(dotted || spelt) {
        return found;
    }
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let has = |byte| word.as_bytes().contains(&byte);
        let is_address = has(b'.') || (has(b':') && word.contains("://"));
        let kind = if is_address { classify(word) } else { Kind::Word };
        let chars = letters(word);
        match kind {
            Kind::Known { path } => {
                found.known += 1;
                found.paths += u32::from(path);
                found.chars += chars;
            }
            Kind::Alike => {
                found.alike += 1;
                found.chars += chars;
            }
            Kind::Mail => {
                found.mails += 1;
                found.chars += chars;
            }
            Kind::Word => {
                if spelt && let Some(spelled) = spelled(word, &mut words) {
                    found.known += 1;
                    found.chars += spelled;
                } else {
                    found.rest += chars;
                }
            }
        }
    }
    found
}

/// Letters and digits of a word.
fn letters(word: &str) -> u32 {
    if word.is_ascii() {
        word.bytes().filter(u8::is_ascii_alphanumeric).count() as u32
    } else {
        word.chars().filter(|c| c.is_alphanumeric()).count() as u32
    }
}

enum Kind {
    Known { path: bool },
    Alike,
    Mail,
    Word,
}

/// `example dot com` or `example . com`, whose first word has been read: the letters of all three.
fn spelled<'a>(
    word: &str,
    words: &mut std::iter::Peekable<impl Iterator<Item = &'a str> + Clone>,
) -> Option<u32> {
    let mut ahead = words.clone();
    let dot = ahead.next().filter(|dot| DOTS.contains(dot))?;
    let suffix = ahead.next()?;
    // Some put a space before a full stop: `He left . It rained.`
    if dot == "." && !(suffix.len() > 2 && suffix.bytes().all(|b| b.is_ascii_lowercase())) {
        return None;
    }
    if !is_host(&format!("{word}.{suffix}").to_lowercase()) {
        return None;
    }
    words.next();
    words.next();
    Some((word.len() + 3 + suffix.len()) as u32)
}

fn classify(word: &str) -> Kind {
    if word.len() < 4 || word.len() > LONGEST {
        return Kind::Word;
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let mut lower = word.to_lowercase();
    if lower.contains(['[', '(']) {
        lower = lower.replace("[.]", ".").replace("[dot]", ".").replace("(dot)", ".");
    }
    let (scheme, rest) = match lower.split_once("://") {
        Some(("http" | "https" | "ftp" | "hxxp" | "hxxps", rest)) => (true, rest),
        Some(_) => return Kind::Word,
        None => (false, lower.as_str()),
    };
    let (host, path) = match rest.find(['/', '?', '#']) {
        Some(at) => (&rest[..at], rest[at..].trim_matches('/')),
        None => (rest, ""),
    };
    let host = host.split_once(':').map_or(host, |(host, _port)| host);
    if !scheme && host.contains('@') {
        let mail =
            host.split_once('@').is_some_and(|(name, host)| !name.is_empty() && is_host(host));
        return if mail { Kind::Mail } else { Kind::Word };
    }
    if scheme || (is_host(host) && !(path.is_empty() && is_file_name(host))) {
        return Kind::Known { path: !path.is_empty() };
    }
    if is_domain_like(host) && path.is_empty() && !is_file_name(host) {
        Kind::Alike
    } else {
        Kind::Word
    }
}

/// `setup.py`, `README.md`: suffixes of countries that are those of files too.
fn is_file_name(host: &str) -> bool {
    const FILES: [&str; 12] =
        ["py", "md", "rs", "sh", "pl", "so", "cc", "ps", "mk", "zip", "mov", "java"];
    host.rsplit_once('.').is_some_and(|(name, end)| !name.contains('.') && FILES.contains(&end))
}

/// Labels with dots between them.
fn is_domain_like(host: &str) -> bool {
    let mut labels = 0;
    for label in host.split('.') {
        labels += 1;
        if label.is_empty()
            || label.len() > 63
            || !label.chars().all(|c| c.is_alphanumeric() || c == '-')
            || label.starts_with('-')
        {
            return false;
        }
    }
    labels >= 2
        && host
            .rsplit('.')
            .next()
            .is_some_and(|last| last.len() > 1 && last.chars().all(char::is_alphabetic))
}

/// A host on a suffix that the public-suffix list knows.
fn is_host(host: &str) -> bool {
    is_domain_like(host) && psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// The registrable domain of an address: `news.bbc.co.uk/x` -> `bbc.co.uk`.
pub(crate) fn site(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_matches('.').to_lowercase();
    if host.is_empty() {
        return None;
    }
    Some(psl::domain_str(&host).unwrap_or(&host).to_owned())
}
