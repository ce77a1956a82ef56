//! Verification codes: digits that people compare, by voice or side by side, to learn that nobody
//! stands between them.
//!
//! Second layer. A code is a function of public or exported values that the application gives; it
//! takes no key of SFrame, holds no secret, and needs no network. Version 1 of both kinds:
//!
//! ```text
//! lp(x) = be64(length of x) ‖ x
//! epoch: label = "frameseal verification code epoch 1", input = lp(label) ‖ lp(authenticator)
//! pair:  label = "frameseal verification code pair 1",  input = lp(label) ‖ lp(name 1) ‖ lp(key 1)
//!                                                                  ‖ lp(name 2) ‖ lp(key 2)
//!        where (name 1, key 1) is the smaller of the two, compared byte by byte, names first
//!
//! T_0     = SHA-512(input)
//! T_i     = SHA-512(be32(i) ‖ T_(i-1))                          for i = 1 to 4,096
//! okm     = HKDF-SHA-512(salt = "", ikm = T_4096, info = label, 96 bytes)      (RFC 5869)
//! group k = be64(okm[8 k .. 8 k + 8]) mod 100,000, as five digits, for k = 0 to 11
//! ```
//!
//! A code of 60 digits has all twelve groups, one of 30 the first six: whoever shows 30 can compare
//! with whoever shows 60. The remainder of a 64-bit number favours some groups over others by less
//! than one part in 2^47.
//!
//! Of the epoch, nothing is bound but its authenticator, because that already commits every member
//! to the group id, the number of the epoch, the roster and the whole history (RFC 9420 §8.1,
//! §8.7). A [`GroupTag`](crate::GroupTag) or a cipher suite is left out on purpose: each
//! application sets them for itself, so they could only make honest members differ.

use hkdf::Hkdf;
use sha2::{Digest, Sha512};

use crate::error::Error;

/// The version of both functions, which is part of their labels. Codes of different versions have
/// nothing in common.
pub const VERIFICATION_VERSION: u32 = 1;

const EPOCH_LABEL: &[u8] = b"frameseal verification code epoch 1";
const PAIR_LABEL: &[u8] = b"frameseal verification code pair 1";
const ITERATIONS: u32 = 4096;

const GROUP_DIGITS: usize = 5;
const MAX_DIGITS: usize = 60;
/// Eight bytes of output for each group of digits.
const OKM_LEN: usize = MAX_DIGITS / GROUP_DIGITS * 8;

/// How many digits a code has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CodeLength {
    /// 30 digits: enough to read aloud. About 99 bits.
    #[default]
    Thirty,
    /// 60 digits, of which the first 30 are the shorter code. About 199 bits.
    Sixty,
}

impl CodeLength {
    /// 30 or 60.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Thirty => 30,
            Self::Sixty => MAX_DIGITS,
        }
    }

    /// The strength: whole bits of `digits * log2(10)`, 99 or 199.
    ///
    /// That is the work to hit one given code. Whoever stands in the middle and can choose keys on
    /// both sides needs only two codes that are equal to each other, about the square root: some
    /// 2^50 computations for 30 digits and 2^100 for 60, each of 4,097 hashes. Compare 60 where
    /// 2^62 hashes are within reach of an adversary.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Thirty => 99,
            Self::Sixty => 199,
        }
    }
}

/// One of two parties whose identities are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// What both applications call this party, at least one byte: an account name, a device id.
    /// Both must use the same bytes, so text has to be in one normal form.
    pub name: &'a [u8],
    /// The long-term public key, at least 32 bytes, in the one encoding that both use: for example
    /// the signature key of an MLS leaf.
    pub public_key: &'a [u8],
}

/// Digits to compare. Equal codes mean equal inputs on both sides, as surely as
/// [`CodeLength::bits`] says; a code is not secret, so it is compared in plain ways.
///
/// ```
/// use frameseal::{CodeLength, Identity, VerificationCode};
///
/// let alice = Identity { name: b"alice", public_key: &[0xa1; 32] };
/// let bob = Identity { name: b"bob", public_key: &[0xb0; 32] };
/// let here = VerificationCode::for_pair(alice, bob, CodeLength::Thirty)?;
/// let there = VerificationCode::for_pair(bob, alice, CodeLength::Thirty)?;
/// assert_eq!(here, there);
/// assert_eq!(here.to_string(), "62153 52179 84106 41684 42290 30386");
/// # Ok::<(), frameseal::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerificationCode {
    /// ASCII; those behind `length` are zero digits.
    digits: [u8; MAX_DIGITS],
    length: CodeLength,
}

impl VerificationCode {
    /// The code of an MLS epoch, from its epoch authenticator (RFC 9420 §8.7) as any engine
    /// exports it: 32 to 64 bytes.
    ///
    /// Members with the same code are in the same group, at the same epoch, with the same roster;
    /// so nobody is in between, and nobody hides from one of them. Who the others on the roster
    /// are, the code does not say. It changes with every epoch: show it with the epoch's number.
    ///
    /// This takes some 4,000 hashes, a few milliseconds on a telephone: not for the media thread.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the authenticator has fewer than 32 bytes, the shortest hash
    /// of a registered MLS suite, or more than 64, the longest.
    pub fn for_epoch(authenticator: &[u8], length: CodeLength) -> Result<Self, Error> {
        if !(32..=64).contains(&authenticator.len()) {
            return Err(Error::InvalidArgument(
                "an epoch authenticator has 32 to 64 bytes",
            ));
        }
        Self::compute(EPOCH_LABEL, &[authenticator], length)
    }

