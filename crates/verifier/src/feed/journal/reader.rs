//! Reading a journal from its beginning to where it ends or is damaged, one message at a time.

use std::{
    fs::File,
    io::{self, BufReader, Seek, SeekFrom},
};

use wire::auth::v1::Update;

use super::{
    Doubt, Place,
    record::{self, Found, Header},
};
use crate::{Revocation, feed::message};

const BUFFER: usize = 256 * 1024;

pub(super) struct Reader {
    source: BufReader<File>,
    buffer: Vec<u8>,
    /// Up to which nothing is missing, of what was read.
    pub(super) place: Place,
    /// How many bytes are sound, of what was read.
    pub(super) sound: u64,
    /// What follows is no record.
    pub(super) is_torn: bool,
}

impl Reader {
    /// Begins to read the journal of `issuer` in `file`.
    pub(super) fn new(mut file: File, issuer: &str) -> Result<Self, Doubt> {
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let mut source = BufReader::with_capacity(BUFFER, file);
        let (header, sound) = Header::read(&mut source)?;
        if header.issuer != issuer {
            return Err(Doubt::OtherIssuer);
        }
        let place = Place { epoch: header.epoch, seq: 0 };
        Ok(Self { source, buffer: Vec::new(), place, sound, is_torn: false })
    }

    /// The next message and what it tells of, unless there is none or it cannot be relied on: then all that
    /// follows is worth nothing.
    pub(super) fn next(&mut self) -> Option<(Update, Vec<Revocation>)> {
        let update = match record::read(&mut self.source, &mut self.buffer) {
            Found::Record(update) => update,
            Found::End => return None,
            Found::Damage => return self.torn(),
        };
        let follows = update.after_seq == self.place.seq && update.last_seq >= update.after_seq;
        let Some(revocations) = message::revocations(&update).ok().filter(|_| follows) else {
            return self.torn();
        };
        self.place.seq = update.last_seq;
        self.sound += (record::FRAME + self.buffer.len()) as u64;
        Some((update, revocations))
    }

    fn torn<T>(&mut self) -> Option<T> {
        self.is_torn = true;
        None
    }
}

fn unreadable(error: io::Error) -> Doubt {
    Doubt::File(error.into())
}
