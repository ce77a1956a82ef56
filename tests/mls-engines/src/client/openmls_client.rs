//! A member that runs openmls, set up to understand members that run mls-rs.

use frameseal::{CipherSuite, GroupTag};
use openmls::group::{
    MlsGroup, MlsGroupCreateConfig, MlsGroupJoinConfig, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY,
    PURE_PLAINTEXT_WIRE_FORMAT_POLICY, StagedWelcome, WireFormatPolicy,
};
use openmls::prelude::tls_codec::{DeserializeBytes, Serialize};
use openmls::prelude::{
    BasicCredential, Ciphersuite, CredentialWithKey, GroupId, KeyPackage, LeafNodeIndex,
    MlsMessageBodyIn, MlsMessageIn, MlsMessageOut, OpenMlsProvider, ProcessedMessageContent,
    ProtocolVersion,
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

use super::{Changes, Client, Commit, Effect, Engine, NO_GROUP};
use crate::{Error, OwnedUpdate, from_openmls};

const MLS_SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// What members must agree on besides the cipher suite.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether commits and proposals are encrypted.
    pub wire_format: WireFormatPolicy,
    /// Whether a welcome carries the tree.
    pub tree_in_welcome: bool,
}

impl Settings {
    /// The defaults of mls-rs.
    pub const SHARED: Self = Self {
        wire_format: PURE_PLAINTEXT_WIRE_FORMAT_POLICY,
        tree_in_welcome: true,
    };

    /// The defaults of openmls.
    pub const OPENMLS_DEFAULT: Self = Self {
        wire_format: PURE_CIPHERTEXT_WIRE_FORMAT_POLICY,
        tree_in_welcome: false,
    };

    fn for_creator(self) -> MlsGroupCreateConfig {
        MlsGroupCreateConfig::builder()
            .ciphersuite(MLS_SUITE)
            .wire_format_policy(self.wire_format)
            .use_ratchet_tree_extension(self.tree_in_welcome)
            .build()
    }

    fn for_joiner(self) -> MlsGroupJoinConfig {
        MlsGroupJoinConfig::builder()
            .wire_format_policy(self.wire_format)
            .use_ratchet_tree_extension(self.tree_in_welcome)
            .build()
    }
}

/// A member that runs openmls.
pub struct OpenMls {
    settings: Settings,
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
    group: Option<MlsGroup>,
}

impl OpenMls {
    /// A client with this name.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn new(name: &str, settings: Settings) -> Result<Self, Error> {
        let signer = SignatureKeyPair::new(MLS_SUITE.signature_algorithm())?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(name.as_bytes().to_vec()).into(),
            signature_key: signer.public().into(),
        };
        Ok(Self {
            settings,
            provider: OpenMlsRustCrypto::default(),
            signer,
            credential,
            group: None,
        })
    }

    fn group(&self) -> Result<&MlsGroup, Error> {
        Ok(self.group.as_ref().ok_or(NO_GROUP)?)
    }

    fn receive(&mut self, message: &[u8]) -> Result<ProcessedMessageContent, Error> {
        let message = parse(message)?.try_into_protocol_message()?;
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        let processed = group.process_message(&self.provider, message)?;
        Ok(processed.into_content())
    }

    fn check_key_package(&self, message: &[u8]) -> Result<KeyPackage, Error> {
        match parse(message)?.extract() {
            MlsMessageBodyIn::KeyPackage(package) => {
                Ok(package.validate(self.provider.crypto(), ProtocolVersion::Mls10)?)
            }
            _ => Err("not a key package".into()),
        }
    }
}

fn parse(message: &[u8]) -> Result<MlsMessageIn, Error> {
    Ok(MlsMessageIn::tls_deserialize_exact_bytes(message)?)
}

impl Client for OpenMls {
    fn engine(&self) -> Engine {
        Engine::OpenMls
    }

    fn create_group(&mut self, group_id: &[u8]) -> Result<(), Error> {
        self.group = Some(MlsGroup::new_with_group_id(
            &self.provider,
            &self.signer,
            &self.settings.for_creator(),
            GroupId::from_slice(group_id),
            self.credential.clone(),
        )?);
        Ok(())
    }

    fn key_package(&mut self) -> Result<Vec<u8>, Error> {
        let package = KeyPackage::builder().build(
            MLS_SUITE,
            &self.provider,
            &self.signer,
            self.credential.clone(),
        )?;
        let message = MlsMessageOut::from(package.key_package().clone());
        Ok(message.tls_serialize_detached()?)
    }

