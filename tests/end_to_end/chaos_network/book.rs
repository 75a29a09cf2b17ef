//! A service that writes down what it is asked: an effect that everybody can see.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// By run and step: the keys under which it was asked.
type Steps = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

pub(crate) struct Book {
    pub(crate) port: u16,
    pages: Arc<Mutex<(Steps, u64)>>,
}

/// What stands in it at the end.
#[derive(Debug)]
pub(crate) struct Told {
    /// Steps that were done.
    pub(crate) steps: u64,
    /// Requests that came again with a key that was known: nothing was done.
    pub(crate) again: u64,
    /// Steps that were asked for under more than one key.
    pub(crate) two_keys: Vec<String>,
    /// Runs in which both a step and what stands in for it were done.
    pub(crate) both: Vec<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps, {} asked again with their key", self.steps, self.again)
    }
}

impl Book {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = Arc::<Mutex<(Steps, u64)>>::default();
        let written = pages.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let written = written.clone();
                std::thread::spawn(move || {
                    // Who was killed does not wait for its answer.
                    let _gone = serve(stream, &written);
                });
            }
        });
        Self { port, pages }
    }

    pub(crate) fn told(&self) -> Told {
        let pages = self.pages.lock().unwrap();
        let (steps, again) = &*pages;
        let all = || steps.iter().flat_map(|(run, steps)| steps.iter().map(move |s| (run, s)));
        let two = all().filter(|(_, (_, keys))| keys.len() > 1);
        let both = |steps: &BTreeMap<String, _>| {
            steps.contains_key("first") && steps.contains_key("second")
        };
        Told {
            steps: all().count() as u64,
            again: *again,
            two_keys: two.map(|(run, (step, keys))| format!("{run}/{step}: {keys:?}")).collect(),
            both: steps.iter().filter(|(_, s)| both(s)).map(|(run, _)| run.clone()).collect(),
        }
    }
}

/// Answers the requests of one connection: `POST /RUN/STEP` with a key.
fn serve(mut stream: TcpStream, pages: &Mutex<(Steps, u64)>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => return Ok(()),
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let path = head.split_whitespace().nth(1).unwrap_or("/").to_owned();
    let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
    let mut way = path.trim_start_matches('/').split('/');
    if let (Some(run), Some(step), Some(key)) = (way.next(), way.next(), key) {
        let mut pages = pages.lock().unwrap();
        let (steps, again) = &mut *pages;
        let keys = steps.entry(run.to_owned()).or_default().entry(step.to_owned()).or_default();
        *again += u64::from(!keys.insert(key.trim().to_owned()));
    }
    let body = format!("\"{}\"", path.trim_start_matches('/'));
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")?;
    write!(stream, "Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}
