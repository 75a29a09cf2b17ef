//! Services that are HTTP APIs.
//!
//! A call becomes one request to the host that the configuration names and to no other: no
//! proxies, no redirects. Beside the configured path and body, each request has these headers:
//!
//! | header | what |
//! |---|---|
//! | `Idempotency-Key` | names this call for ever; the same key again is the same call again |
//! | `Aqua-Particle` | the run that asks |
//! | `Aqua-Initiator` | the peer that started it |
//! | `Aqua-Deadline-Ms` | when the answer is of no use any more, in milliseconds since 1970 |
//! | `Aqua-Origins` | where each argument comes from: a JSON array, ASCII only |
//!
//! The answer is JSON (an empty one is null) with a status of 2xx; everything else is an error.

mod address;
mod client;

use std::collections::BTreeMap;

use aquac_ir::{Call, CallResult, FaultCode, ServiceError, Value, from_json, to_json};
use reqwest::{Client, Method, Response, Url};

use self::address::Address;
pub use self::client::web_client;
use crate::config::{
    ConfigError, ConfigErrorReason, DEFAULT_ANSWER_BYTES, FunctionConfig, ServiceConfig,
};
use crate::scripted::no_function;
use crate::template::{JsonTemplate, Names};
use crate::{AnswerFuture, Service, error};

/// Bytes of a failed answer that become the error's message.
const MAX_ERROR_BYTES: usize = 1024;
/// Bytes of the header with the origins; calls whose origins are longer are refused.
const MAX_ORIGINS_BYTES: usize = 16 << 10;

/// An HTTP API.
pub(crate) struct Http {
    client: Client,
    functions: BTreeMap<String, Function>,
    answer_bytes: usize,
}

struct Function {
    method: Method,
    address: Address,
    body: Option<JsonTemplate>,
    /// A JSON pointer into the answer.
    result: Option<String>,
}

impl Http {
    pub(crate) fn new(config: &ServiceConfig) -> Result<Self, ConfigError> {
        let failed = |function: Option<&String>, reason| ConfigError {
            service: config.id.clone(),
            function: function.cloned(),
            reason,
        };
        let url = config.url.as_deref().ok_or(ConfigErrorReason::Missing("url"));
        let url = url.and_then(base).map_err(|reason| failed(None, reason))?;
        let mut functions = BTreeMap::new();
        for (name, function) in &config.functions {
            let made = Function::new(name, function, &url);
            functions.insert(name.clone(), made.map_err(|reason| failed(Some(name), reason))?);
        }
        let client = client::of_service(&url, config.ca.as_deref());
        let client = client.map_err(|reason| failed(None, reason))?;
        let answer_bytes = config.max_answer_bytes.unwrap_or(DEFAULT_ANSWER_BYTES) as usize;
        Ok(Self { client, functions, answer_bytes })
    }

    async fn ask(&self, call: Call) -> CallResult {
        let function = self.functions.get(&call.function).ok_or_else(|| no_function(&call))?;
        let url = function.address.fill(&call.args)?;
        let shown = url.to_string();
        let mut request = self
            .client
            .request(function.method.clone(), url)
            .header("Accept", "application/json")
            .header("Idempotency-Key", call.key.0.to_string())
            .header("Aqua-Particle", call.particle.to_string())
            .header("Aqua-Initiator", call.initiator.to_string())
            .header("Aqua-Deadline-Ms", call.deadline.to_string())
            .header("Aqua-Origins", origins(&call)?);
        if let Some(body) = &function.body {
            let body = to_json(&body.fill(&call.args)?);
            request = request.header("Content-Type", "application/json").body(body);
        }
        let response = request.send().await.map_err(|failure| {
            // Unreachable says that nothing was delivered; after connecting nobody knows.
            let code =
                if failure.is_connect() { FaultCode::Unreachable } else { FaultCode::Service };
            error(code, format!("{shown}: {}", causes(&failure)))
        })?;
        self.read(response, function, &shown).await
    }

