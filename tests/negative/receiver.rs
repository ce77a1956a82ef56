//! Every kind of receiver behind one trait, and what is checked at each refusal.

use std::ops::Range;

use frameseal::{
    CipherSuite, DecryptionKey, Decryptor, EncryptionKey, Error, Header, KeyId, Opened,
    ReceiveConfig, ReceivingKeyStatus, SharedDecryptor, fixed,
};

use crate::frames::key_at;

/// The key that sender and receivers share: a header with several bytes for each field.
pub(crate) const KID: u64 = 0x123;
pub(crate) const KEY_ID: KeyId = KeyId::new(KID);
pub(crate) const CTR: u64 = 0x4567;
pub(crate) const BASE_KEY: [u8; 16] = *b"Zq9#xK2!vLp8@wQ7";
pub(crate) const METADATA: &[u8] = b"IETF SFrame WG";
/// Long enough that no tag can be cut out of header and body together.
pub(crate) const PAYLOAD: &[u8] = b"a payload that nobody may see before it has authenticated";

pub(crate) trait Receiver {
    fn name(&self) -> &'static str;
    fn status(&self, key_id: KeyId) -> Option<ReceivingKeyStatus>;
    fn decrypt<'b>(&mut self, metadata: &[u8], sealed: &'b mut [u8]) -> Result<Opened<'b>, Error>;
    fn decrypt_to<'b>(
        &mut self,
        metadata: &[u8],
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Opened<'b>, Error>;
    fn decrypt_within<'b>(
        &mut self,
        metadata: &[u8],
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Opened<'b>, Error>;
}

macro_rules! receiver {
    ($type:ty, $name:literal, ($this:ident, $key_id:ident) => $status:expr) => {
        impl Receiver for $type {
            fn name(&self) -> &'static str {
                $name
            }

            fn status(&self, $key_id: KeyId) -> Option<ReceivingKeyStatus> {
                let $this = self;
                $status
            }

            fn decrypt<'b>(
                &mut self,
                metadata: &[u8],
                sealed: &'b mut [u8],
            ) -> Result<Opened<'b>, Error> {
                <$type>::decrypt(self, metadata, sealed)
            }

            fn decrypt_to<'b>(
                &mut self,
                metadata: &[u8],
                sealed: &[u8],
                out: &'b mut [u8],
            ) -> Result<Opened<'b>, Error> {
                <$type>::decrypt_to(self, metadata, sealed, out)
            }

            fn decrypt_within<'b>(
                &mut self,
                metadata: &[u8],
                buffer: &'b mut [u8],
                sealed: Range<usize>,
                out_start: usize,
            ) -> Result<Opened<'b>, Error> {
                <$type>::decrypt_within(self, metadata, buffer, sealed, out_start)
            }
        }
    };
}
receiver!(Decryptor, "Decryptor", (this, id) => this.key_status(id));
receiver!(SharedDecryptor, "SharedDecryptor", (this, id) => this.key_status(id));
receiver!(fixed::Decryptor<2>, "fixed::Decryptor", (this, id) => this.key_status(id));
receiver!(DecryptionKey, "DecryptionKey", (this, id) => {
    (this.key_id() == id).then(|| DecryptionKey::status(this))
});

/// The receivers that hold keys by key id, with the shared key in them.
pub(crate) fn tables(suite: CipherSuite, config: ReceiveConfig) -> Vec<Box<dyn Receiver>> {
    let mut growing = Decryptor::with_config(suite, config);
    growing.add_key(KEY_ID, &BASE_KEY).unwrap();
    let shared = SharedDecryptor::with_config(suite, config);
    shared.add_key(KEY_ID, &BASE_KEY).unwrap();
    let mut fixed = fixed::Decryptor::<2>::with_config(suite, config);
    fixed.add_key(KEY_ID, &BASE_KEY).unwrap();
    vec![Box::new(growing), Box::new(shared), Box::new(fixed)]
}

/// Every kind of receiver with the shared key and no other.
pub(crate) fn receivers(suite: CipherSuite) -> Vec<Box<dyn Receiver>> {
    let mut all = tables(suite, ReceiveConfig::for_suite(suite));
    let key = DecryptionKey::new(suite, KEY_ID, &BASE_KEY).unwrap();
    all.push(Box::new(key));
    all
}

/// The sender of the shared key.
pub(crate) struct Alice(EncryptionKey);

