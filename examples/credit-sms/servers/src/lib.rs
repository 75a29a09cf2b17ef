//! A small JSON API over HTTP on loopback: what the bank's and the telephone company's server
//! share.

use std::io::Read;

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

/// The largest body that is read, in bytes.
const MAX_BODY: u64 = 64 << 10;

/// A request as the two servers see it.
#[derive(Debug)]
pub struct Asked {
    /// `GET`, `POST` …
    pub method: Method,
    /// The parts of the path, decoded.
    pub path: Vec<String>,
    /// The body, `null` if there is none or it is not JSON.
    pub body: Value,
    /// The header `Idempotency-Key`: the same call always has the same.
    pub key: Option<String>,
}

/// Serves until it is killed. The port is the first argument, or `port`. `GET /health` answers
/// 200; everything else is `answer`'s: a status and a JSON body.
///
/// # Errors
///
/// If the port is taken.
pub fn serve(
    port: u16,
    mut answer: impl FnMut(&Asked) -> (u16, Value),
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let port = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(port);
    let server = Server::http(("127.0.0.1", port))?;
    eprintln!("listening on http://127.0.0.1:{port}");
    for mut request in server.incoming_requests() {
        let asked = read(&mut request);
        let (status, body) =
            if asked.path == ["health"] { (200, json!({ "ok": true })) } else { answer(&asked) };
        let json = Header::from_bytes("content-type", "application/json");
        let mut response = Response::from_string(body.to_string()).with_status_code(status);
        if let Ok(json) = json {
            response.add_header(json);
        }
        // A client that has gone away does not stop the server.
        let _gone = request.respond(response);
    }
    Ok(())
}

fn read(request: &mut Request) -> Asked {
    let mut text = String::new();
    let whole = request.as_reader().take(MAX_BODY).read_to_string(&mut text);
    let body = whole.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default();
    let key = request
        .headers()
        .iter()
        .find(|header| header.field.equiv("Idempotency-Key"))
        .map(|header| header.value.to_string());
    let path = request.url().split('?').next().unwrap_or_default();
    let path = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    Asked { method: request.method().clone(), path, body, key }
}

/// A path's part without its percent signs.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
