//! HTML as lines of text.

use std::cell::Cell;
use std::convert::Infallible;

use html5gum::{Emitter, Error, Readable, Reader, State, StringReader, Tokenizer};

/// The text of a page, as lines.
///
/// Block elements, `<br>` and table rows make lines; cells of a row are parted by a tab; runs of
/// white space become one space, except in `<pre>` and `<textarea>`. There are no blank lines outside
/// of those. The `<title>` is a line like any other, and so is the first one of most pages. Scripts,
/// styles, templates, SVG, comments, and what a browser with scripts hides (`<noscript>`, the inside
/// of `<iframe>`) are left out; attributes are not text. Links that touch each other are parted by a
/// space. Everything else stays, menus and footers too: what is boilerplate is for others to say.
///
/// The page is read as tokens and never as a tree, so time is linear and memory is that of the text,
/// however deep the page is nested.
pub fn html_to_text(html: &str) -> String {
    let mut out = Vec::new();
    let attributes = Cell::new(0);
    let reader = Paced { html: html.to_reader(), attributes: &attributes };
    let Ok(()) = Tokenizer::new_with_emitter(reader, Lines::new(&mut out, &attributes)).finish();
    trim_end(&mut out);
    // The tokens of valid UTF-8 are valid UTF-8.
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Attributes after which the tokenizer has to come back from its depth.
const ATTRIBUTES: u32 = 256;

/// A page in which a space is slipped into the name of every [`ATTRIBUTES`]th attribute: attributes are
/// not text, and the tokenizer (html5gum 0.9) goes from one quoted value to the next by recursion,
/// until a name is followed by a space.
struct Paced<'a> {
    html: StringReader<'a>,
    /// Attributes since the last such space.
    attributes: &'a Cell<u32>,
}

impl Paced<'_> {
    fn is_due(&self) -> bool {
        let is_due = self.attributes.get() >= ATTRIBUTES;
        if is_due {
            self.attributes.set(0);
        }
        is_due
    }
}

impl Reader for Paced<'_> {
    type Error = Infallible;

    #[inline(always)]
    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        if self.is_due() { Ok(Some(b' ')) } else { self.html.read_byte() }
    }

    #[inline(always)]
    fn read_until<'b>(
        &'b mut self,
        needle: &[u8],
        buffer: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        if self.is_due() { Ok(Some(b" ")) } else { self.html.read_until(needle, buffer) }
    }

    #[inline(always)]
    fn try_read_string(&mut self, text: &[u8], exact: bool) -> Result<bool, Infallible> {
        self.html.try_read_string(text, exact)
    }
}

/// What parts a word from the one before it; the strongest wins.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Cell,
    Line,
}

/// Longest tag name that means something here is `annotation-xml`.
const MAX_NAME: usize = 16;

#[derive(Debug)]
struct Lines<'a> {
    out: &'a mut Vec<u8>,
    /// See [`Paced`].
    attributes: &'a Cell<u32>,
    gap: Gap,
    /// The tag that is being read.
    name: Vec<u8>,
    is_end: bool,
    self_closing: bool,
    /// The last start tag's name: only its end tag ends raw text.
    last_start: Vec<u8>,
    /// Text is inside of `<script>` or the like.
    raw_hidden: bool,
    /// An element that hides its content, and how many of the name are open.
    hidden: Option<(Vec<u8>, usize)>,
    /// Open elements that keep white space.
    preformatted: usize,
    /// Nothing but tags since `</a>`.
    after_link: bool,
    /// A line break right after `<pre>` or `<textarea>` is not text.
    drop_newline: bool,
}

impl<'a> Lines<'a> {
    fn new(out: &'a mut Vec<u8>, attributes: &'a Cell<u32>) -> Self {
        Self {
            out,
            attributes,
            gap: Gap::None,
            name: Vec::new(),
            is_end: false,
            self_closing: false,
            last_start: Vec::new(),
            raw_hidden: false,
            hidden: None,
            preformatted: 0,
            after_link: false,
            drop_newline: false,
        }
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn at_line_start(&self) -> bool {
        self.gap == Gap::Line || self.out.is_empty()
    }

    fn close_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if self.out.is_empty() {
            return;
        }
        match gap {
            Gap::None => {}
            Gap::Space => self.out.push(b' '),
            Gap::Cell => self.out.push(b'\t'),
            Gap::Line => {
                trim_end(self.out);
                self.out.push(b'\n');
            }
        }
    }

    fn text(&mut self, mut text: &[u8]) {
        self.after_link &= text.trim_ascii().is_empty();
        if std::mem::take(&mut self.drop_newline) {
            text = text.strip_prefix(b"\n").unwrap_or(text);
        }
        if self.preformatted > 0 {
            if !text.is_empty() {
                self.close_gap();
                self.out.extend_from_slice(text);
            }
            return;
        }
        while !text.is_empty() {
            let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
            let mut word = &text[..end];
            while self.at_line_start() && word.starts_with(NO_BREAK_SPACE) {
                word = &word[NO_BREAK_SPACE.len()..];
            }
            if !word.is_empty() {
                self.close_gap();
                self.out.extend_from_slice(word);
            }
            if end < text.len() {
                self.part(Gap::Space);
            }
            text = &text[(end + 1).min(text.len())..];
        }
    }

