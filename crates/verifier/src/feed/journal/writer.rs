//! What a thread that may block does with the feed's messages. One process at a time writes a journal: others that share
//! its folder read it when they start and leave the writing to that one.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use identity::Entropy;
use wire::auth::v1::Update;

use super::{Doubt, Place, book::Book, record::Header};
use crate::disk::{self, Unfinished};

/// Why messages were not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwritten {
    /// Another process writes this journal.
    Elsewhere,
    /// What comes before them is not there. They are of use only after it.
    Gap,
    /// They could be written another time.
    Failed(io::ErrorKind),
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.kind())
    }
}

pub(super) struct Writer {
    pub(super) directory: PathBuf,
    pub(super) name: String,
    pub(super) issuer: String,
    pub(super) most: u64,
    pub(super) entropy: Arc<dyn Entropy>,
    /// Held for as long as we write.
    lock: Option<File>,
    book: Option<Book>,
    /// What is told from the beginning, until that is complete: it then takes the place of the other one.
    anew: Option<(Unfinished, Book)>,
}

impl Writer {
    pub(super) fn new(
        directory: PathBuf,
        name: String,
        issuer: String,
        most: u64,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { directory, name, issuer, most, entropy, lock: None, book: None, anew: None }
    }

    /// Up to where all is on disk, if it is us who write it.
    pub(super) fn place(&self) -> Option<Place> {
        self.lock.as_ref()?;
        Some(self.book.as_ref().map(|book| book.place.clone()).unwrap_or_default())
    }

    /// Writes messages that follow one another. What was over at `now` may be left out.
    pub(super) fn write(&mut self, updates: &[Update], now: i64) -> Result<(), Unwritten> {
        self.open(now)?;
        let mut batch = Vec::new();
        for update in updates {
            if update.after_seq == 0 {
                self.flush(&mut batch)?;
                if !self.is_at(&update.epoch, 0) {
                    self.begin_anew(&update.epoch)?;
                }
            }
            let place = &self.current().ok_or(Unwritten::Gap)?.place;
            let end = batch.last().map_or(place.seq, |last: &Update| last.last_seq);
            if place.epoch != update.epoch || update.after_seq > end {
                return Err(Unwritten::Gap);
            }
            if update.last_seq > end {
                // What is there already may have been told once more. The rest is of no use to who reads it.
                let revocations = update.revocations.clone();
                let (after_seq, last_seq) = (end, update.last_seq);
                batch.push(Update { after_seq, last_seq, revocations, ..Update::default() });
            }
            if update.complete && self.anew.is_some() {
                self.flush(&mut batch)?;
                self.put_in_place()?;
            }
        }
        self.flush(&mut batch)?;
        if let Some(book) = self.book.as_ref().filter(|_| self.anew.is_none()) {
            book.sync()?;
        }
        self.compact(now)
    }

    /// Takes the lock and looks at what is there, unless that was done.
    fn open(&mut self, now: i64) -> Result<(), Unwritten> {
        let path = self.directory.join(&self.name);
        if self.book.as_ref().is_some_and(|book| !book.is_in_place(&path)) {
            // Somebody has taken the files away, the lock among them.
            (self.book, self.anew, self.lock) = (None, None, None);
        }
        if self.lock.is_none() {
            self.lock = Some(lock(&self.directory, &format!("{}-lock", self.name))?);
            self.book = self.found(now);
        }
        Ok(())
    }

    fn found(&self, now: i64) -> Option<Book> {
        match Book::open(&self.directory, &self.name, &self.issuer, self.most, now) {
            Ok(book) => Some(book),
            Err(Doubt::File(disk::Doubt::Unreadable(io::ErrorKind::NotFound))) => None,
            Err(doubt) => {
                tracing::debug!(issuer = %self.issuer, %doubt, "a journal of revocations is replaced");
                None
            }
        }
    }

    /// The one that is added to.
    fn current(&mut self) -> Option<&mut Book> {
        self.anew.as_mut().map(|(_, book)| book).or(self.book.as_mut())
    }

    fn is_at(&mut self, epoch: &str, seq: u64) -> bool {
        self.current().is_some_and(|book| book.place.epoch == epoch && book.place.seq == seq)
    }

    fn flush(&mut self, batch: &mut Vec<Update>) -> Result<(), Unwritten> {
        let (updates, most) = (std::mem::take(batch), self.most);
        match self.current() {
            Some(book) if !updates.is_empty() => Ok(book.add(&updates, most)?),
            _ => Ok(()),
        }
    }

    fn begin_anew(&mut self, epoch: &str) -> Result<(), Unwritten> {
        self.anew = None;
        let unfinished = self.unfinished()?;
        let book = Book::begin(unfinished.file.try_clone()?, &self.header(epoch))?;
        self.anew = Some((unfinished, book));
        Ok(())
    }

    fn put_in_place(&mut self) -> Result<(), Unwritten> {
        if let Some((unfinished, book)) = self.anew.take() {
            self.book = Some(book.put_in_place(unfinished)?);
        }
        Ok(())
    }

    fn compact(&mut self, now: i64) -> Result<(), Unwritten> {
        let Some(book) = self.book.as_ref().filter(|book| self.anew.is_none() && book.is_overgrown()) else {
            return Ok(());
        };
        let (header, unfinished) = (self.header(&book.place.epoch), self.unfinished()?);
        match book.rewrite(unfinished.file.try_clone()?, &header, now) {
            Ok(anew) => self.book = Some(anew.put_in_place(unfinished)?),
            Err(doubt) => {
                // It can be told once more from its beginning.
                tracing::warn!(issuer = %self.issuer, %doubt, "a journal of revocations is given up");
                self.book = None;
                return Err(Unwritten::Gap);
            }
        }
        Ok(())
    }

    fn header(&self, epoch: &str) -> Header {
        Header { issuer: self.issuer.clone(), epoch: epoch.to_owned() }
    }

    fn unfinished(&self) -> io::Result<Unfinished> {
        Unfinished::create(&self.directory, &self.name, disk::suffix(self.entropy.as_ref()))
    }
}

fn lock(directory: &Path, name: &str) -> Result<File, Unwritten> {
    let file = disk::open_lock(directory, name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Unwritten::Elsewhere),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
