//! Epochs from [mls-rs](mls_rs).
//!
//! Call [`to_update`] for every epoch that the group enters: after creating it, after joining it,
//! and after each commit that was applied, one's own included. Not for a commit that is still
//! pending, since another may win; and not after `CommitEffect::Removed`: the group then stays in
//! the epoch before, and still exports.
//!
//! What forward secrecy needs besides: `Group::delete_exporter` once the key is passed on; and
//! either an engine without its default feature `prior_epoch`, or `Group::write_to_storage` after
//! each epoch, until which it keeps past ones.

use frameseal::{CipherSuite, GroupTag};
use mls_rs::Group;
use mls_rs::client_builder::MlsConfig;
use mls_rs::group::Member;
use mls_rs::mls_rs_codec::MlsEncode;
use zeroize::Zeroizing;

use crate::Error;
use crate::owned_update::{OwnedUpdate, identity};

/// The current epoch of `group`, with a base key for `suite`. `tag` counts the groups of the call:
/// one more whenever the group is made anew.
///
/// # Errors
/// Those of the engine, for example when the exporter of this epoch was deleted.
pub fn to_update<C: MlsConfig>(
    group: &Group<C>,
    tag: GroupTag,
    suite: CipherSuite,
) -> Result<OwnedUpdate, Error> {
    // The length goes into the key: the Nk bytes of this suite are not a part of a longer export.
    let base_key = group.export_secret(crate::LABEL.as_bytes(), b"", suite.key_len())?;
    let roster: Result<_, Error> = group.roster().members_iter().map(on_roster).collect();
    Ok(OwnedUpdate::new(
        tag,
        group.current_epoch(),
        Zeroizing::new(base_key.as_bytes().to_vec()),
        group.current_member_index(),
        roster?,
    ))
}

/// The index is that of the leaf, not the position in the list: leaves can be blank.
fn on_roster(member: Member) -> Result<(u32, [u8; 32]), Error> {
    let who = member.signing_identity;
    let credential = who.credential.mls_encode_to_vec()?;
    Ok((member.index, identity(&credential, &who.signature_key)))
}