impl Alice {
    pub(crate) fn new(suite: CipherSuite) -> Self {
        Self(key_at(suite, KID, &BASE_KEY, CTR))
    }

    pub(crate) fn seal(&mut self, metadata: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut sealed = vec![0; self.0.sealed_len(payload.len()).unwrap()];
        self.0.encrypt(metadata, payload, &mut sealed).unwrap();
        sealed
    }
}

/// Runs a case with every suite and receiver; then the next good frame must open.
pub(crate) fn for_each(case: impl Fn(CipherSuite, &mut Alice, &mut dyn Receiver)) {
    for suite in CipherSuite::ALL {
        for mut receiver in receivers(suite) {
            let mut alice = Alice::new(suite);
            case(suite, &mut alice, &mut *receiver);
            accept(
                &mut *receiver,
                METADATA,
                &alice.seal(METADATA, PAYLOAD),
                PAYLOAD,
            );
        }
    }
}

/// Gives a good frame to the receiver, which must open it and count it.
pub(crate) fn accept(receiver: &mut dyn Receiver, metadata: &[u8], sealed: &[u8], payload: &[u8]) {
    let before = receiver.status(KEY_ID).unwrap();
    let mut buffer = sealed.to_vec();
    let name = receiver.name();
    let opened = receiver.decrypt(metadata, &mut buffer);
    assert!(
        opened.is_ok(),
        "{name} refuses a good frame: {:?}",
        opened.err()
    );
    assert!(opened.unwrap().payload == payload, "{name}");
    let after = receiver.status(KEY_ID).unwrap();
    assert_eq!(after.opened, before.opened + 1);
    assert_eq!(after.failed_opens, before.failed_opens);
}

/// Gives a bad frame to the receiver in every buffer mode, and checks all that a refusal promises.
pub(crate) fn refuse(receiver: &mut dyn Receiver, metadata: &[u8], sealed: &[u8], expected: Error) {
    let what = format!("{} with {sealed:02x?}", receiver.name());

    let mut buffer = sealed.to_vec();
    let result = counted(receiver, expected, |r| {
        r.decrypt(metadata, &mut buffer).map(drop)
    });
    assert_eq!(result, Err(expected), "{what}");
    assert!(buffer == sealed, "{what}: the frame is left as it was");

    let mut out = vec![0xee; sealed.len() + 1];
    let result = counted(receiver, expected, |r| {
        r.decrypt_to(metadata, sealed, &mut out).map(drop)
    });
    assert_eq!(result, Err(expected), "{what}, to another buffer");
    // After a failed authentication there is ciphertext in it; otherwise nothing was written.
    let written = match expected {
        Error::Authentication => ciphertext(receiver, sealed, &out),
        _ => &[],
    };
    assert!(out.starts_with(written), "{what}, to another buffer");
    assert!(
        out[written.len()..].iter().all(|byte| *byte == 0xee),
        "{what}"
    );

    let mut buffer = [b"abc", sealed, b"behind"].concat();
    let before = buffer.clone();
    let result = counted(receiver, expected, |r| {
        r.decrypt_within(metadata, &mut buffer, 3..3 + sealed.len(), 0)
            .map(drop)
    });
    assert_eq!(result, Err(expected), "{what}, within one buffer");
    assert!(buffer == before, "{what}: the buffer is left as it was");
}

/// The part of the frame that must have been copied to `out`: all between header and tag.
fn ciphertext<'s>(receiver: &dyn Receiver, sealed: &'s [u8], out: &[u8]) -> &'s [u8] {
    let (_, header_len) = Header::parse(sealed).unwrap();
    let untouched = out.iter().rev().take_while(|byte| **byte == 0xee).count();
    let copied = out.len() - untouched;
    let body = &sealed[header_len..];
    assert!(copied <= body.len(), "{}", receiver.name());
    &body[..copied]
}

/// Runs a call that must fail, and checks that of the key's state only the right counter of
/// failures moved, by one.
fn counted<R>(
    receiver: &mut dyn Receiver,
    expected: Error,
    call: impl FnOnce(&mut dyn Receiver) -> R,
) -> R {
    let before = receiver.status(KEY_ID);
    let result = call(receiver);
    let expected = before.map(|mut status| {
        match expected {
            Error::Authentication => status.failed_opens += 1,
            Error::Replay => status.replayed += 1,
            _ => {}
        }
        status
    });
    assert_eq!(receiver.status(KEY_ID), expected, "{}", receiver.name());
    result
}
