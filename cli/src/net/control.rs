//! How commands talk to the processes of a local network: one line of JSON each way over a
//! connection on loopback, and the secret of the network in every request.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use aquac_host::{Handle, Status};
use aquac_ir::{ParticleId, PeerId};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::state::Member;
use crate::waiting::View;

/// How long a peer may take to answer; a stopped one never does.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Bytes of a line; a longer one is not read on.
const MAX_LINE: u64 = 64 * 1024;
/// Requests that are answered at once; others wait.
const MAX_TOGETHER: usize = 16;

/// What a peer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ask {
    /// `net.json` has changed: addresses and cuts.
    Reload,
    /// What is under way?
    Status,
    /// What does this run wait for, as far as you know?
    Waiting(ParticleId),
}

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    token: String,
    ask: Ask,
}

/// What a peer answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// That holds now.
    Done,
    /// What is under way.
    Status(Working),
    /// What the run waits for.
    Waiting(View),
    /// It was not done, for this reason.
    Refused(String),
}

/// What is under way in a peer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Working {
    /// How often something happened so far.
    pub(crate) happened: u64,
    /// Calls that services have not answered.
    pub(crate) calls: usize,
    /// Whether nothing at all is under way.
    pub(crate) idle: bool,
    /// Peers that cannot be reached, for whom something waits.
    pub(crate) unreached: Vec<PeerId>,
}

impl From<&Status> for Working {
    fn from(status: &Status) -> Self {
        Self {
            happened: status.happened,
            calls: status.calls,
            idle: status.is_idle(),
            unreached: status.unreached.iter().map(|(peer, _)| *peer).collect(),
        }
    }
}

/// Why a peer gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// There is no process.
    #[error("it does not run")]
    Gone,
    /// There is one, and it says nothing.
    #[error("it does not answer")]
    Silent,
    /// It says something else.
    #[error("{0}")]
    Refused(String),
}

/// Asks a peer.
pub(crate) async fn ask(member: &Member, token: &str, ask: Ask) -> Result<Reply, NoAnswer> {
    let exchange = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, member.control)).await.ok()?;
        let request = Request { token: token.to_owned(), ask };
        let line = serde_json::to_string(&request).ok()? + "\n";
        stream.write_all(line.as_bytes()).await.ok()?;
        let mut answer = String::new();
        BufReader::new(stream.take(MAX_LINE)).read_line(&mut answer).await.ok()?;
        serde_json::from_str(&answer).ok()
    };
    match timeout(ANSWER_WITHIN, exchange).await {
        Ok(Some(Reply::Refused(why))) => Err(NoAnswer::Refused(why)),
        Ok(Some(reply)) => Ok(reply),
        Ok(None) => Err(NoAnswer::Gone),
        Err(_) => Err(NoAnswer::Silent),
    }
}

/// What a peer does when it is asked; the answer is a reason if it cannot.
pub(crate) trait Commanded: Send + Sync + 'static {
    /// Reads `net.json` again and keeps to it.
    fn reload(&self, host: &Handle) -> impl Future<Output = Result<(), String>> + Send;
}

/// Answers until nobody holds the host any more.
pub(crate) async fn serve(
    listener: TcpListener,
    token: String,
    host: Arc<Handle>,
    commanded: Arc<impl Commanded>,
) {
    let places = Arc::new(Semaphore::new(MAX_TOGETHER));
    let token: Arc<str> = token.into();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (token, host, commanded) = (token.clone(), host.clone(), commanded.clone());
        tokio::spawn(async move {
            let _too_slow_or_gone =
                timeout(ANSWER_WITHIN, one(stream, &token, &host, &*commanded)).await;
            drop(place);
        });
    }
}

async fn one(
    mut stream: TcpStream,
    token: &str,
    host: &Handle,
    commanded: &impl Commanded,
) -> Option<()> {
    let mut line = String::new();
    let (read, mut write) = stream.split();
    BufReader::new(read.take(MAX_LINE)).read_line(&mut line).await.ok()?;
    let reply = match serde_json::from_str::<Request>(&line) {
        Ok(request) if request.token == token => answer(request.ask, host, commanded).await,
        Ok(_) => Reply::Refused("this is a peer of another network".to_owned()),
        Err(why) => Reply::Refused(format!("this is no request: {why}")),
    };
    let line = serde_json::to_string(&reply).ok()? + "\n";
    write.write_all(line.as_bytes()).await.ok()
}

async fn answer(ask: Ask, host: &Handle, commanded: &impl Commanded) -> Reply {
    match ask {
        Ask::Reload => match commanded.reload(host).await {
            Ok(()) => Reply::Done,
            Err(why) => Reply::Refused(why),
        },
        Ask::Waiting(particle) => {
            Reply::Waiting(View::new(host.peer(), &host.standing(particle).await))
        }
        Ask::Status => match host.status().await {
            Some(status) => Reply::Status(Working::from(&status)),
            None => Reply::Refused("the peer has stopped".to_owned()),
        },
    }
}
