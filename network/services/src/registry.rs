//! All services of a peer. It finds the one that is asked, and holds it to the call's deadline
//! and to the size of an answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use aquac_ir::{Call, CallResult, FaultCode};
use tokio::time::timeout;

use crate::config::{
    ConfigError, ConfigErrorReason, DEFAULT_ANSWER_BYTES, DEFAULT_TIMEOUT, FunctionConfig,
    MAX_ANSWER_BYTES, MAX_TIMEOUT, Period, ServiceConfig, ServiceKind,
};
use crate::scripted::Scripted;
use crate::{Service, error, time};

/// What a registry is made of.
#[derive(Default)]
pub struct Setup {
    /// Services as configured.
    pub configured: Vec<ServiceConfig>,
    /// Rust services by id: those of kind `native`, and any that nothing configures.
    pub native: BTreeMap<String, Arc<dyn Service>>,
    /// Answers for services that nobody brought.
    pub otherwise: Option<Arc<dyn Service>>,
}

/// The services of a peer.
#[derive(Default)]
pub struct Registry {
    services: BTreeMap<String, Entry>,
    otherwise: Option<Entry>,
}

struct Entry {
    service: Arc<dyn Service>,
    limits: Limits,
}

/// Bounds of one service.
struct Limits {
    timeout: Period,
    functions: BTreeMap<String, Period>,
    answer_bytes: usize,
}

impl Limits {
    /// For Rust code, which is bound by the particle's deadline alone.
    fn of_native() -> Self {
        let answer_bytes = MAX_ANSWER_BYTES as usize;
        Self { timeout: MAX_TIMEOUT, functions: BTreeMap::new(), answer_bytes }
    }

    fn of(config: &ServiceConfig) -> Result<Self, (Option<String>, ConfigErrorReason)> {
        let within = |period: Option<Period>| match period {
            Some(period) if period > MAX_TIMEOUT || period.millis() == 0 => {
                Err(ConfigErrorReason::OutOfBounds("timeout"))
            }
            Some(_) | None => Ok(period),
        };
        let answer_bytes = config.max_answer_bytes.unwrap_or(DEFAULT_ANSWER_BYTES);
        if answer_bytes > MAX_ANSWER_BYTES {
            return Err((None, ConfigErrorReason::OutOfBounds("max_answer_bytes")));
        }
        let mut functions = BTreeMap::new();
        for (name, function) in &config.functions {
            if let Some(period) =
                within(function.timeout).map_err(|why| (Some(name.clone()), why))?
            {
                functions.insert(name.clone(), period);
            }
        }
        let timeout = within(config.timeout).map_err(|why| (None, why))?.unwrap_or(DEFAULT_TIMEOUT);
        Ok(Self { timeout, functions, answer_bytes: answer_bytes as usize })
    }
}

impl Registry {
    /// Checks the configuration and makes the services. Processes start with their first call.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for the first service that cannot be made.
    pub fn new(setup: Setup) -> Result<Self, ConfigError> {
        let Setup { configured, mut native, otherwise } = setup;
        let mut registry = Self::default();
        for config in configured {
            let failed =
                |reason| ConfigError { service: config.id.clone(), function: None, reason };
            let entry = make(&config, &mut native)?;
            if registry.services.insert(config.id.clone(), entry).is_some() {
                return Err(failed(ConfigErrorReason::Twice));
            }
        }
        for (id, service) in native {
            let entry = Entry { service, limits: Limits::of_native() };
            if registry.services.insert(id.clone(), entry).is_some() {
                let reason = ConfigErrorReason::Twice;
                return Err(ConfigError { service: id, function: None, reason });
            }
        }
        registry.otherwise =
            otherwise.map(|service| Entry { service, limits: Limits::of_native() });
        Ok(registry)
    }

    /// Adds services, for instance [`crate::builtins`], under ids that are not taken.
    pub fn add_missing(&mut self, services: BTreeMap<String, Arc<dyn Service>>) {
        for (id, service) in services {
            let entry = || Entry { service, limits: Limits::of_native() };
            self.services.entry(id).or_insert_with(entry);
        }
    }

