//! A bit a record.

/// One bit a record.
#[derive(Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Sets the bit at `at`.
    pub fn set(&mut self, at: u64) {
        let word = (at / 64) as usize;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (at % 64);
    }

    /// The bit at `at`.
    pub fn get(&self, at: u64) -> bool {
        self.0.get((at / 64) as usize).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// For each bit that is set, how many before it are.
    pub fn ranks(&self) -> Ranks<'_> {
        let mut before = Vec::with_capacity(self.0.len());
        let mut ones = 0;
        for word in &self.0 {
            before.push(ones);
            ones += word.count_ones();
        }
        Ranks { bits: self, before, ones }
    }
}

/// The set bits of some [`Bits`], numbered.
pub struct Ranks<'a> {
    bits: &'a Bits,
    /// How many bits are set before each word.
    before: Vec<u32>,
    ones: u32,
}

impl Ranks<'_> {
    /// The number of the bit at `at`; none where it is not set.
    pub fn get(&self, at: u64) -> Option<u32> {
        let word = (at / 64) as usize;
        let below = || self.bits.0[word] & ((1 << (at % 64)) - 1);
        self.bits.get(at).then(|| self.before[word] + below().count_ones())
    }

    /// Number of bits that are set.
    pub fn len(&self) -> u32 {
        self.ones
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ones == 0
    }
}
