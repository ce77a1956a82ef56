//! Epochs from [openmls].
//!
//! Call [`to_update`] for every epoch that the group enters: after creating it, after joining it,
//! and after each commit that was merged, one's own included. Not for a commit that is still
//! pending, since another may win. After one's own removal (`StagedCommit::self_removed`) it is an
//! error.

use frameseal::{CipherSuite, GroupTag};
use openmls::group::{Member, MlsGroup};
use openmls::prelude::OpenMlsCrypto;
use openmls::prelude::tls_codec::Serialize;
use zeroize::Zeroizing;

use crate::Error;
use crate::owned_update::{OwnedUpdate, identity};

/// The current epoch of `group`, with a base key for `suite`. `tag` counts the groups of the call:
/// one more whenever the group is made anew.
///
/// # Errors
/// Those of the engine, for example when this client is no longer in the group.
pub fn to_update(
    group: &MlsGroup,
    tag: GroupTag,
    crypto: &impl OpenMlsCrypto,
    suite: CipherSuite,
) -> Result<OwnedUpdate, Error> {
    // The length goes into the key: the Nk bytes of this suite are not a part of a longer export.
    let base_key = group.export_secret(crypto, crate::LABEL, b"", suite.key_len())?;
    let base_key = Zeroizing::new(base_key);
    let roster: Result<_, Error> = group.members().map(on_roster).collect();
    Ok(OwnedUpdate::new(
        tag,
        group.epoch().as_u64(),
        base_key,
        group.own_leaf_index().u32(),
        roster?,
    ))
}

/// The index is that of the leaf, not the position in the list: leaves can be blank.
fn on_roster(member: Member) -> Result<(u32, [u8; 32]), Error> {
    let credential = member.credential.tls_serialize_detached()?;
    Ok((
        member.index.u32(),
        identity(&credential, &member.signature_key),
    ))
}
