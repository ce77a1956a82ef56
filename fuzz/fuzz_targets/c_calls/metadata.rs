//! Metadata as C passes it: whole, or cut into pieces anywhere.

use frameseal_fuzz::Input;

use crate::capi;

/// What frames are sealed with; all differ, one is empty, and one begins as another does.
pub(crate) const ALL: [&[u8]; 4] = [b"", b"room 7", b"room 7, camera", &[0x6d; 100]];

/// The pointers of one call.
pub(crate) struct Given {
    whole: Vec<u8>,
    pieces: Vec<capi::frameseal_slice>,
    in_pieces: bool,
}

impl Given {
    pub(crate) fn read(input: &mut Input<'_>, metadata: &[u8]) -> Self {
        let whole = metadata.to_vec();
        let in_pieces = input.below(3) == 0;
        let mut pieces = Vec::new();
        if in_pieces {
            let cut = input.below(whole.len() + 1);
            for part in [&whole[..cut], &[], &whole[cut..]] {
                let data = match part {
                    [] => core::ptr::null(),
                    part => part.as_ptr(),
                };
                let len = part.len();
                pieces.push(capi::frameseal_slice { data, len });
            }
        }
        Self {
            whole,
            pieces,
            in_pieces,
        }
    }

    /// Another place for it, which the call shall refuse.
    pub(crate) fn place(&mut self, data: *const u8, len: usize) {
        self.in_pieces = false;
        self.whole = Vec::new();
        self.pieces = vec![capi::frameseal_slice { data, len }];
    }

    /// More pieces than there may be.
    pub(crate) fn too_many(&mut self) {
        self.in_pieces = true;
        let data = core::ptr::null();
        self.pieces = vec![capi::frameseal_slice { data, len: 0 }; 17];
    }

    pub(crate) fn as_pieces(&self) -> Option<(*const capi::frameseal_slice, usize)> {
        self.in_pieces
            .then_some((self.pieces.as_ptr(), self.pieces.len()))
    }

    pub(crate) fn as_whole(&self) -> (*const u8, usize) {
        match (self.in_pieces, self.pieces.first()) {
            (false, Some(placed)) => (placed.data, placed.len),
            _ => (self.whole.as_ptr(), self.whole.len()),
        }
    }
}
