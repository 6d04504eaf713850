//! Files that outlive the process: reading one that could be anything, and replacing one so that a reader, or a machine
//! that stops in the middle, finds the old one or the new one, whole. Where next: `keys::snapshot`, and `feed::journal`
//! with the feature `feed`.

mod outcomes;

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use aws_lc_rs::digest;
use identity::Entropy;

pub(crate) use outcomes::Outcomes;

/// An unfinished file of this age belongs to nobody any more: its writer was killed.
const ABANDONED: Duration = Duration::from_mins(1);
/// So many files are looked at in search of abandoned ones.
const MAX_FILES: usize = 1024;

/// Why a file is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    #[error("it cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it belongs to another user")]
    OthersFile,
    #[error("others may write it")]
    OthersMayWrite,
    #[error("it is too long")]
    TooLong,
}

impl From<io::Error> for Doubt {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.kind())
    }
}

/// The name of the file about `issuer`. Anything may stand in an issuer's name; in a file's it may not.
pub(crate) fn name_for(issuer: &str) -> String {
    hexadecimal(digest::digest(&digest::SHA256, issuer.as_bytes()).as_ref())
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The file called `name`, if nobody but us and the system's administrator can have written what is in it, and its length
/// of `most` bytes at most.
pub(crate) fn open(directory: &Path, name: &str, most: u64) -> Result<(File, u64), Doubt> {
    open_with(OpenOptions::new().read(true), directory, name, most)
}

/// The same, to be written too.
#[cfg(feature = "feed")]
pub(crate) fn open_to_write(directory: &Path, name: &str, most: u64) -> Result<(File, u64), Doubt> {
    open_with(OpenOptions::new().read(true).write(true), directory, name, most)
}

/// The empty file called `name`, made for us alone unless it is there: to be locked.
#[cfg(feature = "feed")]
pub(crate) fn open_lock(directory: &Path, name: &str) -> io::Result<File> {
    make(directory)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    for_us_alone(&mut options).open(directory.join(name))
}

fn open_with(options: &OpenOptions, directory: &Path, name: &str, most: u64) -> Result<(File, u64), Doubt> {
    let path = directory.join(name);
    // Before it is opened, which could wait for ever for the other end of a pipe.
    if !fs::symlink_metadata(&path)?.is_file() {
        return Err(Doubt::NotAFile);
    }
    let file = options.open(&path)?;
    let metadata = file.metadata()?;
    trust(&metadata)?;
    if metadata.len() > most { Err(Doubt::TooLong) } else { Ok((file, metadata.len())) }
}

/// All `most` bytes at most of such a file.
pub(crate) fn read(directory: &Path, name: &str, most: u64) -> Result<Vec<u8>, Doubt> {
    let (file, _) = open(directory, name, most)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Doubt::TooLong) } else { Ok(bytes) }
}

/// Puts `bytes` in the place of the file called `name`.
pub(crate) fn replace(directory: &Path, name: &str, suffix: u64, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = Unfinished::create(directory, name, suffix)?;
    unfinished.file.write_all(bytes)?;
    unfinished.put_in_place().map(|_| ())
}

/// Tells the files of several writers apart.
pub(crate) fn suffix(entropy: &dyn Entropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// A file that is to take the place of another, or to be gone.
pub(crate) struct Unfinished {
    pub(crate) file: File,
    directory: PathBuf,
    name: String,
    /// `None` once it is in its place.
    path: Option<PathBuf>,
}

impl Unfinished {
    /// Begins a file that is to be called `name`. It fails if there is one of this `suffix`, which is somebody else's.
    pub(crate) fn create(directory: &Path, name: &str, suffix: u64) -> io::Result<Self> {
        make(directory)?;
        let path = directory.join(format!("{name}.{suffix:016x}"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = for_us_alone(&mut options).open(&path)?;
        Ok(Self { file, directory: directory.to_owned(), name: name.to_owned(), path: Some(path) })
    }

    /// Lets it take the place of the file of its name, once all of it is on disk.
    pub(crate) fn put_in_place(mut self) -> io::Result<File> {
        self.file.sync_all()?;
        let file = self.file.try_clone()?;
        if let Some(path) = &self.path {
            fs::rename(path, self.directory.join(&self.name))?;
            self.path = None;
        }
        // The name, too, is on disk only then. Not every system can be asked for that.
        let _ = File::open(&self.directory).and_then(|directory| directory.sync_all());
        let _ = remove_abandoned(&self.directory, &self.name, &file);
        Ok(file)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// Removes what writers left that were killed. Their age is told by the file system's own clock, by way of a file that
/// was written just now.
fn remove_abandoned(directory: &Path, name: &str, written: &File) -> io::Result<()> {
    let now = written.metadata()?.modified()?;
    for entry in fs::read_dir(directory)?.take(MAX_FILES) {
        let entry = entry?;
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        if is_ours && entry.metadata()?.modified()? + ABANDONED < now {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Makes the folder, and those above it, unless they are there.
fn make(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn for_us_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Where files have owners, it is us or the system's administrator, and nobody else may write.
#[cfg(unix)]
fn trust(metadata: &Metadata) -> Result<(), Doubt> {
    use std::os::unix::fs::MetadataExt;

    if !metadata.is_file() {
        return Err(Doubt::NotAFile);
    }
    if !may_own(metadata.uid(), rustix::process::geteuid().as_raw()) {
        return Err(Doubt::OthersFile);
    }
    if metadata.mode() & 0o022 != 0 { Err(Doubt::OthersMayWrite) } else { Ok(()) }
}

#[cfg(unix)]
fn may_own(owner: u32, us: u32) -> bool {
    [0, us].contains(&owner)
}

#[cfg(not(unix))]
fn trust(metadata: &Metadata) -> Result<(), Doubt> {
    if metadata.is_file() { Ok(()) } else { Err(Doubt::NotAFile) }
}

#[cfg(test)]
mod tests;
