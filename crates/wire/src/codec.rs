//! How messages become bytes: as Protocol Buffers, through buffers for small ones.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::ProstCodec;

/// A stream keeps its buffer for as long as it lives, even if nobody says anything, and some live for long and in
/// thousands. It begins at this size, in bytes, and becomes as large as the largest message.
const BUFFER: usize = 256;
/// What is ready is sent when it is this much, in bytes, rather than collected.
const ENOUGH: usize = 2 * 1024;

/// [`ProstCodec`] with small buffers.
#[derive(Debug, Clone)]
pub(crate) struct SmallCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for SmallCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for SmallCodec<T, U>
where
    T: Message + 'static,
    U: Message + Default + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = <ProstCodec<T, U> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::new(BUFFER, ENOUGH))
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(BufferSettings::new(BUFFER, ENOUGH))
    }
}
