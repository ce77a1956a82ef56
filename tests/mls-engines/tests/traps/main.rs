//! What surprises those who take keys from MLS, shown with real engines.

mod engines;
mod epochs;

use frameseal::{CipherSuite, EpochId, GroupTag};
use frameseal_mls_engines::client::{Client, Engine};
use frameseal_mls_engines::room::Room;
use frameseal_mls_engines::{Error, OwnedUpdate};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const GROUP: GroupTag = GroupTag::new(1);
const ENGINES: [Engine; 2] = [Engine::MlsRs, Engine::OpenMls];

/// What a member knows of its epoch.
#[derive(Debug, PartialEq)]
struct View {
    id: EpochId,
    base_key: Vec<u8>,
    leaf_count: u32,
    indexes: Vec<u32>,
    identities: Vec<Vec<u8>>,
}

fn view(client: &dyn Client) -> Result<View, Error> {
    Ok(client.to_update(GROUP, SUITE)?.lend(|update| View {
        id: update.id(),
        base_key: update.base_key.to_vec(),
        leaf_count: update.leaf_count,
        indexes: update.members.iter().map(|member| member.index).collect(),
        identities: update
            .members
            .iter()
            .map(|member| member.identity.to_vec())
            .collect(),
    }))
}

fn view_of(room: &mut Room, name: &str) -> Result<View, Error> {
    view(room.client(name)?)
}

fn update_of(room: &mut Room, name: &str) -> Result<OwnedUpdate, Error> {
    room.client(name)?.to_update(GROUP, SUITE)
}
