//! The words and lines of a page, numbered: what is counted by them is a table.

use hashbrown::HashMap;

use crate::address::Address;
use crate::hashed::Hashed;

/// There is room for at most so many words from the beginning.
const ROOM: usize = 4_096;

/// Content words and normal forms of a page's lines, numbered in the order in which they come.
#[derive(Debug)]
pub(crate) struct Vocabulary<'a> {
    address: &'a Address,
    numbers: HashMap<u32, u32, Hashed>,
    /// For each word, whether it stands in the address' path, and in its host.
    in_address: Vec<[bool; 2]>,
    /// The words of all lines, line after line.
    words: Vec<u32>,
    forms: HashMap<u64, u32, Hashed>,
    different_forms: usize,
}

impl<'a> Vocabulary<'a> {
    /// With room for about as much as a page of so many lines and bytes holds.
    pub(crate) fn new(address: &'a Address, lines: usize, bytes: usize) -> Self {
        let words = (bytes / 8).min(ROOM);
        Self {
            address,
            numbers: HashMap::with_capacity_and_hasher(words / 2, Hashed::default()),
            in_address: Vec::with_capacity(words / 2),
            words: Vec::with_capacity(words),
            forms: HashMap::with_capacity_and_hasher(lines.min(ROOM), Hashed::default()),
            different_forms: 0,
        }
    }

    /// Adds a word to the last line. Whether it stands in the address' path, and in its host.
    pub(crate) fn add(&mut self, hash: u32) -> [bool; 2] {
        let next = self.in_address.len() as u32;
        let number = *self.numbers.entry(hash).or_insert(next);
        if number == next {
            let has = |words: &[u32]| words.binary_search(&hash).is_ok();
            self.in_address.push([has(&self.address.path), has(&self.address.host)]);
        }
        self.words.push(number);
        self.in_address[number as usize]
    }

    /// The number of a line's normal form.
    pub(crate) fn form(&mut self, hash: u64) -> u32 {
        let next = self.different_forms as u32;
        let number = *self.forms.entry(hash).or_insert(next);
        self.different_forms += usize::from(number == next);
        number
    }

    /// Forgets what only further lines would have to know.
    pub(crate) fn close(&mut self) {
        self.numbers = HashMap::default();
        self.forms = HashMap::default();
    }

    /// How many words have been added.
    pub(crate) fn len(&self) -> u32 {
        self.words.len() as u32
    }

    /// The numbers of the words that were added between two lengths.
    pub(crate) fn words(&self, (from, to): (u32, u32)) -> &[u32] {
        &self.words[from as usize..to as usize]
    }

    /// How many words are different.
    pub(crate) fn different(&self) -> usize {
        self.in_address.len()
    }

    /// How many normal forms are different.
    pub(crate) fn forms(&self) -> usize {
        self.different_forms
    }
}
