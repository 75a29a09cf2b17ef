//! The two tasks of a link: one reads frames from the stream, the other writes them.

use aquac_ir::PeerId;
use aquac_peer::Reason;
use aquac_peer::wire::{StreamError, StreamReader};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::swarm::ConnectionId;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::outbox::Outbox;

/// Bytes that are asked for at once: what a frame of Yamux carries at most. Every idle link holds
/// them.
const READ_BYTES: usize = 16 << 10;

/// What came over a link.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A frame, without its prefix.
    Frame(Vec<u8>),
    /// Nothing comes any more, and why.
    Closed(String),
    /// What comes is no stream of frames: the other end's doing.
    Broken(StreamError),
}

/// The reason under which a broken stream is counted.
pub(crate) const fn reason_of(error: &StreamError) -> Reason {
    match error {
        StreamError::TooLong(_) => Reason::TooLarge,
        StreamError::Empty => Reason::Malformed,
    }
}

/// An [`Arrival`] and the link that it is about.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) peer: PeerId,
    pub(crate) connection: ConnectionId,
    pub(crate) arrival: Arrival,
    pub(crate) at: Instant,
}

/// The running tasks of a link. Dropping it ends them.
pub(crate) struct Pipe {
    reader: AbortHandle,
    writer: AbortHandle,
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.reader.abort();
        self.writer.abort();
    }
}

impl Pipe {
    /// Starts the tasks. While `arrivals` is full nothing is read, so the other end has to wait.
    pub(crate) fn start(
        peer: PeerId,
        connection: ConnectionId,
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
        outbox: Outbox,
        arrivals: mpsc::Sender<Arrived>,
    ) -> Self {
        let (read_half, write_half) = stream.split();
        let tell = Tell { peer, connection, arrivals };
        let writer = tokio::spawn(write(write_half, outbox, tell.clone())).abort_handle();
        let reader = tokio::spawn(read(read_half, tell)).abort_handle();
        Self { reader, writer }
    }

    /// Whether everything is written and the writer has closed its half.
    pub(crate) fn has_written(&self) -> bool {
        self.writer.is_finished()
    }
}

#[derive(Clone)]
struct Tell {
    peer: PeerId,
    connection: ConnectionId,
    arrivals: mpsc::Sender<Arrived>,
}

impl Tell {
    /// False when nobody listens any more.
    async fn say(&self, arrival: Arrival) -> bool {
        let Self { peer, connection, .. } = *self;
        let at = Instant::now();
        self.arrivals.send(Arrived { peer, connection, arrival, at }).await.is_ok()
    }
}

async fn read(mut stream: impl AsyncRead + Unpin, tell: Tell) {
    let mut frames = StreamReader::new();
    let mut buffer = vec![0; READ_BYTES];
    let reason = loop {
        let bytes = match stream.read(&mut buffer).await {
            Ok(0) => break "the other end closed the link".to_owned(),
            Ok(length) => buffer.get(..length).unwrap_or_default(),
            Err(problem) => break problem.to_string(),
        };
        frames.push(bytes);
        match pass_on(&mut frames, &tell).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(broken) => {
                tell.say(Arrival::Broken(broken)).await;
                return;
            }
        }
    };
    tell.say(Arrival::Closed(reason)).await;
}

/// Passes the complete frames on; false when nobody listens any more.
async fn pass_on(frames: &mut StreamReader, tell: &Tell) -> Result<bool, StreamError> {
    while let Some(frame) = frames.next_frame()? {
        if !tell.say(Arrival::Frame(frame)).await {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn write(mut stream: impl AsyncWrite + Unpin, outbox: Outbox, tell: Tell) {
    while let Some(bytes) = outbox.next().await {
        let written = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        if let Err(problem) = written.await {
            tell.say(Arrival::Closed(problem.to_string())).await;
            return;
        }
        outbox.written(bytes.len());
    }
    // The other end sees the end of the stream; an error means that it is gone, which is as good.
    let _gone = stream.close().await;
}
