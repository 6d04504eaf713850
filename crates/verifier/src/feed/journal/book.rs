//! One journal file that is written: records are added at its end, and it is written anew without what is over when that
//! has become more than half of it.

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use prost::Message;
use wire::auth::v1::{Revocation, Update};

use super::{
    Doubt, Place,
    reader::Reader,
    record::{self, Header},
};
use crate::disk::{self, Unfinished};

/// How many revocations one record has when it is written anew.
const MOST_LINES: usize = 500;
/// So many bytes are not worth writing anew.
const SMALL: u64 = 1024 * 1024;
/// The tag and the length of a revocation in a message.
const LINE_FRAME: usize = 2;

pub(super) struct Book {
    file: File,
    pub(super) place: Place,
    /// How many bytes are sound. What follows is what is left of a record that could not be written.
    length: u64,
    /// How many of them are about what was not over when it was begun or last written anew.
    kept: u64,
}

impl Book {
    /// Opens the journal that lies on disk. What is over after `now` was so when it was read.
    pub(super) fn open(
        directory: &Path,
        name: &str,
        issuer: &str,
        most: u64,
        now: i64,
    ) -> Result<Self, Doubt> {
        let (file, length) = disk::open_to_write(directory, name, most)?;
        let mut reader = Reader::new(file.try_clone().map_err(disk::Doubt::from)?, issuer)?;
        let mut kept = 0;
        while let Some((update, _)) = reader.next() {
            let lines = update.revocations.iter().filter(|line| line.forget_at > now);
            kept += lines.map(|line| (line.encoded_len() + LINE_FRAME) as u64).sum::<u64>();
        }
        if length > reader.sound {
            file.set_len(reader.sound).map_err(disk::Doubt::from)?;
        }
        Ok(Self { file, place: reader.place, length: reader.sound, kept })
    }

    /// Begins one in `file`.
    pub(super) fn begin(mut file: File, header: &Header) -> io::Result<Self> {
        let bytes = header.encode();
        if bytes.len() as u64 > record::MOST_HEADER {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.write_all(&bytes)?;
        let place = Place { epoch: header.epoch.clone(), seq: 0 };
        Ok(Self { file, place, length: bytes.len() as u64, kept: 0 })
    }

    /// Whether the file still bears its name.
    pub(super) fn is_in_place(&self, path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;

            let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
            let (ours, there) = (self.file.metadata().map(identity), fs::metadata(path).map(identity));
            matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
        }
        #[cfg(not(unix))]
        fs::exists(path).unwrap_or(false)
    }

    /// Adds records; all of them or, if that fails, none.
    pub(super) fn add(&mut self, updates: &[Update], most: u64) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut seq = self.place.seq;
        for update in updates {
            record::write(update, &mut bytes)?;
            seq = update.last_seq;
        }
        let length = self.length + bytes.len() as u64;
        if length > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.seek(SeekFrom::Start(self.length))?;
        if let Err(error) = self.file.write_all(&bytes) {
            // If this fails too, a reader finds the sum to be wrong.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        (self.length, self.place.seq) = (length, seq);
        Ok(())
    }

    /// Returns once all is on disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Whether it should be written anew.
    pub(super) fn is_overgrown(&self) -> bool {
        self.length > 2 * self.kept + SMALL
    }

    /// The same, without what was over at `now`, in `file`.
    pub(super) fn rewrite(&self, file: File, header: &Header, now: i64) -> Result<Self, Doubt> {
        let mut anew = Self::begin(file, header).map_err(disk::Doubt::from)?;
        let mut reader = Reader::new(self.file.try_clone().map_err(disk::Doubt::from)?, &header.issuer)?;
        let (mut lines, mut told) = (Vec::new(), 0);
        while reader.sound < self.length {
            let before = reader.place.seq;
            let Some((update, _)) = reader.next() else { return Err(Doubt::Damaged) };
            let kept = update.revocations.into_iter().filter(|line| line.forget_at > now);
            let kept: Vec<_> = kept.collect();
            if !lines.is_empty() && lines.len() + kept.len() > MOST_LINES {
                told = anew.add_lines(&mut lines, told, before)?;
            }
            lines.extend(kept);
        }
        anew.add_lines(&mut lines, told, self.place.seq)?;
        anew.kept = anew.length;
        Ok(anew)
    }

    fn add_lines(
        &mut self,
        lines: &mut Vec<Revocation>,
        after_seq: u64,
        last_seq: u64,
    ) -> Result<u64, Doubt> {
        let revocations = std::mem::take(lines);
        let update = Update { after_seq, last_seq, revocations, ..Update::default() };
        self.add(&[update], u64::MAX).map_err(disk::Doubt::from)?;
        Ok(last_seq)
    }

    pub(super) fn put_in_place(self, unfinished: Unfinished) -> io::Result<Self> {
        Ok(Self { file: unfinished.put_in_place()?, kept: self.length, ..self })
    }
}
