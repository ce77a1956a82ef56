//! What the engines themselves do.

use frameseal::CipherSuite;
use frameseal_mls_engines::Error;
use frameseal_mls_engines::client::Engine::{self, MlsRs, OpenMls};
use frameseal_mls_engines::client::{Changes, Client, OpenMls as OpenMlsClient, Settings};
use frameseal_mls_engines::room::{Room, Seat};

use crate::{ENGINES, GROUP, SUITE, View, update_of, view, view_of};

/// Asserts that an engine refused something, and why.
fn refused<T>(result: Result<T, Error>, reason: &str) {
    let error = result.err().map(|error| format!("{error:?}"));
    let error = error.expect("the engine did it");
    assert!(error.contains(reason), "{error}");
}

/// A member that was removed, what it knew before, and the room without it.
fn removed(engine: Engine) -> Result<(Seat, View, Room), Error> {
    let mut room = Room::new(b"a room", "ann", engine.other())?;
    room.commit("ann", &[("bob", engine)], &[])?;
    let before = view_of(&mut room, "bob")?;
    let bob = room.commit("ann", &[], &["bob"])?.pop();
    Ok((bob.ok_or("bob did not notice")?, before, room))
}

#[test]
fn mls_rs_after_its_own_removal_keeps_exporting() -> Result<(), Error> {
    let (bob, before, mut room) = removed(MlsRs)?;
    assert_eq!(view(&*bob.client)?, before, "as if nothing had happened");
    let ann = view_of(&mut room, "ann")?;
    assert_eq!(ann.id.epoch, before.id.epoch + 1);
    assert_ne!(ann.base_key, before.base_key);
    Ok(())
}

#[test]
fn openmls_after_its_own_removal_exports_nothing() -> Result<(), Error> {
    let (bob, ..) = removed(OpenMls)?;
    refused(bob.client.to_update(GROUP, SUITE), "UseAfterEviction");
    Ok(())
}

#[test]
fn the_length_of_an_export_is_hashed_in() -> Result<(), Error> {
    let mut lengths = CipherSuite::ALL.map(CipherSuite::key_len).to_vec();
    lengths.sort_unstable();
    lengths.dedup();
    assert_eq!(lengths, [16, 32, 48, 96]);
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        let ann = room.client("ann")?;
        for (short, long) in lengths.iter().zip(&lengths[1..]) {
            let (short, long) = (ann.export("label", *short)?, ann.export("label", *long)?);
            assert!(!long.starts_with(&short), "{engine:?}: {}", short.len());
        }
    }
    Ok(())
}

#[test]
fn no_engine_exports_for_a_past_epoch() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        let before = view_of(&mut room, "ann")?;
        room.commit("ann", &[], &[])?;
        let after = view_of(&mut room, "ann")?;
        assert_eq!(after.id.epoch, before.id.epoch + 1);
        assert_ne!(
            after.base_key, before.base_key,
            "taken before the commit, or lost"
        );
    }
    Ok(())
}

#[test]
fn mls_rs_exports_nothing_once_the_exporter_is_deleted() -> Result<(), Error> {
    let mut room = Room::new(b"a room", "ann", MlsRs)?;
    room.client("ann")?.delete_exporter()?;
    refused(update_of(&mut room, "ann"), "ExporterDeleted");
    // The next epoch has its own.
    room.commit("ann", &[("bob", OpenMls)], &[])?;
    assert_eq!(view_of(&mut room, "ann")?, view_of(&mut room, "bob")?);
    Ok(())
}

#[test]
fn a_welcome_with_the_defaults_of_openmls_lacks_the_tree() -> Result<(), Error> {
    for (engine, reason) in [
        (MlsRs, "RatchetTreeNotFound"),
        (OpenMls, "MissingRatchetTree"),
    ] {
        let mut ann = OpenMlsClient::new("ann", Settings::OPENMLS_DEFAULT)?;
        ann.create_group(b"a room")?;
        let mut bob = engine.client("bob")?;
        let add = vec![bob.key_package()?];
        let commit = ann.commit(&Changes {
            add,
            remove: vec![],
        })?;
        let welcome = commit.welcome.ok_or("no welcome")?;
        refused(bob.join(&welcome), reason);
    }
    Ok(())
}

#[test]
fn with_its_default_wire_format_openmls_refuses_the_commits_of_mls_rs() -> Result<(), Error> {
    let settings = Settings {
        tree_in_welcome: true,
        ..Settings::OPENMLS_DEFAULT
    };
    let mut ann = OpenMlsClient::new("ann", settings)?;
    let mut bob = MlsRs.client("bob")?;
    ann.create_group(b"a room")?;
    let add = vec![bob.key_package()?];
    let commit = ann.commit(&Changes {
        add,
        remove: vec![],
    })?;
    ann.accept()?;
    bob.join(&commit.welcome.ok_or("no welcome")?)?;

    let commit = bob.commit(&Changes::default())?;
    refused(ann.process(&commit.message), "IncompatibleWireFormat");
    Ok(())
}

#[test]
fn an_external_commit_drops_pending_proposals() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        room.commit("ann", &[("bob", engine.other()), ("cai", engine)], &[])?;
        let cai = room.index("cai")?;
        let proposal = room.client("bob")?.propose_removal(cai)?;
        room.client("ann")?.process_proposal(&proposal)?;
        room.client("cai")?.process_proposal(&proposal)?;
        for seat in room.seats() {
            assert_eq!(seat.client.pending_proposals()?, 1, "{}", seat.name);
        }
        let (dan, commit) = room.join_externally("dan", engine.other(), "ann")?;
        room.seat(dan, &commit)?;
        for seat in room.seats() {
            assert_eq!(seat.client.pending_proposals()?, 0, "{}", seat.name);
        }
        assert_eq!(
            view_of(&mut room, "dan")?.indexes,
            [0, 1, 2, 3],
            "cai is still there"
        );
    }
    Ok(())
}
