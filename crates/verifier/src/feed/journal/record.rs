//! How a journal is written down. The first line names the form, its version and the SHA-256 of the second, which is one
//! JSON object and says whose it is. Then come the feed's own messages, in their protobuf encoding and in order: four
//! bytes that count theirs, eight of a SHA-256 over those four and the message, the message.

use std::io::{self, BufRead, Read};

use aws_lc_rs::digest::{Context, SHA256, digest};
use prost::Message;
use serde::{Deserialize, Serialize};
use wire::auth::v1::Update;

use super::Doubt;
use crate::disk::hexadecimal;

/// How every journal begins, of whatever version.
const FORM: &str = "signet-verifier-revocations ";
const VERSION: &str = "1";
/// The longest of the first two lines together.
pub(super) const MOST_HEADER: u64 = 16 * 1024;
/// The longest message: as long as gRPC lets one be.
const MOST_MESSAGE: usize = 4 * 1024 * 1024;
const COUNT: usize = 4;
const SUM: usize = 8;
/// The count and the sum.
pub(super) const FRAME: usize = COUNT + SUM;

/// Whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) issuer: String,
    /// Of the log that the messages count in.
    pub(super) epoch: String,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        // Two texts: there is nothing in them that JSON could not say, and it says it in one line.
        let body = serde_json::to_string(self).unwrap_or_default();
        format!("{}{body}\n", first_line(&body)).into_bytes()
    }

    /// A header, and how many bytes it has.
    pub(super) fn read(from: &mut impl BufRead) -> Result<(Self, u64), Doubt> {
        let mut header = from.take(MOST_HEADER);
        let mut line = || -> Result<String, Doubt> {
            let mut line = String::new();
            header.read_line(&mut line).map_err(|_| Doubt::Damaged)?;
            Ok(line)
        };
        let (first, second) = (line()?, line()?);
        let body = second.strip_suffix('\n').ok_or(Doubt::Damaged)?;
        let (version, _) =
            first.strip_prefix(FORM).and_then(|rest| rest.split_once(' ')).ok_or(Doubt::Damaged)?;
        if version != VERSION {
            return Err(Doubt::OtherVersion);
        }
        if first != first_line(body) {
            return Err(Doubt::Damaged);
        }
        let header = serde_json::from_str(body).map_err(|_| Doubt::Damaged)?;
        Ok((header, (first.len() + second.len()) as u64))
    }
}

fn first_line(body: &str) -> String {
    let sum = hexadecimal(digest(&SHA256, body.as_bytes()).as_ref());
    format!("{FORM}{VERSION} {sum}\n")
}

/// Appends the record of `update` to `bytes`.
pub(super) fn write(update: &Update, bytes: &mut Vec<u8>) -> io::Result<()> {
    let message = update.encode_to_vec();
    let count = u32::try_from(message.len()).ok().filter(|_| message.len() <= MOST_MESSAGE);
    let count = count.ok_or(io::ErrorKind::FileTooLarge)?.to_le_bytes();
    bytes.extend_from_slice(&count);
    bytes.extend_from_slice(&sum(count, &message));
    bytes.extend_from_slice(&message);
    Ok(())
}

/// What is found where a record should begin.
pub(super) enum Found {
    Record(Update),
    End,
    /// Half a record, or something else.
    Damage,
}

/// Reads the next record. Its message is left in `buffer`.
pub(super) fn read(from: &mut impl Read, buffer: &mut Vec<u8>) -> Found {
    let mut frame = [0; FRAME];
    match fill(from, &mut frame) {
        Ok(FRAME) => {}
        Ok(0) => return Found::End,
        _ => return Found::Damage,
    }
    let [a, b, c, d, said @ ..] = frame;
    let count = [a, b, c, d];
    let length = usize::try_from(u32::from_le_bytes(count)).unwrap_or(usize::MAX);
    if length > MOST_MESSAGE {
        return Found::Damage;
    }
    buffer.resize(length, 0);
    if from.read_exact(buffer).is_err() || sum(count, buffer) != said {
        return Found::Damage;
    }
    Update::decode(buffer.as_slice()).map_or(Found::Damage, Found::Record)
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Finds damage, not forgery.
fn sum(count: [u8; COUNT], message: &[u8]) -> [u8; SUM] {
    let mut context = Context::new(&SHA256);
    context.update(&count);
    context.update(message);
    let digest = context.finish();
    let mut sum = [0; SUM];
    sum.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    sum
}
