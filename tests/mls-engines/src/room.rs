//! A group with its delivery service: every commit goes to everybody at once, in order.

use crate::Error;
use crate::client::{Changes, Client, Commit, Effect, Engine};

/// The members of one group, in the order in which they came.
pub struct Room {
    seats: Vec<Seat>,
}

/// A member, known to the tests by name.
pub struct Seat {
    /// Also its credential.
    pub name: String,
    /// The member's engine.
    pub client: Box<dyn Client>,
}

impl Seat {
    /// A client that is in no group yet.
    ///
    /// # Errors
    /// Those of the engine; the same for all that follow.
    pub fn new(name: &str, engine: Engine) -> Result<Self, Error> {
        Ok(Self {
            name: name.to_owned(),
            client: engine.client(name)?,
        })
    }
}

#[allow(clippy::missing_errors_doc, reason = "those of the engines everywhere")]
impl Room {
    /// A new group with one member.
    pub fn new(group_id: &[u8], name: &str, engine: Engine) -> Result<Self, Error> {
        let mut creator = Seat::new(name, engine)?;
        creator.client.create_group(group_id)?;
        Ok(Self {
            seats: vec![creator],
        })
    }

    /// Everybody in the group.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The member with this name.
    pub fn client(&mut self, name: &str) -> Result<&mut dyn Client, Error> {
        let seat = self.seats.iter_mut().find(|seat| seat.name == name);
        Ok(&mut *seat.ok_or("nobody has this name")?.client)
    }

    /// The leaf of the member with this name.
    pub fn index(&mut self, name: &str) -> Result<u32, Error> {
        self.client(name)?.index()
    }

    /// One commit: `joiners` come and `leavers` go; with neither, the committer renews its leaf.
    /// Returns those who went, in the state in which their engine left them.
    pub fn commit(
        &mut self,
        committer: &str,
        joiners: &[(&str, Engine)],
        leavers: &[&str],
    ) -> Result<Vec<Seat>, Error> {
        let (mut new, changes) = self.changes(joiners, leavers)?;
        let commit = self.client(committer)?.commit(&changes)?;
        let gone = self.deliver(committer, &commit)?;
        for seat in &mut new {
            let welcome = commit.welcome.as_ref().ok_or("no welcome")?;
            seat.client.join(welcome)?;
        }
        self.seats.append(&mut new);
        Ok(gone)
    }

    /// Clients for the joiners, and what a commit that lets them in says.
    fn changes(
        &mut self,
        joiners: &[(&str, Engine)],
        leavers: &[&str],
    ) -> Result<(Vec<Seat>, Changes), Error> {
        let mut changes = Changes::default();
        let mut new = Vec::new();
        for (name, engine) in joiners {
            let mut seat = Seat::new(name, *engine)?;
            changes.add.push(seat.client.key_package()?);
            new.push(seat);
        }
        for name in leavers {
            changes.remove.push(self.index(name)?);
        }
        Ok((new, changes))
    }

    /// A commit of `committer` is taken: everybody enters the next epoch, or leaves the group.
    pub fn deliver(&mut self, committer: &str, commit: &Commit) -> Result<Vec<Seat>, Error> {
        let (mut here, mut gone) = (Vec::new(), Vec::new());
        for mut seat in self.seats.drain(..) {
            let effect = if seat.name == committer {
                seat.client.accept()?;
                Effect::NewEpoch
            } else {
                seat.client.process(&commit.message)?
            };
            match effect {
                Effect::NewEpoch => here.push(seat),
                Effect::Removed => gone.push(seat),
            }
        }
        self.seats = here;
        Ok(gone)
    }

    /// Somebody joins without a welcome, from what `helper` tells about the group. Nobody else has
    /// the commit yet: [`Self::seat`] makes the joiner a member for all.
    pub fn join_externally(
        &mut self,
        name: &str,
        engine: Engine,
        helper: &str,
    ) -> Result<(Seat, Vec<u8>), Error> {
        let mut seat = Seat::new(name, engine)?;
        let info = self.client(helper)?.group_info()?;
        let commit = seat.client.join_externally(&info)?;
        Ok((seat, commit))
    }

    /// Everybody gets the commit by which `joiner` came.
    pub fn seat(&mut self, joiner: Seat, commit: &[u8]) -> Result<(), Error> {
        for seat in &mut self.seats {
            seat.client.process(commit)?;
        }
        self.seats.push(joiner);
        Ok(())
    }
}
