//! Metadata: bytes that both ends know, that are authenticated with a frame but do not travel in it.
//!
//! Bottom of the layers. RFC 9605 §4.4.3 appends the metadata to the header as associated data.
//! It may have any length and come in several slices; nothing here copies or allocates.

/// The metadata of one frame, borrowed, in one slice or several (RFC 9605 §9.4).
///
/// Several slices mean exactly what their concatenation means: where one ends is not
/// authenticated, so an application that composes fields gives each of them a length. No metadata
/// and empty metadata are the same.
///
/// ```
/// use frameseal::Metadata;
///
/// let one = Metadata::from(b"room 7, camera");
/// let parts = [b"room 7, ".as_slice(), b"camera"];
/// assert_eq!(Metadata::from(&parts).len(), one.len());
/// assert!(Metadata::EMPTY.is_empty());
/// ```
#[derive(Clone, Copy)]
pub struct Metadata<'a> {
    first: &'a [u8],
    rest: &'a [&'a [u8]],
}

impl<'a> Metadata<'a> {
    /// No metadata.
    pub const EMPTY: Self = Self {
        first: &[],
        rest: &[],
    };

    /// Bytes in all slices together.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        // Slices of one address space cannot be longer than it together, but a caller may name the
        // same slice many times; saturation keeps that from wrapping.
        self.rest
            .iter()
            .fold(self.first.len(), |sum, part| sum.saturating_add(part.len()))
    }

    /// Whether there is no byte.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first slice, and the others.
    #[inline(always)]
    pub(crate) fn slices(self) -> (&'a [u8], &'a [&'a [u8]]) {
        (self.first, self.rest)
    }

    /// The slices, in order; some may be empty.
    ///
    /// ```
    /// use frameseal::Metadata;
    ///
    /// let parts = [b"room 7, ".as_slice(), b"camera"];
    /// assert!(Metadata::from(&parts).parts().eq(parts));
    /// ```
    #[inline]
    #[must_use = "an iterator does nothing by itself"]
    pub fn parts(self) -> impl Iterator<Item = &'a [u8]> {
        core::iter::once(self.first).chain(self.rest.iter().copied())
    }
}

impl core::fmt::Debug for Metadata<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The content is the application's, and may be private.
        f.debug_struct("Metadata")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl<'a> From<&'a [u8]> for Metadata<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self {
            first: bytes,
            rest: &[],
        }
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Metadata<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

#[cfg(feature = "alloc")]
impl<'a> From<&'a alloc::vec::Vec<u8>> for Metadata<'a> {
    fn from(bytes: &'a alloc::vec::Vec<u8>) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl<'a> From<&'a [&'a [u8]]> for Metadata<'a> {
    fn from(parts: &'a [&'a [u8]]) -> Self {
        match parts.split_first() {
            Some((first, rest)) => Self { first, rest },
            None => Self::EMPTY,
        }
    }
}

impl<'a, const N: usize> From<&'a [&'a [u8]; N]> for Metadata<'a> {
    fn from(parts: &'a [&'a [u8]; N]) -> Self {
        Self::from(parts.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_kept_in_order() {
        let parts: [&[u8]; 3] = [b"ab", b"", b"c"];
        let joined: Vec<u8> = Metadata::from(&parts).parts().flatten().copied().collect();
        assert_eq!(joined, b"abc");
        assert_eq!(Metadata::from(&parts).len(), 3);
    }

    #[test]
    fn debug_output_shows_no_content() {
        let shown = format!("{:?}", Metadata::from(b"private"));
        assert_eq!(shown, "Metadata { len: 7, .. }");
    }
}
