//! What becomes of a journal that was cut off, damaged, taken away or written by others, and what it says then.

use std::{fs, time::Duration};

use identity::{SessionId, SystemEntropy};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;
use wire::auth::v1::{Revocation as Line, revocation::What};

use super::{record::Header, *};
use crate::{Revocation, Revoked, testing::TestClock};

const ISSUER: &str = "https://auth.example";
const EPOCH: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER_EPOCH: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
/// Later than the clock of these tests ever shows.
const LATER: i64 = i64::MAX;

fn session(number: u64) -> String {
    Uuid::from_u128(number.into()).to_string()
}

/// A message about the sessions of these numbers, of which the first follows `after_seq`.
fn told(epoch: &str, after_seq: u64, sessions: impl IntoIterator<Item = u64>, forget_at: i64) -> Update {
    let line = |number| Line { forget_at, revoked_at: 0, what: Some(What::Session(session(number))) };
    let revocations: Vec<_> = sessions.into_iter().map(line).collect();
    let last_seq = after_seq + revocations.len() as u64;
    Update { epoch: epoch.to_owned(), after_seq, last_seq, complete: true, revocations }
}

/// A folder, and what looks after one issuer's journal in it.
struct Shelf {
    folder: TempDir,
    clock: Arc<TestClock>,
}

impl Shelf {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::new(TestClock::default()) }
    }

    fn journal(&self) -> Journal {
        let clock = self.clock.clone();
        Journal::new(self.folder.path().into(), ISSUER, &Limits::default(), clock, Arc::new(SystemEntropy))
    }

    /// A journal to which these messages were written, each by itself.
    fn with(&self, updates: impl IntoIterator<Item = Update>) -> Journal {
        let journal = self.journal();
        for update in updates {
            journal.write(&[update]).unwrap();
        }
        journal
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.journal().name)
    }

    /// What a replica that starts now would know: up to which number, and how many things.
    fn restored(&self) -> Option<(u64, usize)> {
        let view = View::new(1_000_000, &SystemEntropy);
        self.journal().restore(&view).map(|place| (place.seq, view.len()))
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }
}

impl Journal {
    fn write(&self, updates: &[Update]) -> Result<(), Unwritten> {
        self.writer.lock().unwrap().write(updates, self.over())
    }
}

#[test]
fn what_was_written_comes_back() {
    let shelf = Shelf::new();
    assert_eq!(shelf.restored(), None);
    drop(shelf.with([told(EPOCH, 0, 0..3, LATER), told(EPOCH, 3, [3], LATER)]));
    assert_eq!(shelf.restored(), Some((4, 4)));
    let journal = shelf.journal();
    let view = View::new(10, &SystemEntropy);
    assert_eq!(journal.restore(&view), Some(Place { epoch: EPOCH.to_owned(), seq: 4 }));
    assert_eq!(journal.end(), Place { epoch: EPOCH.to_owned(), seq: 4 });
    journal.write(&[told(EPOCH, 4, [4], LATER)]).unwrap();
    drop(journal);
    assert_eq!(shelf.restored(), Some((5, 5)));
}

#[test]
fn what_is_there_already_is_not_written_again() {
    let shelf = Shelf::new();
    let journal = shelf.with([told(EPOCH, 0, 0..5, LATER)]);
    let length = fs::metadata(shelf.path()).unwrap().len();
    journal.write(&[told(EPOCH, 2, 2..5, LATER)]).unwrap();
    assert_eq!(fs::metadata(shelf.path()).unwrap().len(), length);
    journal.write(&[told(EPOCH, 3, 3..7, LATER)]).unwrap();
    assert_eq!(shelf.restored(), Some((7, 7)));
}

#[test]
fn a_gap_is_not_papered_over() {
    let shelf = Shelf::new();
    let journal = shelf.with([told(EPOCH, 0, 0..5, LATER)]);
    for update in [told(EPOCH, 6, [6], LATER), told(OTHER_EPOCH, 5, [6], LATER)] {
        assert_eq!(journal.write(&[update]), Err(Unwritten::Gap));
    }
    assert_eq!(Shelf::new().journal().write(&[told(EPOCH, 1, [1], LATER)]), Err(Unwritten::Gap));
    assert_eq!(shelf.restored(), Some((5, 5)));
}

