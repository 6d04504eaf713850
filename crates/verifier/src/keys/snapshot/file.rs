//! Reading a file that could be anything, and replacing one so that a reader, or a machine that stops in the middle,
//! finds the old one or the new one, whole.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::Path,
    time::Duration,
};

use super::Doubt;

/// Longer files are not read: a key set has 1 MiB at most, and is shorter than that by far.
const MAX_BYTES: u64 = 1024 * 1024;
/// An unfinished file of this age belongs to nobody any more: its writer was killed.
const ABANDONED: Duration = Duration::from_mins(1);
/// So many files are looked at in search of abandoned ones.
const MAX_FILES: usize = 1024;

/// The bytes of the file called `name`, if nobody but us and the system's administrator can have written them.
pub(super) fn read(directory: &Path, name: &str) -> Result<Vec<u8>, Doubt> {
    let path = directory.join(name);
    let unreadable = |error: io::Error| Doubt::Unreadable(error.kind());
    // Before it is opened, which could wait for ever for the other end of a pipe.
    if !fs::symlink_metadata(&path).map_err(unreadable)?.is_file() {
        return Err(Doubt::NotAFile);
    }
    let file = File::open(&path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    trust(&metadata)?;
    if metadata.len() > MAX_BYTES {
        return Err(Doubt::TooLong);
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES { Err(Doubt::TooLong) } else { Ok(bytes) }
}

/// Puts `bytes` in the place of the file called `name`.
pub(super) fn replace(directory: &Path, name: &str, suffix: u64, bytes: &[u8]) -> io::Result<()> {
    make(directory)?;
    let unfinished = directory.join(format!("{name}.{suffix:016x}"));
    let written = write(&unfinished, bytes).and_then(|file| {
        fs::rename(&unfinished, directory.join(name))?;
        // The name, too, is on disk only then. Not every system can be asked for that.
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
        Ok(file)
    });
    match written {
        Ok(file) => {
            let _ = remove_abandoned(directory, name, &file);
            Ok(())
        }
        Err(error) => {
            // Somebody else's, if it was there before.
            if error.kind() != io::ErrorKind::AlreadyExists {
                let _ = fs::remove_file(&unfinished);
            }
            Err(error)
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = for_us_alone(&mut options).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
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
