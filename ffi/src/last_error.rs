//! Why the last call failed, in words: what a number alone leaves open.
//!
//! Beside `entry.rs`, which reports every failure here. Only the error itself is kept for a thread,
//! a small value without secrets; the text is made when somebody asks.

use core::cell::Cell;
use core::ffi::c_char;
use core::fmt::Write;

use super::result::Failure;

/// Bytes of the text with its end; what is longer is cut.
const TEXT_LEN: usize = 160;

thread_local! {
    static LAST: Cell<Option<Failure>> = const { Cell::new(None) };
    static TEXT: Cell<[c_char; TEXT_LEN]> = const { Cell::new([0; TEXT_LEN]) };
}

/// Remembers why a call of this thread failed.
pub(super) fn remember(failure: Failure) {
    // Without it when the thread is ending: then nobody can ask.
    let _ = LAST.try_with(|last| last.set(Some(failure)));
}

/// Why the last call of this thread failed that answered an error, in English, for logs and for who
/// writes the application: which argument was wrong and what it must be, which key id was not found,
/// which size was needed. `frameseal_result_text` has one text for each number, this says more.
///
/// ```c
/// if (frameseal_epoch_manager_add_epoch(manager, now_ms, &epoch) != FRAMESEAL_OK)
///     log_line(frameseal_last_error_text()); // invalid argument: too many epochs for one manager
/// ```
///
/// The words may change with any version: do not compare them. They hold no secret and no byte of a
/// payload; the key id of a frame is what its header says. Calls that succeed change nothing, so ask only after one that failed.
///
/// Never NULL, and empty when none failed; the text is the library's, and stays as it is until this
/// thread calls this function again, or ends. Any thread; each has its own.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_last_error_text() -> *const c_char {
    super::entry::enter_or(c"".as_ptr(), || {
        let last = LAST.try_with(Cell::get).ok().flatten();
        let mut text = Text::default();
        if let Some(failure) = last {
            // It is cut where it has no room.
            let _ = write!(text, "{failure}");
        }
        let place = TEXT.try_with(|place| {
            place.set(text.bytes);
            place.as_ptr().cast_const().cast::<c_char>()
        });
        place.unwrap_or(c"".as_ptr())
    })
}

/// Text that ends with a zero byte.
struct Text {
    bytes: [c_char; TEXT_LEN],
    len: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            bytes: [0; TEXT_LEN],
            len: 0,
        }
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for byte in text.bytes() {
            // The last byte stays zero.
            let free = self.bytes.get_mut(..TEXT_LEN - 1);
            let Some(place) = free.and_then(|free| free.get_mut(self.len)) else {
                return Err(core::fmt::Error);
            };
            // `c_char` has a sign on some processors and none on others.
            *place = c_char::from_ne_bytes([byte]);
            self.len += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::enter;
    use super::super::result::invalid;
    use super::*;
    use core::ffi::CStr;

    fn text() -> String {
        // SAFETY: it ends with a zero byte, and stays until this function is called again.
        let text = unsafe { CStr::from_ptr(frameseal_last_error_text()) };
        text.to_str().unwrap_or("not UTF-8").into()
    }

    #[test]
    fn the_text_is_that_of_the_last_failure_of_the_thread() {
        assert_eq!(text(), "");
        let _ = enter(|| Err(invalid("a test")));
        let _ = enter(|| Ok(()));
        assert_eq!(text(), "invalid argument: a test");
        let elsewhere = std::thread::spawn(|| {
            let before = text();
            let _ = enter(|| Err(Failure::Forked));
            (before, text())
        });
        let forked = "the object is from before a fork";
        assert_eq!(elsewhere.join().ok(), Some((String::new(), forked.into())));
        assert_eq!(text(), "invalid argument: a test");
    }

    #[test]
    fn a_text_that_is_too_long_is_cut() {
        const LONG: &str = match core::str::from_utf8(&[b'x'; 2 * TEXT_LEN]) {
            Ok(text) => text,
            Err(_) => "",
        };
        let _ = enter(|| Err(invalid(LONG)));
        let cut = format!("invalid argument: {LONG}")
            .split_at(TEXT_LEN - 1)
            .0
            .to_string();
        assert_eq!(text(), cut);
    }
}
