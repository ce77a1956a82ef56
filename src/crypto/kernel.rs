//! AES-GCM by the crate `frameseal-kernel`: for processors with AVX-512, VAES and VPCLMULQDQ, made
//! for short frames. On any other processor there is no such key, and the composed implementation
//! serves.

use frameseal_kernel::Key;

use super::{Aad, Nonce, Tag};

/// A key of the kernel, with `K` round keys; it wipes itself.
pub(crate) struct Kernel<const K: usize>(pub(crate) Key<K>);

impl<const K: usize> Kernel<K> {
    #[inline]
    pub(crate) fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        let sealed = self.0.seal_in_place(&nonce.to_bytes(), pieces(aad), body);
        sealed.unwrap_or_else(|_| {
            // Only for bodies longer than a frame can be, or metadata longer than memory. Nothing that
            // could be opened, and nothing in the clear.
            body.fill(0);
            Tag::default()
        })
    }

    /// Encrypts `from` to `to`, of the same length, without a copy.
    #[inline]
    pub(crate) fn seal_to(&self, nonce: Nonce, aad: &Aad<'_>, from: &[u8], to: &mut [u8]) -> Tag {
        let sealed = self.0.seal(&nonce.to_bytes(), pieces(aad), from, to);
        sealed.unwrap_or_else(|_| {
            // As above.
            to.fill(0);
            Tag::default()
        })
    }

    /// Opens `from` to `to`, of the same length, without a copy. A wrong tag leaves the ciphertext
    /// in `to`.
    #[inline]
    pub(crate) fn open_to(
        &self,
        nonce: Nonce,
        aad: &Aad<'_>,
        from: &[u8],
        to: &mut [u8],
        tag: &Tag,
    ) -> bool {
        let opened = self.0.open(&nonce.to_bytes(), pieces(aad), from, to, tag);
        if opened.is_err() {
            super::copy(from, to);
        }
        opened.is_ok()
    }

    #[inline]
    pub(crate) fn open(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let opened = self
            .0
            .open_in_place(&nonce.to_bytes(), pieces(aad), body, tag);
        opened.is_ok()
    }
}

#[inline(always)]
fn pieces<'a>(aad: &Aad<'a>) -> frameseal_kernel::Aad<'a> {
    if let Some(number) = aad.as_number() {
        return frameseal_kernel::Aad::behind(number, aad.len(), &[], &[]);
    }
    let (first, rest) = aad.metadata.slices();
    if aad.header.len() > size_of::<u128>() {
        return frameseal_kernel::Aad::new(aad.header, first, rest);
    }
    frameseal_kernel::Aad::behind(aad.number, aad.header.len(), first, rest)
}
