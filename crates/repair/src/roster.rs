//! What of a lexicon a text draws on, numbered as it comes: what is told of it then lies in a few
//! short tables.

/// Members of a lexicon, which numbers them otherwise.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    members: Vec<u32>,
    /// For each member of the lexicon its number here, counted from 1; 0 for those that did not come.
    numbers: Vec<u32>,
}

impl Roster {
    /// Forgets all members. The lexicon has `size`.
    pub(crate) fn clear(&mut self, size: usize) {
        for member in self.members.drain(..) {
            self.numbers[member as usize] = 0;
        }
        self.numbers.resize(size, 0);
    }

    /// The member's number; the next one where it is new.
    #[inline]
    pub(crate) fn number(&mut self, member: u32) -> u32 {
        let number = &mut self.numbers[member as usize];
        if *number == 0 {
            self.members.push(member);
            *number = self.members.len() as u32;
        }
        *number - 1
    }

    /// All members, by their numbers here.
    pub(crate) fn members(&self) -> &[u32] {
        &self.members
    }
}