    fn join(&mut self, welcome: &[u8]) -> Result<(), Error> {
        let MlsMessageBodyIn::Welcome(welcome) = parse(welcome)?.extract() else {
            return Err("not a welcome".into());
        };
        let config = self.settings.for_joiner();
        let joining = StagedWelcome::build_from_welcome(&self.provider, &config, welcome)?;
        self.group = Some(joining.build()?.into_group(&self.provider)?);
        Ok(())
    }

    fn group_info(&mut self) -> Result<Vec<u8>, Error> {
        let crypto = self.provider.crypto();
        let info = self
            .group()?
            .export_group_info(crypto, &self.signer, true)?;
        Ok(info.tls_serialize_detached()?)
    }

    fn join_externally(&mut self, group_info: &[u8]) -> Result<Vec<u8>, Error> {
        let MlsMessageBodyIn::GroupInfo(info) = parse(group_info)?.extract() else {
            return Err("not a group info".into());
        };
        let provider = &self.provider;
        let (group, commit) = MlsGroup::external_commit_builder()
            .with_config(self.settings.for_joiner())
            .build_group(provider, info, self.credential.clone())?
            .load_psks(provider.storage())?
            .build(provider.rand(), provider.crypto(), &self.signer, |_| true)?
            .finalize(provider)?;
        self.group = Some(group);
        Ok(commit.into_commit().tls_serialize_detached()?)
    }

    fn commit(&mut self, changes: &Changes) -> Result<Commit, Error> {
        let packages = changes
            .add
            .iter()
            .map(|package| self.check_key_package(package));
        let packages: Vec<_> = packages.collect::<Result<_, _>>()?;
        let removals = changes.remove.iter().copied().map(LeafNodeIndex::new);
        let provider = &self.provider;
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        let commit = group
            .commit_builder()
            .force_self_update(packages.is_empty())
            .propose_removals(removals)
            .propose_adds(packages)
            .load_psks(provider.storage())?
            .build(provider.rand(), provider.crypto(), &self.signer, |_| true)?
            .stage_commit(provider)?;
        let welcome = commit.to_welcome_msg();
        Ok(Commit {
            message: commit.commit().tls_serialize_detached()?,
            welcome: welcome
                .map(|welcome| welcome.tls_serialize_detached())
                .transpose()?,
        })
    }

    fn accept(&mut self) -> Result<(), Error> {
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        Ok(group.merge_pending_commit(&self.provider)?)
    }

    fn drop_pending(&mut self) -> Result<(), Error> {
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        Ok(group.clear_pending_commit(self.provider.storage())?)
    }

    fn propose_removal(&mut self, index: u32) -> Result<Vec<u8>, Error> {
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        let member = LeafNodeIndex::new(index);
        let (proposal, _) = group.propose_remove_member(&self.provider, &self.signer, member)?;
        Ok(proposal.tls_serialize_detached()?)
    }

    fn pending_proposals(&self) -> Result<usize, Error> {
        Ok(self.group()?.pending_proposals().count())
    }

    fn process(&mut self, commit: &[u8]) -> Result<Effect, Error> {
        let ProcessedMessageContent::StagedCommitMessage(commit) = self.receive(commit)? else {
            return Err("not a commit".into());
        };
        let effect = if commit.self_removed() {
            Effect::Removed
        } else {
            Effect::NewEpoch
        };
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        group.merge_staged_commit(&self.provider, *commit)?;
        Ok(effect)
    }

    fn process_proposal(&mut self, proposal: &[u8]) -> Result<(), Error> {
        let ProcessedMessageContent::ProposalMessage(proposal) = self.receive(proposal)? else {
            return Err("not a proposal".into());
        };
        let group = self.group.as_mut().ok_or(NO_GROUP)?;
        Ok(group.store_pending_proposal(self.provider.storage(), *proposal)?)
    }

    fn index(&self) -> Result<u32, Error> {
        Ok(self.group()?.own_leaf_index().u32())
    }

    fn to_update(&self, tag: GroupTag, suite: CipherSuite) -> Result<OwnedUpdate, Error> {
        from_openmls::to_update(self.group()?, tag, self.provider.crypto(), suite)
    }

    fn export(&self, label: &str, len: usize) -> Result<Vec<u8>, Error> {
        let crypto = self.provider.crypto();
        Ok(self.group()?.export_secret(crypto, label, b"", len)?)
    }

    fn epoch_authenticator(&self) -> Result<Vec<u8>, Error> {
        Ok(self.group()?.epoch_authenticator().as_slice().to_vec())
    }

    fn delete_exporter(&mut self) -> Result<(), Error> {
        Err("openmls has nothing for it".into())
    }
}