    fn start_tag(&mut self, name: &[u8]) -> Option<State> {
        if let Some((hiding, depth)) = &mut self.hidden {
            if hiding == name && !self.self_closing {
                *depth += 1;
            }
            // An HTML element ends a foreign one that was not closed.
            if hiding != b"template" && is_block(name) && name != b"title" {
                self.hidden = None;
            } else if hiding == b"svg" {
                return None;
            }
        }
        match name {
            b"template" if self.hidden.is_none() => self.hidden = Some((name.to_vec(), 1)),
            b"svg" | b"annotation" | b"annotation-xml"
                if self.hidden.is_none() && !self.self_closing =>
            {
                self.hidden = Some((name.to_vec(), 1));
            }
            b"script" => {
                self.raw_hidden = true;
                return Some(State::ScriptData);
            }
            b"style" | b"noscript" | b"iframe" | b"noembed" | b"noframes" => {
                self.raw_hidden = true;
                return Some(State::RawText);
            }
            b"a" if self.after_link => self.part(Gap::Space),
            b"td" | b"th" => self.part(Gap::Cell),
            b"title" => {
                self.part(Gap::Line);
                return Some(State::RcData);
            }
            b"pre" | b"listing" | b"textarea" | b"xmp" | b"plaintext" => {
                self.part(Gap::Line);
                self.preformatted += 1;
                self.drop_newline = true;
                return match name {
                    b"textarea" => Some(State::RcData),
                    b"xmp" => Some(State::RawText),
                    b"plaintext" => Some(State::PlainText),
                    _ => None,
                };
            }
            _ if is_block(name) => self.part(Gap::Line),
            _ => {}
        }
        None
    }

    fn end_tag(&mut self, name: &[u8]) {
        self.raw_hidden = false;
        if let Some((hiding, depth)) = &mut self.hidden {
            if hiding == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        match name {
            b"a" => self.after_link = true,
            b"td" | b"th" => self.part(Gap::Cell),
            b"pre" | b"listing" | b"textarea" | b"xmp" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.part(Gap::Line);
            }
            _ if is_block(name) => self.part(Gap::Line),
            _ => {}
        }
    }
}

/// Pages indent with it.
const NO_BREAK_SPACE: &[u8] = "\u{a0}".as_bytes();

/// Takes the white space at a line's end off.
fn trim_end(out: &mut Vec<u8>) {
    let mut line = out.trim_ascii_end();
    while let Some(rest) = line.strip_suffix(NO_BREAK_SPACE) {
        line = rest.trim_ascii_end();
    }
    out.truncate(line.len());
}

/// Elements that stand on lines of their own.
#[rustfmt::skip]
fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"br" | b"button" | b"caption" | b"center"
        | b"dd" | b"details" | b"dialog" | b"dir" | b"div" | b"dl" | b"dt" | b"fieldset"
        | b"figcaption" | b"figure" | b"footer" | b"form" | b"frameset" | b"h1" | b"h2" | b"h3" | b"h4"
        | b"h5" | b"h6" | b"head" | b"header" | b"hgroup" | b"hr" | b"html" | b"legend" | b"li"
        | b"listing" | b"main" | b"menu" | b"nav" | b"ol" | b"optgroup" | b"option" | b"p" | b"pre"
        | b"search" | b"section" | b"select" | b"summary" | b"table" | b"tbody" | b"tfoot" | b"thead"
        | b"title" | b"tr" | b"ul"
    )
}

impl Emitter for Lines<'_> {
    type Token = Infallible;

    fn emit_string(&mut self, text: &[u8]) {
        if !self.raw_hidden && self.hidden.is_none() {
            self.text(text);
        }
    }

    fn init_start_tag(&mut self) {
        self.name.clear();
        self.is_end = false;
        self.self_closing = false;
    }

    fn init_end_tag(&mut self) {
        self.name.clear();
        self.is_end = true;
    }

    fn push_tag_name(&mut self, part: &[u8]) {
        // The rest of a name that is too long to mean something is dropped.
        let room = (MAX_NAME + 1).saturating_sub(self.name.len());
        self.name.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn set_self_closing(&mut self) {
        self.self_closing = true;
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let name = std::mem::take(&mut self.name);
        self.drop_newline = false;
        let state = if self.is_end {
            self.end_tag(&name);
            None
        } else {
            let state = self.start_tag(&name);
            self.last_start.clone_from(&name);
            state
        };
        self.name = name;
        state
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && !self.name.is_empty() && self.name == self.last_start
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.hidden.as_ref().is_some_and(|(name, _)| name != b"template")
    }

    fn init_attribute(&mut self) {
        self.attributes.set(self.attributes.get() + 1);
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn set_last_start_tag(&mut self, _: Option<&[u8]>) {}
    fn emit_eof(&mut self) {}
    fn emit_error(&mut self, _: Error) {}
    fn init_comment(&mut self) {}
    fn emit_current_comment(&mut self) {}
    fn push_comment(&mut self, _: &[u8]) {}
    fn init_doctype(&mut self) {}
    fn emit_current_doctype(&mut self) {}
    fn set_force_quirks(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_attribute_name(&mut self, _: &[u8]) {}
    fn push_attribute_value(&mut self, _: &[u8]) {}
}