    /// The ids of the services, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(String::as_str)
    }

    /// Asks a service. The answer comes before the call's deadline.
    ///
    /// # Errors
    ///
    /// The service's own, or ours: no such service, no answer in time, an answer too large.
    pub async fn call(&self, call: Call) -> CallResult {
        let Some(entry) = self.services.get(&call.service).or(self.otherwise.as_ref()) else {
            let message = format!("no such service: {}", call.service);
            return Err(error(FaultCode::Service, message));
        };
        let name = format!("{}.{}", call.service, call.function);
        let own = entry.limits.functions.get(&call.function).unwrap_or(&entry.limits.timeout);
        let left = time::until(call.deadline);
        let answer = timeout(left.min(own.duration()), entry.service.call(call)).await;
        let value = answer.map_err(|_| {
            let message = if left < own.duration() {
                format!("{name} did not answer before the deadline")
            } else {
                format!("{name} did not answer within {own}")
            };
            error(FaultCode::Expired, message)
        })??;
        let most = entry.limits.answer_bytes;
        if value.to_bytes().len() > most {
            let message = format!("the answer of {name} has more than {most} bytes");
            return Err(error(FaultCode::TooLarge, message));
        }
        Ok(value)
    }
}

fn make(
    config: &ServiceConfig,
    native: &mut BTreeMap<String, Arc<dyn Service>>,
) -> Result<Entry, ConfigError> {
    let failed = |reason| ConfigError { service: config.id.clone(), function: None, reason };
    check_fields(config)?;
    let service: Arc<dyn Service> = match config.kind {
        ServiceKind::Scripted => Arc::new(scripted(config)?),
        ServiceKind::Native => {
            native.remove(&config.id).ok_or_else(|| failed(ConfigErrorReason::NoNative))?
        }
        #[cfg(feature = "http")]
        ServiceKind::Http => Arc::new(crate::http::Http::new(config)?),
        #[cfg(feature = "process")]
        ServiceKind::Process => Arc::new(crate::process::Process::new(config).map_err(failed)?),
        #[cfg(not(feature = "http"))]
        ServiceKind::Http => return Err(failed(ConfigErrorReason::NotBuilt)),
        #[cfg(not(feature = "process"))]
        ServiceKind::Process => return Err(failed(ConfigErrorReason::NotBuilt)),
    };
    let limits = Limits::of(config).map_err(|(function, reason)| {
        let service = config.id.clone();
        ConfigError { service, function, reason }
    })?;
    Ok(Entry { service, limits })
}

fn scripted(config: &ServiceConfig) -> Result<Scripted, ConfigError> {
    let mut functions = Vec::new();
    for (name, function) in &config.functions {
        let answer = function.answer.clone().ok_or_else(|| ConfigError {
            service: config.id.clone(),
            function: Some(name.clone()),
            reason: ConfigErrorReason::Missing("answer"),
        })?;
        functions.push((name.clone(), answer));
    }
    Ok(Scripted::new(functions))
}

/// A field that the kind does not read is a mistake, not a comment.
fn check_fields(config: &ServiceConfig) -> Result<(), ConfigError> {
    let (http, process, scripted) = match config.kind {
        ServiceKind::Http => (true, false, false),
        ServiceKind::Process => (false, true, false),
        ServiceKind::Scripted => (false, false, true),
        ServiceKind::Native => (false, false, false),
    };
    let failed = |function, reason| ConfigError { service: config.id.clone(), function, reason };
    let of_service = [
        ("url", config.url.is_some(), http),
        ("ca", config.ca.is_some(), http),
        ("command", config.command.is_some(), process),
        ("directory", config.directory.is_some(), process),
    ];
    if let Some((field, ..)) = of_service.into_iter().find(|(_, there, read)| *there && !read) {
        return Err(failed(None, ConfigErrorReason::Meaningless(field)));
    }
    for (name, function) in &config.functions {
        let FunctionConfig { args: _, method, path, body, result, answer, timeout: _ } = function;
        let fields = [
            ("method", method.is_some(), http),
            ("path", path.is_some(), http),
            ("body", body.is_some(), http),
            ("result", result.is_some(), http),
            ("answer", answer.is_some(), scripted),
        ];
        if let Some((field, ..)) = fields.into_iter().find(|(_, there, read)| *there && !read) {
            return Err(failed(Some(name.clone()), ConfigErrorReason::Meaningless(field)));
        }
    }
    Ok(())
}