    async fn read(&self, mut response: Response, function: &Function, url: &str) -> CallResult {
        let status = response.status();
        if !status.is_success() {
            let (body, _) = read_at_most(&mut response, MAX_ERROR_BYTES, url).await?;
            let body = String::from_utf8_lossy(&body).into_owned();
            let message = format!("{url} answered {}: {body}", status.as_u16());
            return Err(ServiceError { code: i64::from(status.as_u16()), message });
        }
        let (body, complete) = read_at_most(&mut response, self.answer_bytes, url).await?;
        if !complete {
            let message = format!("the answer of {url} has more than {} bytes", self.answer_bytes);
            return Err(error(FaultCode::TooLarge, message));
        }
        let answer = parse(&body).map_err(|problem| {
            error(FaultCode::Service, format!("the answer of {url} is no JSON: {problem}"))
        })?;
        match &function.result {
            None => Ok(answer),
            Some(pointer) => find(&answer, pointer).cloned().ok_or_else(|| {
                error(FaultCode::Service, format!("the answer of {url} has nothing at {pointer}"))
            }),
        }
    }
}

impl Service for Http {
    fn call(&self, call: Call) -> AnswerFuture<'_> {
        Box::pin(self.ask(call))
    }
}

impl Function {
    fn new(name: &str, config: &FunctionConfig, base: &Url) -> Result<Self, ConfigErrorReason> {
        let mut names = Names::new(config.args.clone());
        let default = format!("/{name}");
        let address = Address::new(base, config.path.as_deref().unwrap_or(&default), &mut names)?;
        let body = config.body.as_ref().map(|body| JsonTemplate::parse(body, &mut names));
        let body = body
            .transpose()
            .map_err(|error| ConfigErrorReason::Template { field: "body", error })?;
        let usual = if body.is_some() { "POST" } else { "GET" };
        let written = config.method.as_deref().unwrap_or(usual);
        let method = match written {
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" => {
                Method::from_bytes(written.as_bytes()).ok()
            }
            _ => None,
        };
        let method = method.ok_or_else(|| ConfigErrorReason::Method(written.to_owned()))?;
        let result = config.result.clone();
        if let Some(pointer) = result.as_ref().filter(|p| !p.is_empty() && !p.starts_with('/')) {
            return Err(ConfigErrorReason::Pointer(pointer.clone()));
        }
        Ok(Self { method, address, body, result })
    }
}

/// The schemes that are spoken.
const SCHEMES: &[&str] = if cfg!(feature = "https") { &["http", "https"] } else { &["http"] };

/// The base address: nothing but scheme, host, port and path.
fn base(written: &str) -> Result<Url, ConfigErrorReason> {
    let refused = |problem: String| ConfigErrorReason::Url { url: written.to_owned(), problem };
    let url = Url::parse(written).map_err(|problem| refused(problem.to_string()))?;
    if !SCHEMES.contains(&url.scheme()) {
        return Err(refused(format!("the scheme `{}` is not spoken here", url.scheme())));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("a query belongs into `path`".to_owned()));
    }
    Ok(url)
}

/// The origins as ASCII JSON.
fn origins(call: &Call) -> Result<String, ServiceError> {
    let origins: Vec<_> = call.args.iter().map(|argument| &argument.origin).collect();
    let json = serde_json::to_string(&origins).unwrap_or_default();
    if json.is_empty() || json.len() > MAX_ORIGINS_BYTES {
        let message = format!("the origins take more than {MAX_ORIGINS_BYTES} bytes");
        return Err(error(FaultCode::TooLarge, message));
    }
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(ascii)
}

/// The first `most` bytes of the body, and whether that was all.
async fn read_at_most(
    response: &mut Response,
    most: usize,
    url: &str,
) -> Result<(Vec<u8>, bool), ServiceError> {
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await.map_err(|failure| {
            error(FaultCode::Service, format!("{url} broke off: {}", causes(&failure)))
        })?;
        let Some(chunk) = chunk else { return Ok((body, true)) };
        let room = most - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((body, false));
        }
    }
}

fn parse(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|problem| problem.to_string())?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    from_json(text).map_err(|problem| problem.to_string())
}

/// RFC 6901.
fn find<'a>(answer: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut value = answer;
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        value = match value {
            Value::Object(object) => object.get(&name)?,
            Value::Array(array) => {
                let plain = name == "0" || !name.starts_with(['0', '+']);
                array.items().get(name.parse::<usize>().ok().filter(|_| plain)?)?
            }
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Big(_)
            | Value::Float(_)
            | Value::Text(_) => return None,
        };
    }
    Some(value)
}

/// An error and what caused it, from the outside in, without the address that we say ourselves.
fn causes(failure: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = failure;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