    /// The code of two identities, the same on both sides whichever is named first.
    ///
    /// Equal codes mean that both sides have the same two keys under the same two names. It does
    /// not change with epochs, only when one of the two has a new key. Cost as [`Self::for_epoch`].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when a name is empty, a key has fewer than 32 bytes, or both
    /// parties are the same.
    pub fn for_pair(
        one: Identity<'_>,
        other: Identity<'_>,
        length: CodeLength,
    ) -> Result<Self, Error> {
        for party in [one, other] {
            if party.name.is_empty() {
                return Err(Error::InvalidArgument("an identity needs a name"));
            }
            if party.public_key.len() < 32 {
                return Err(Error::InvalidArgument("a public key has 32 bytes or more"));
            }
        }
        if one == other {
            return Err(Error::InvalidArgument(
                "a pair code is for two different identities",
            ));
        }
        let in_order = (one.name, one.public_key) < (other.name, other.public_key);
        let (first, second) = if in_order { (one, other) } else { (other, one) };
        let fields = [first.name, first.public_key, second.name, second.public_key];
        Self::compute(PAIR_LABEL, &fields, length)
    }

    fn compute(label: &[u8], fields: &[&[u8]], length: CodeLength) -> Result<Self, Error> {
        let mut hash = Sha512::new();
        for field in core::iter::once(&label).chain(fields) {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        let mut state = hash.finalize();
        for i in 1..=ITERATIONS {
            state = Sha512::new()
                .chain_update(i.to_be_bytes())
                .chain_update(state)
                .finalize();
        }
        let mut okm = [0; OKM_LEN];
        // Two blocks of the hash; HKDF ends only after 255.
        Hkdf::<Sha512>::new(None, &state)
            .expand(label, &mut okm)
            .map_err(|_| Error::InvalidArgument("HKDF output too long"))?;
        Ok(Self {
            digits: to_digits(&okm, length),
            length,
        })
    }

    /// The digits as ASCII text, 30 or 60, without spaces.
    #[must_use]
    pub fn digits(&self) -> &str {
        let shown = self.digits.get(..self.length.digits()).unwrap_or_default();
        core::str::from_utf8(shown).unwrap_or_default()
    }

    /// The digits in groups of five, to show in a grid or to read one group at a time.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let (groups, _) = self.digits.as_chunks::<GROUP_DIGITS>();
        groups
            .iter()
            .take(self.length.digits() / GROUP_DIGITS)
            .map(|group| core::str::from_utf8(group).unwrap_or_default())
    }

    /// How many digits it has.
    #[must_use]
    pub fn length(&self) -> CodeLength {
        self.length
    }

    /// The strength in bits, see [`CodeLength::bits`].
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.length.bits()
    }
}

/// Five digits for every eight bytes; those that are not shown are `0`.
fn to_digits(okm: &[u8; OKM_LEN], length: CodeLength) -> [u8; MAX_DIGITS] {
    let mut digits = [b'0'; MAX_DIGITS];
    let (groups, _) = digits.as_chunks_mut::<GROUP_DIGITS>();
    let (numbers, _) = okm.as_chunks::<8>();
    let shown = length.digits() / GROUP_DIGITS;
    for (group, number) in groups.iter_mut().zip(numbers).take(shown) {
        let mut rest = u64::from_be_bytes(*number) % 100_000;
        for digit in group.iter_mut().rev() {
            *digit = b'0' + (rest % 10).to_le_bytes()[0];
            rest /= 10;
        }
    }
    digits
}

impl core::fmt::Display for VerificationCode {
    /// Groups of five with a space between them.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (i, group) in self.groups().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(group)?;
        }
        Ok(())
    }
}

impl core::fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "VerificationCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strength_is_that_of_the_digits() {
        for length in [CodeLength::Thirty, CodeLength::Sixty] {
            let bits = length.digits() as f64 * f64::log2(10.0);
            assert_eq!(f64::from(length.bits()), bits.floor());
        }
    }

    #[test]
    fn the_labels_end_with_the_version() {
        for label in [EPOCH_LABEL, PAIR_LABEL] {
            let version = format!(" {VERIFICATION_VERSION}");
            assert!(label.ends_with(version.as_bytes()));
        }
    }

    #[test]
    fn every_eight_bytes_are_one_number_and_leading_zeros_are_shown() {
        let mut okm = [0; OKM_LEN];
        okm[7] = 42;
        okm[8..16].copy_from_slice(&u64::MAX.to_be_bytes());
        okm[88..96].copy_from_slice(&99_999u64.to_be_bytes());
        let sixty = to_digits(&okm, CodeLength::Sixty);
        // 2^64 - 1 = 18446744073709551615
        assert_eq!(sixty[..15], *b"000425161500000");
        assert_eq!(sixty[55..], *b"99999");
        let thirty = to_digits(&okm, CodeLength::Thirty);
        assert_eq!(thirty[..30], sixty[..30]);
        assert_eq!(thirty[30..], [b'0'; 30]);
    }
}
