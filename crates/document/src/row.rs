use crate::Id;

/// A value that takes the same number of bytes wherever it is written.
pub trait Fixed: Sized {
    /// The number of bytes.
    const SIZE: usize;

    /// Appends its bytes, of numbers the lowest first.
    fn write(&self, out: &mut Vec<u8>);

    /// Takes a value off the front of `bytes`: what [`Self::write`] wrote. None where the bytes are
    /// too few or stand for no value.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// A record that can be sorted, spilled to disk and merged.
///
/// `Ord` must be total and must agree with equality: two rows that compare equal are the same row.
pub trait Row: Fixed + Ord + Copy + Send + Sync + 'static {}

impl<T: Fixed + Ord + Copy + Send + Sync + 'static> Row for T {}

/// Implements [`Fixed`] for a struct: its fields, all of them, one after the other.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// struct Pair {
///     first: u32,
///     second: u32,
/// }
/// scutch_document::fixed!(Pair { first: u32, second: u32 });
///
/// use scutch_document::Fixed;
/// let mut bytes = Vec::new();
/// Pair { first: 1, second: 2 }.write(&mut bytes);
/// assert_eq!(bytes, [1, 0, 0, 0, 2, 0, 0, 0]);
/// assert_eq!(Pair::read(&mut &bytes[..]), Some(Pair { first: 1, second: 2 }));
/// assert_eq!(Pair::read(&mut &bytes[1..]), None);
/// ```
#[macro_export]
macro_rules! fixed {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        impl $crate::Fixed for $name {
            const SIZE: usize = 0 $(+ <$type as $crate::Fixed>::SIZE)+;

            #[inline]
            fn write(&self, out: &mut Vec<u8>) {
                $($crate::Fixed::write(&self.$field, out);)+
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::Fixed::read(bytes)?),+ })
            }
        }
    };
}

macro_rules! numbers {
    ($($type:ident)+) => {$(
        impl Fixed for $type {
            const SIZE: usize = size_of::<$type>();

            #[inline]
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let (own, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some($type::from_le_bytes(*own))
            }
        }
    )+};
}

numbers!(u8 u16 u32 u64 u128 f32);

impl Fixed for bool {
    const SIZE: usize = 1;

    fn write(&self, out: &mut Vec<u8>) {
        u8::from(*self).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match u8::read(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Fixed for Id {
    const SIZE: usize = u128::SIZE;

    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        u128::read(bytes).map(Self)
    }
}