#[test]
fn another_log_takes_its_place_once_all_of_it_has_come() {
    let shelf = Shelf::new();
    let journal = shelf.with([told(EPOCH, 0, 0..5, LATER)]);
    let half = Update { complete: false, ..told(OTHER_EPOCH, 0, 5..7, LATER) };
    journal.write(&[half]).unwrap();
    assert_eq!(shelf.restored(), Some((5, 5)), "half a log is none");
    journal.write(&[told(OTHER_EPOCH, 2, [7], LATER)]).unwrap();
    assert_eq!(shelf.restored(), Some((3, 3)));
    // The same log from its beginning is another one, too: numbers may have been counted twice.
    journal.write(&[told(OTHER_EPOCH, 0, 0..2, LATER)]).unwrap();
    assert_eq!(shelf.restored(), Some((2, 2)));
    journal.write(&[told(EPOCH, 0, [], LATER)]).unwrap();
    assert_eq!(shelf.restored(), Some((0, 0)), "an empty log is one");
    assert_eq!(fs::read_dir(shelf.folder.path()).unwrap().count(), 2, "the journal and its lock");
}

#[test]
fn cut_off_anywhere_it_keeps_what_comes_before() {
    let shelf = Shelf::new();
    let (mut whole, mut ends) = (Vec::new(), Vec::new());
    for number in 0..4 {
        drop(shelf.with([told(EPOCH, number, [number], LATER)]));
        whole = fs::read(shelf.path()).unwrap();
        ends.push(whole.len());
    }
    let header = Header { issuer: ISSUER.into(), epoch: EPOCH.into() }.encode().len();
    for length in 0..whole.len() {
        fs::write(shelf.path(), &whole[..length]).unwrap();
        let sound = ends.iter().filter(|end| **end <= length).count();
        let expected = (length >= header).then_some((sound as u64, sound));
        assert_eq!(shelf.restored(), expected, "{length} of {} bytes", whole.len());
        if expected.is_some() {
            // What is left of the cut is written over.
            let rest = (sound as u64..5).map(|number| told(EPOCH, number, [number], LATER));
            drop(shelf.with(rest));
            assert_eq!(shelf.restored(), Some((5, 5)), "{length} of {} bytes", whole.len());
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_changed_in_it_what_comes_before_is_kept(
        messages in proptest::collection::vec(0..4_u64, 1..6),
        position in any::<prop::sample::Index>(),
        change in 1..=255_u8,
        cut in any::<bool>(),
        garbage in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let shelf = Shelf::new();
        let (mut seq, mut ends) = (0, Vec::new());
        for count in messages {
            drop(shelf.with([told(EPOCH, seq, seq..seq + count, LATER)]));
            seq += count;
            ends.push((fs::read(shelf.path()).unwrap().len(), seq));
        }
        let mut bytes = fs::read(shelf.path()).unwrap();
        let position = position.index(bytes.len());
        bytes[position] ^= change;
        if cut {
            bytes.truncate(position);
            bytes.extend(garbage);
        }
        fs::write(shelf.path(), bytes).unwrap();
        let sound = ends.iter().rev().find(|(end, _)| *end <= position).map_or(0, |(_, seq)| *seq);
        let header = Header { issuer: ISSUER.into(), epoch: EPOCH.into() }.encode().len();
        let expected = (position >= header).then_some((sound, usize::try_from(sound).unwrap()));
        prop_assert_eq!(shelf.restored(), expected);
    }
}

#[test]
fn a_journal_of_another_version_or_issuer_is_ignored() {
    let shelf = Shelf::new();
    drop(shelf.with([told(EPOCH, 0, 0..3, LATER)]));
    let text = String::from_utf8_lossy(&fs::read(shelf.path()).unwrap()).into_owned();
    assert!(text.starts_with("signet-verifier-revocations 1 "), "{text}");
    let other = Header { issuer: "https://other.example".into(), epoch: EPOCH.into() }.encode();
    fs::write(shelf.path(), &other).unwrap();
    assert_eq!(shelf.restored(), None);
    let newer = String::from_utf8(other).unwrap().replace("revocations 1", "revocations 2");
    fs::write(shelf.path(), newer).unwrap();
    let view = View::new(10, &SystemEntropy);
    assert_eq!(shelf.journal().read(&view).unwrap_err(), Doubt::OtherVersion);
    // Nothing of that hinders the next one.
    drop(shelf.with([told(EPOCH, 0, 0..3, LATER)]));
    assert_eq!(shelf.restored(), Some((3, 3)));
}

#[cfg(unix)]
#[test]
fn a_journal_that_others_may_write_is_ignored_and_ours_is_for_us_alone() {
    use std::os::unix::fs::PermissionsExt;

    let shelf = Shelf::new();
    drop(shelf.with([told(EPOCH, 0, 0..3, LATER)]));
    assert_eq!(fs::metadata(shelf.path()).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(shelf.path(), fs::Permissions::from_mode(0o620)).unwrap();
    assert_eq!(shelf.restored(), None);
    let journal = shelf.with([told(EPOCH, 0, 0..2, LATER)]);
    assert_eq!(shelf.restored(), Some((2, 2)), "replaced, not added to");
    drop(journal);
}

#[test]
fn what_is_over_is_forgotten() {
    let shelf = Shelf::new();
    let now = shelf.now();
    drop(shelf.with([told(EPOCH, 0, 0..3, now + 100), told(EPOCH, 3, 3..5, now + 200)]));
    shelf.clock.advance(Duration::from_secs(159));
    assert_eq!(shelf.restored(), Some((5, 5)), "not before twice the leeway");
    shelf.clock.advance(Duration::from_secs(1));
    assert_eq!(shelf.restored(), Some((5, 2)));
    shelf.clock.advance(Duration::from_secs(100));
    assert_eq!(shelf.restored(), Some((5, 0)), "but where the log is to go on");
}

#[test]
fn when_most_of_it_is_over_it_is_written_anew() {
    const ROUNDS: u64 = 60;
    let shelf = Shelf::new();
    let (journal, mut longest) = (shelf.journal(), 0);
    for round in 0..ROUNDS {
        let first = round * 1_000;
        let updates = (first..first + 1_000).step_by(100);
        let updates: Vec<_> =
            updates.map(|seq| told(EPOCH, seq, seq..seq + 100, shelf.now() + 100)).collect();
        journal.write(&updates).unwrap();
        longest = longest.max(fs::metadata(shelf.path()).unwrap().len());
        shelf.clock.advance(Duration::from_secs(40));
    }
    // A thousand take 60 kB, and those of five rounds are in force; without this it would be 3.5 MB.
    assert!(longest < 1_700_000, "{longest} bytes");
    shelf.clock.advance(Duration::ZERO);
    assert_eq!(shelf.restored().unwrap().0, ROUNDS * 1_000);
    assert_eq!(fs::read_dir(shelf.folder.path()).unwrap().count(), 2);
    journal.write(&[told(EPOCH, ROUNDS * 1_000, [1], LATER)]).unwrap();
    assert_eq!(shelf.restored().unwrap().0, ROUNDS * 1_000 + 1);
}

#[test]
fn one_of_two_writes() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.journal(), shelf.journal());
    first.write(&[told(EPOCH, 0, 0..3, LATER)]).unwrap();
    assert_eq!(second.write(&[told(EPOCH, 0, 0..3, LATER)]), Err(Unwritten::Elsewhere));
    assert_eq!(second.writer.lock().unwrap().place(), None);
    first.write(&[told(EPOCH, 3, [3], LATER)]).unwrap();
    drop(first);
    // It goes on where the other one stopped.
    assert_eq!(second.write(&[told(EPOCH, 6, [6], LATER)]), Err(Unwritten::Gap));
    assert_eq!(second.writer.lock().unwrap().place(), Some(Place { epoch: EPOCH.into(), seq: 4 }));
    second.write(&[told(EPOCH, 3, 3..7, LATER)]).unwrap();
    assert_eq!(shelf.restored(), Some((7, 7)));
}

#[test]
fn a_journal_that_was_taken_away_is_begun_again() {
    let shelf = Shelf::new();
    let journal = shelf.with([told(EPOCH, 0, 0..3, LATER)]);
    fs::remove_dir_all(shelf.folder.path()).unwrap();
    assert_eq!(journal.write(&[told(EPOCH, 3, [3], LATER)]), Err(Unwritten::Gap));
    journal.write(&[told(EPOCH, 0, 0..4, LATER)]).unwrap();
    assert_eq!(shelf.restored(), Some((4, 4)));
}

#[test]
fn more_than_can_be_known_is_not_taken_by_halves() {
    let shelf = Shelf::new();
    drop(shelf.with([told(EPOCH, 0, 0..11, LATER)]));
    let view = View::new(10, &SystemEntropy);
    assert_eq!(shelf.journal().restore(&view), None);
    assert_eq!(view.len(), 0);
}

#[test]
fn what_waits_has_a_bound_and_is_asked_for_again() {
    let mut state = State::default();
    let message = |seq: u64| told(EPOCH, seq * 1_000, 0..1_000, LATER);
    for seq in 0..1_000 {
        state.push(message(seq));
        assert!(state.waiting_bytes <= MOST_WAITING);
    }
    assert!(state.is_behind && state.waiting.is_empty());

    let journal = Shelf::new().journal();
    *journal.state() = State { on_disk: Some(Place { epoch: EPOCH.into(), seq: 7 }), ..state };
    assert_eq!(journal.resume(), Some(Place { epoch: EPOCH.into(), seq: 7 }));
    assert_eq!(journal.resume(), None, "and goes on from there");
    journal.state().push(told(EPOCH, 7, [8], LATER));
    assert_eq!(journal.state().waiting.len(), 1);
}

#[tokio::test]
async fn what_could_not_be_written_is_written_later() {
    let shelf = Shelf::new();
    let obstacle = shelf.folder.path().join("obstacle");
    fs::write(&obstacle, "a file, where a folder should be").unwrap();
    let (clock, limits) = (shelf.clock.clone(), Limits::default());
    let journal = Journal::new(obstacle.join("keys"), ISSUER, &limits, clock, Arc::new(SystemEntropy));
    let journal = Arc::new(journal);
    let settled = async || {
        while journal.state().is_writing {
            tokio::task::yield_now().await;
        }
    };
    for seq in 0..3 {
        journal.keep(told(EPOCH, seq, [seq], LATER));
        settled().await;
        assert!(journal.outcomes.failing().is_some());
    }
    assert_eq!(journal.outcomes.counts(), (0, 3));
    fs::remove_file(&obstacle).unwrap();
    // That there is nothing new is reason enough to try again.
    journal.keep(told(EPOCH, 3, [], LATER));
    settled().await;
    assert_eq!((journal.outcomes.counts(), journal.outcomes.failing()), ((1, 3), None));
    let view = View::new(10, &SystemEntropy);
    assert_eq!(journal.read(&view).unwrap().0.seq, 3);
}

/// `cargo nextest run --release -p verifier --run-ignored only -E 'test(a_million)' --no-capture`
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement")]
fn a_million_revocations_are_read_in_seconds() {
    const MILLION: u64 = 1_000_000;
    let shelf = Shelf::new();
    let journal = shelf.journal();
    for first in (0..MILLION).step_by(500) {
        let update = told(EPOCH, first, first..first + 500, LATER);
        journal.write(&[Update { complete: first + 500 == MILLION, ..update }]).unwrap();
    }
    drop(journal);
    let (before, began) = (memory(), std::time::Instant::now());
    let view = View::new(4_000_000, &SystemEntropy);
    assert!(shelf.journal().restore(&view).is_some());
    let taken = began.elapsed();
    let (after, peak) = (memory(), peak_memory());
    eprintln!(
        "{} bytes on disk, read in {taken:?}; the view takes {} MiB, {} MiB at most while it is read",
        fs::metadata(shelf.path()).unwrap().len(),
        (after - before) >> 20,
        (peak - before) >> 20,
    );
    assert!(view.len() as u64 == MILLION && peak - before < 2 * (after - before));
    let mut known = (0..MILLION).map(|number| Revoked::Session(SessionId(Uuid::from_u128(number.into()))));
    let what = known.next_back().unwrap();
    view.insert([Revocation { what, forget_at: LATER }]).unwrap();
    assert_eq!(view.len() as u64, MILLION);
}

fn memory() -> u64 {
    status("VmRSS:")
}

fn peak_memory() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
