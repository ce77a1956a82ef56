//! Where an epoch manager keeps what it knows: growing, or with a fixed capacity for each kind of
//! thing.
//!
//! Under `mls/`, over `storage.rs`.

use crate::storage::{Fixed, InTable, Storage};

/// How an epoch manager stores epochs, members, senders and streams:
/// [`Growing`](crate::Growing) or [`FixedCall`].
pub trait CallStorage: sealed::Sealed {
    #[doc(hidden)]
    type Epochs: Storage;
    #[doc(hidden)]
    type Members: Storage;
    #[doc(hidden)]
    type Senders: Storage;
    #[doc(hidden)]
    type Streams: Storage;
    /// Holds something that does not change, where it will stay.
    #[doc(hidden)]
    type Ptr<T>: core::ops::Deref<Target = T>;
    /// Holds something that changes with every frame.
    #[doc(hidden)]
    type Lock<T>: Lock<T>;

    /// Whether frames are opened on threads of which the manager is not told.
    #[doc(hidden)]
    const SHARED: bool = false;

    #[doc(hidden)]
    fn ptr<T>(content: T) -> Self::Ptr<T>;
    #[doc(hidden)]
    fn lock<T>(content: T) -> Self::Lock<T>;
}

/// Access to something that may be behind a lock.
#[doc(hidden)]
pub trait Lock<T> {
    fn with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R;
    /// The same, but `None` and nothing done when another thread is at it.
    fn try_with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R>;
    fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R;
}

mod sealed {
    pub trait Sealed {}
    impl<const E: usize, const M: usize, const R: usize, const T: usize, const W: usize> Sealed
        for super::FixedCall<E, M, R, T, W>
    {
    }
    #[cfg(feature = "alloc")]
    impl Sealed for crate::storage::Growing {}
    #[cfg(feature = "std")]
    impl Sealed for super::SharedCall {}
}

/// Room for `E` epochs at once, `M` members, `R` streams that are received in all live epochs
/// together, each with a window of `64 * W` counters, and `T` streams that are sent. Nothing is
/// allocated; `W` is a power of two.
#[derive(Clone, Copy, Debug)]
pub struct FixedCall<
    const E: usize,
    const M: usize,
    const R: usize,
    const T: usize,
    const W: usize = 16,
>;

impl<const E: usize, const M: usize, const R: usize, const T: usize, const W: usize> CallStorage
    for FixedCall<E, M, R, T, W>
{
    type Epochs = Fixed<E>;
    type Members = Fixed<M>;
    type Senders = Fixed<R, W>;
    type Streams = Fixed<T>;
    type Ptr<C> = InTable<C>;
    type Lock<C> = InTable<C>;

    fn ptr<C>(content: C) -> InTable<C> {
        InTable::new(content)
    }

    fn lock<C>(content: C) -> InTable<C> {
        InTable::new(content)
    }
}

impl<T> Lock<T> for InTable<T> {
    #[inline]
    fn with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        f(self)
    }

    fn try_with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(f(self))
    }

    fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        f(self)
    }
}

#[cfg(feature = "alloc")]
mod growing {
    use alloc::boxed::Box;

    use super::{CallStorage, Lock};
    use crate::storage::Growing;

    impl CallStorage for Growing {
        type Epochs = Self;
        type Members = Self;
        type Senders = Self;
        type Streams = Self;
        type Ptr<T> = Box<T>;
        type Lock<T> = Box<T>;

        fn ptr<T>(content: T) -> Box<T> {
            Box::new(content)
        }

        fn lock<T>(content: T) -> Box<T> {
            Box::new(content)
        }
    }

    impl<T> Lock<T> for Box<T> {
        #[inline]
        fn with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
            f(self)
        }

        fn try_with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
            Some(f(self))
        }

        fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
            f(self)
        }
    }
}

#[cfg(feature = "std")]
pub(crate) use shared::SharedCall;

#[cfg(feature = "std")]
mod shared {
    use std::sync::{Arc, Mutex, PoisonError, TryLockError};

    use super::{CallStorage, Lock};
    use crate::storage::Growing;

    /// As `Growing`, with parts that several threads can hold.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct SharedCall;

    impl CallStorage for SharedCall {
        type Epochs = Growing;
        type Members = Growing;
        type Senders = Growing;
        type Streams = Growing;
        type Ptr<T> = Arc<T>;
        type Lock<T> = Arc<Mutex<T>>;

        const SHARED: bool = true;

        fn ptr<T>(content: T) -> Arc<T> {
            Arc::new(content)
        }

        fn lock<T>(content: T) -> Arc<Mutex<T>> {
            Arc::new(Mutex::new(content))
        }
    }

    impl<T> Lock<T> for Arc<Mutex<T>> {
        // Nothing under these locks can panic, so what a poisoned one guards is whole.

        fn with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
            f(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
        }

        fn try_with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
            match self.try_lock() {
                Ok(mut content) => Some(f(&mut content)),
                Err(TryLockError::Poisoned(content)) => Some(f(&mut content.into_inner())),
                Err(TryLockError::WouldBlock) => None,
            }
        }

        fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
            f(&self.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}
