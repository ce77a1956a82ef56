//! A member that runs mls-rs, with the engine's defaults: commits are signed but not encrypted, and
//! a welcome carries the tree.

use frameseal::{CipherSuite, GroupTag};
use mls_rs::client_builder::{BaseConfig, WithCryptoProvider, WithIdentityProvider};
use mls_rs::group::{CommitEffect, ReceivedMessage};
use mls_rs::identity::SigningIdentity;
use mls_rs::identity::basic::{BasicCredential, BasicIdentityProvider};
use mls_rs::{CipherSuiteProvider, CryptoProvider, Group, MlsMessage};
use mls_rs_crypto_rustcrypto::RustCryptoProvider;

use super::{Changes, Client, Commit, Effect, Engine, NO_GROUP};
use crate::{Error, OwnedUpdate, from_mls_rs};

/// X25519, AES-128-GCM, SHA-256, Ed25519.
const MLS_SUITE: mls_rs::CipherSuite = mls_rs::CipherSuite::CURVE25519_AES128;

type Config =
    WithCryptoProvider<RustCryptoProvider, WithIdentityProvider<BasicIdentityProvider, BaseConfig>>;

/// A member that runs mls-rs.
pub struct MlsRs {
    client: mls_rs::Client<Config>,
    group: Option<Group<Config>>,
}

impl MlsRs {
    /// A client with this name.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn new(name: &str) -> Result<Self, Error> {
        let crypto = RustCryptoProvider::default();
        let suite = crypto.cipher_suite_provider(MLS_SUITE);
        let (secret, public) = suite.ok_or("unknown suite")?.signature_key_generate()?;
        let credential = BasicCredential::new(name.as_bytes().to_vec()).into_credential();
        let client = mls_rs::Client::builder()
            .identity_provider(BasicIdentityProvider)
            .crypto_provider(crypto)
            .signing_identity(SigningIdentity::new(credential, public), secret, MLS_SUITE)
            .build();
        Ok(Self {
            client,
            group: None,
        })
    }

    fn group(&self) -> Result<&Group<Config>, Error> {
        Ok(self.group.as_ref().ok_or(NO_GROUP)?)
    }

    fn group_mut(&mut self) -> Result<&mut Group<Config>, Error> {
        Ok(self.group.as_mut().ok_or(NO_GROUP)?)
    }

    fn receive(&mut self, message: &[u8]) -> Result<ReceivedMessage, Error> {
        let message = MlsMessage::from_bytes(message)?;
        Ok(self.group_mut()?.process_incoming_message(message)?)
    }
}

impl Client for MlsRs {
    fn engine(&self) -> Engine {
        Engine::MlsRs
    }

    fn create_group(&mut self, group_id: &[u8]) -> Result<(), Error> {
        let builder = self
            .client
            .group_builder()?
            .with_group_id(group_id.to_vec());
        self.group = Some(builder.build()?);
        Ok(())
    }

    fn key_package(&mut self) -> Result<Vec<u8>, Error> {
        let (package, leaf) = Default::default();
        let message = self
            .client
            .generate_key_package_message(package, leaf, None)?;
        Ok(message.to_bytes()?)
    }

    fn join(&mut self, welcome: &[u8]) -> Result<(), Error> {
        let welcome = MlsMessage::from_bytes(welcome)?;
        let (group, _) = self.client.join_group(None, &welcome, None)?;
        self.group = Some(group);
        Ok(())
    }

    fn group_info(&mut self) -> Result<Vec<u8>, Error> {
        let info = self.group()?.group_info_message_allowing_ext_commit(true)?;
        Ok(info.to_bytes()?)
    }

    fn join_externally(&mut self, group_info: &[u8]) -> Result<Vec<u8>, Error> {
        let info = MlsMessage::from_bytes(group_info)?;
        let (group, commit) = self.client.commit_external(info)?;
        self.group = Some(group);
        Ok(commit.to_bytes()?)
    }

    fn commit(&mut self, changes: &Changes) -> Result<Commit, Error> {
        let mut builder = self.group_mut()?.commit_builder();
        for key_package in &changes.add {
            builder = builder.add_member(MlsMessage::from_bytes(key_package)?)?;
        }
        for index in &changes.remove {
            builder = builder.remove_member(*index)?;
        }
        let commit = builder.build()?;
        let welcome = commit.welcome_messages().first();
        Ok(Commit {
            message: commit.commit_message().to_bytes()?,
            welcome: welcome.map(MlsMessage::to_bytes).transpose()?,
        })
    }

    fn accept(&mut self) -> Result<(), Error> {
        self.group_mut()?.apply_pending_commit()?;
        Ok(())
    }

    fn drop_pending(&mut self) -> Result<(), Error> {
        self.group_mut()?.clear_pending_commit();
        Ok(())
    }

    fn propose_removal(&mut self, index: u32) -> Result<Vec<u8>, Error> {
        let proposal = self.group_mut()?.propose_remove(index, Vec::new())?;
        Ok(proposal.to_bytes()?)
    }

    fn pending_proposals(&self) -> Result<usize, Error> {
        Ok(self.group()?.get_cached_proposals().len())
    }

    fn process(&mut self, commit: &[u8]) -> Result<Effect, Error> {
        match self.receive(commit)? {
            ReceivedMessage::Commit(commit) => match commit.effect {
                CommitEffect::NewEpoch(_) => Ok(Effect::NewEpoch),
                CommitEffect::Removed { .. } => Ok(Effect::Removed),
                CommitEffect::ReInit(_) => Err("the group ends".into()),
            },
            _ => Err("not a commit".into()),
        }
    }

    fn process_proposal(&mut self, proposal: &[u8]) -> Result<(), Error> {
        match self.receive(proposal)? {
            ReceivedMessage::Proposal(_) => Ok(()),
            _ => Err("not a proposal".into()),
        }
    }

    fn index(&self) -> Result<u32, Error> {
        Ok(self.group()?.current_member_index())
    }

    fn to_update(&self, tag: GroupTag, suite: CipherSuite) -> Result<OwnedUpdate, Error> {
        from_mls_rs::to_update(self.group()?, tag, suite)
    }

    fn export(&self, label: &str, len: usize) -> Result<Vec<u8>, Error> {
        let secret = self.group()?.export_secret(label.as_bytes(), b"", len)?;
        Ok(secret.as_bytes().to_vec())
    }

    fn epoch_authenticator(&self) -> Result<Vec<u8>, Error> {
        Ok(self.group()?.epoch_authenticator()?.as_bytes().to_vec())
    }

    fn delete_exporter(&mut self) -> Result<(), Error> {
        self.group_mut()?.delete_exporter();
        Ok(())
    }
}
