//! Metrics and health over HTTP, for scrapers and supervisors: `GET /metrics` and `GET /health`.
//!
//! Only on loopback unless who runs the peer says otherwise in so many words, because both tell
//! who talks with whom.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::handle::Request;
use crate::store::writer::SoFar;
use crate::{StartError, metrics};

/// Bytes of a request; a longer one is refused.
const MAX_REQUEST_BYTES: usize = 8 << 10;
/// Requests that are answered at a time; the rest wait to be accepted.
const MAX_AT_ONCE: usize = 16;
/// How long one may take from its first byte to its last.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the host may take to say how it is; after that it is not well.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Where a host tells its metrics and its health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Monitor {
    /// The address. Port 0 lets the system choose: see [`crate::Handle::monitor`].
    pub address: SocketAddr,
    /// Who may reach it.
    pub exposure: Exposure,
}

/// Who may reach a [`Monitor`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Exposure {
    /// This machine. Other addresses are an error.
    #[default]
    Loopback,
    /// Whoever reaches the address. There is no password.
    Anywhere,
}

/// Who is asked how the host is.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The host.
    pub(crate) host: mpsc::WeakSender<Request>,
    /// Its store, which can be asked when the host waits for it.
    pub(crate) store: SoFar,
}

/// The running server. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Listens and answers from now on.
    pub(crate) async fn start(monitor: Monitor, asked: Asked) -> Result<Self, StartError> {
        let Monitor { address, exposure } = monitor;
        if exposure == Exposure::Loopback && !address.ip().is_loopback() {
            return Err(StartError::ExposedMonitor { address });
        }
        let failed = |problem: std::io::Error| StartError::CannotListen {
            address: address.to_string(),
            reason: problem.to_string(),
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let task = tokio::spawn(serve(listener, asked)).abort_handle();
        Ok(Self { address, task })
    }
}

async fn serve(listener: TcpListener, asked: Asked) {
    let places = Arc::new(Semaphore::new(MAX_AT_ONCE));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, perhaps: not a reason to spin.
            tokio::time::sleep(REQUEST_TIMEOUT / 50).await;
            continue;
        };
        let asked = asked.clone();
        tokio::spawn(async move {
            let _too_slow = timeout(REQUEST_TIMEOUT, answer(stream, &asked)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, asked: &Asked) {
    let head = read_head(&mut stream).await;
    let (status, kind, body) = match head.as_deref().map(wanted) {
        Some(Wanted::Metrics) => match told(asked).await {
            Some(snapshot) => ("200 OK", metrics::CONTENT_TYPE, metrics::text(&snapshot)),
            None => ("503 Service Unavailable", PLAIN, SILENT.to_owned()),
        },
        Some(Wanted::Health) => {
            let (status, body) = metrics::health(told(asked).await.as_ref());
            (status, "application/json", body)
        }
        Some(Wanted::OtherHost) => ("421 Misdirected Request", PLAIN, OTHER_HOST.to_owned()),
        Some(Wanted::OtherMethod) => ("405 Method Not Allowed", PLAIN, "only GET\n".to_owned()),
        Some(Wanted::Nothing) => ("404 Not Found", PLAIN, "/metrics and /health\n".to_owned()),
        None => ("400 Bad Request", PLAIN, "no request\n".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    );
    // Who has gone away needs no answer.
    let _gone = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _gone = stream.shutdown().await;
}

const PLAIN: &str = "text/plain; charset=utf-8";
const SILENT: &str = "the peer does not answer\n";
const OTHER_HOST: &str = "ask by address or as localhost\n";

/// The request line and the headers; `None` if there are none, or too many.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(buffer.get(..length)?);
        if bytes.len() > MAX_REQUEST_BYTES {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Metrics,
    Health,
    Nothing,
    OtherMethod,
    /// A page in a browser that was made to believe that its name is our address.
    OtherHost,
}

fn wanted(head: &str) -> Wanted {
    let mut lines = head.lines();
    let mut request = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (request.next(), request.next().unwrap_or_default());
    let name = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim().to_owned())
    });
    if name.is_some_and(|name| !is_address(&name)) {
        return Wanted::OtherHost;
    }
    match (method, path.split('?').next().unwrap_or_default()) {
        (Some("GET"), "/metrics") => Wanted::Metrics,
        (Some("GET"), "/health") => Wanted::Health,
        (Some("GET"), _) => Wanted::Nothing,
        _ => Wanted::OtherMethod,
    }
}

fn is_address(host: &str) -> bool {
    let name = host.strip_prefix("localhost");
    let local = name.is_some_and(|port| port.is_empty() || port.starts_with(':'));
    local || host.parse::<SocketAddr>().is_ok() || host.parse::<std::net::IpAddr>().is_ok()
}

/// How the host is, if it says so in time. One that waits for its store does not: then the store
/// says it.
async fn told(Asked { host, store }: &Asked) -> Option<metrics::Snapshot> {
    let (reply, answer) = oneshot::channel();
    let asked = async {
        host.upgrade()?.send(Request::Snapshot(reply)).await.ok()?;
        answer.await.ok()
    };
    match timeout(ANSWER_TIMEOUT, asked).await.ok().flatten() {
        Some(snapshot) => Some(*snapshot),
        None => store.failing().map(|reason| metrics::Snapshot {
            stored: store.stored(),
            failing: Some(reason),
            ..metrics::Snapshot::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_pages_and_only_by_address() {
        let get = |path: &str, host: &str| {
            wanted(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
        };
        assert_eq!(get("/metrics", "127.0.0.1:9100"), Wanted::Metrics);
        assert_eq!(get("/metrics?name=x", "localhost:9100"), Wanted::Metrics);
        assert_eq!(get("/health", "[::1]:9100"), Wanted::Health);
        assert_eq!(get("/config", "localhost"), Wanted::Nothing);
        assert_eq!(get("/metrics", "evil.example:9100"), Wanted::OtherHost);
        assert_eq!(get("/metrics", "localhost.evil.example"), Wanted::OtherHost);
        assert_eq!(wanted("GET /health HTTP/1.0\r\n\r\n"), Wanted::Health);
        assert_eq!(wanted("POST /metrics HTTP/1.0\r\n\r\n"), Wanted::OtherMethod);
    }
}
