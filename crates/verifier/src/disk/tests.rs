//! Files that could be anything, and writers that are stopped in the middle or are not alone.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use super::{Doubt, may_own, replace};

const NAME: &str = "name";
const MOST: u64 = 1024 * 1024;

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Doubt> {
    super::read(folder, name, MOST)
}

/// A folder with one file in order.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    replace(folder.path(), NAME, 1, b"content").unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

#[test]
fn what_is_written_is_read_and_nothing_lies_beside_it() {
    let folder = folder();
    replace(folder.path(), NAME, 2, b"other").unwrap();
    assert_eq!(read(folder.path(), NAME), Ok(b"other".to_vec()));
    assert_eq!(names(folder.path()), [NAME]);
    assert_eq!(read(folder.path(), "none"), Err(Doubt::Unreadable(std::io::ErrorKind::NotFound)));
}

#[test]
fn folder_and_file_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    replace(&inner, NAME, 1, b"content").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(
        (mode(&inner), mode(&folder.path().join("a")), mode(&inner.join(NAME))),
        (0o700, 0o700, 0o600)
    );
}

#[test]
fn a_file_that_others_may_write_is_refused() {
    let folder = folder();
    let path = folder.path().join(NAME);
    for (mode, expected) in [
        (0o600, Ok(())),
        (0o400, Ok(())),
        (0o644, Ok(())),
        (0o620, Err(Doubt::OthersMayWrite)),
        (0o602, Err(Doubt::OthersMayWrite)),
        (0o666, Err(Doubt::OthersMayWrite)),
    ] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(read(folder.path(), NAME).map(|_| ()), expected, "{mode:o}");
    }
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    assert!(may_own(0, 0) && may_own(0, 10) && may_own(10, 10));
    assert!(!may_own(10, 0) && !may_own(10, 11));
    let folder = folder();
    // Only the administrator can give files away.
    if chown(folder.path().join(NAME), Some(12_345), None).is_ok() {
        assert_eq!(read(folder.path(), NAME), Err(Doubt::OthersFile));
    }
}

#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let folder = folder();
    symlink(folder.path().join(NAME), folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    for name in ["link", "folder", "pipe"] {
        assert_eq!(read(folder.path(), name), Err(Doubt::NotAFile), "{name}");
    }
}

#[test]
fn no_more_than_is_asked_for_is_read() {
    let folder = folder();
    let file = File::options().write(true).open(folder.path().join(NAME)).unwrap();
    file.set_len(MOST).unwrap();
    assert_eq!(read(folder.path(), NAME).unwrap().len() as u64, MOST);
    file.set_len(MOST + 1).unwrap();
    assert_eq!(read(folder.path(), NAME), Err(Doubt::TooLong));
}

#[test]
fn what_killed_writers_left_is_removed_once_it_is_old() {
    let folder = folder();
    let old = Duration::from_mins(2);
    for (name, age) in
        [("name.dead", old), ("name.alive", Duration::ZERO), ("other.dead", old), ("names", old)]
    {
        let file = File::create(folder.path().join(name)).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - age).unwrap();
    }
    assert_eq!(read(folder.path(), NAME), Ok(b"content".to_vec()), "they are never read");
    replace(folder.path(), NAME, 2, b"content").unwrap();
    assert_eq!(names(folder.path()), [NAME, "name.alive", "names", "other.dead"]);
}

#[test]
fn a_file_that_cannot_be_put_in_place_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(NAME).join("full")).unwrap();
    assert!(replace(folder.path(), NAME, 1, b"content").is_err());
    assert_eq!(names(folder.path()), [NAME]);
}

#[test]
fn an_unfinished_file_of_another_writer_is_left_to_it() {
    let folder = folder();
    let theirs = folder.path().join(format!("{NAME}.{:016x}", 7));
    fs::write(&theirs, "half").unwrap();
    assert_eq!(
        replace(folder.path(), NAME, 7, b"ours").unwrap_err().kind(),
        std::io::ErrorKind::AlreadyExists
    );
    assert_eq!(fs::read(theirs).unwrap(), b"half");
    assert_eq!(read(folder.path(), NAME), Ok(b"content".to_vec()));
}

#[test]
fn two_writers_never_show_a_reader_anything_but_a_whole_file() {
    let folder = folder();
    let content = |writer: u8| vec![b'a' + writer; 50_000 + usize::from(writer)];
    replace(folder.path(), NAME, 0, &content(0)).unwrap();
    thread::scope(|scope| {
        let writers = [0, 1].map(|writer| {
            let path = folder.path();
            scope.spawn(move || {
                for number in 0..30 {
                    replace(path, NAME, u64::from(writer) << 32 | number, &content(writer)).unwrap();
                }
            })
        });
        while writers.iter().any(|writer| !writer.is_finished()) {
            let found = read(folder.path(), NAME).unwrap();
            assert!(found == content(0) || found == content(1), "{} bytes", found.len());
        }
    });
    assert_eq!(names(folder.path()), [NAME]);
}
