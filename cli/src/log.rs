//! What a peer says on standard error: events and what libraries say, each a line with time,
//! level and peer, for people or as JSON (`aquac.trace/1`). Arguments and answers are never in it,
//! because they may be anybody's secrets. A line that cannot be written is lost and nothing else.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use aquac_host::{Event, Observer};
use aquac_ir::PeerId;
use clap::ValueEnum;
use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::event::{Entry, Names, What};
use crate::failure::Failure;

/// Says how, where no flag does: a level, `json`, or both with a comma.
const VARIABLE: &str = "AQUAC_LOG";

/// Peers of which it is remembered why they could not be reached; beyond it that is said again.
const MAX_MISSED: usize = 1024;

/// How much something matters to who runs the peer, and how much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// Nothing.
    Off,
    /// The peer does not do its work.
    Error,
    /// Something did not work.
    Warn,
    /// What the peer does.
    #[default]
    Info,
    /// How it does it.
    Debug,
    /// What the libraries do as well.
    Trace,
}

impl Level {
    const fn label(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Writes lines. Clones write to the same place.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    peer: Arc<str>,
    level: Level,
    format: LogFormat,
}

/// A line as JSON.
#[derive(Serialize)]
struct Line<'a> {
    level: Level,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl Log {
    /// As the flags say, else the environment, else what matters, for people.
    pub(crate) fn of(
        peer: &str,
        level: Option<Level>,
        format: Option<LogFormat>,
    ) -> Result<Self, Failure> {
        let (said_level, said_format) = said(&std::env::var(VARIABLE).unwrap_or_default())?;
        let level = level.or(said_level).unwrap_or_default();
        let format = format.or(said_format).unwrap_or_default();
        Ok(Self { peer: peer.into(), level, format })
    }

    /// From now on, what libraries and sidecar processes say is a line as well.
    pub(crate) fn install(&self) {
        let _installed_before = tracing_subscriber::registry().with(Heard(self.clone())).try_init();
    }

    /// Writes what happens in a peer.
    pub(crate) fn observer(&self, names: impl Names + Send + Sync + 'static) -> Observer {
        let log = self.clone();
        let missed = Mutex::new(Missed::default());
        Arc::new(move |happened| {
            let level =
                missed.lock().unwrap_or_else(PoisonError::into_inner).level(&happened.event);
            if level <= log.level {
                log.write(level, &Entry::of(&happened, &names).discreet());
            }
        })
    }

    /// Writes something that is no event.
    pub(crate) fn note(&self, level: Level, text: impl Into<String>) {
        let at = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        let what = What::Note { text: text.into() };
        self.write(level, &Entry { at, peer: self.peer.to_string(), what });
    }

    fn write(&self, level: Level, entry: &Entry) {
        if level > self.level {
            return;
        }
        let line = match self.format {
            LogFormat::Text => {
                let (at, level) = (instant(entry.at), level.label());
                format!("{at} {level:5} {}: {}", entry.peer, entry.text())
            }
            LogFormat::Json => serde_json::to_string(&Line { level, entry }).unwrap_or_default(),
        };
        let _full = writeln!(std::io::stderr().lock(), "{line}");
    }
}

/// Peers that could not be reached, and why. A peer that is away is tried again and again, and a
/// reason that was said is not worth another warning.
#[derive(Debug, Default)]
struct Missed(BTreeMap<PeerId, String>);

impl Missed {
    fn level(&mut self, event: &Event) -> Level {
        let level = Entry::level(event);
        if let Event::DialFailed { peer, reason } = event {
            if self.0.get(peer) == Some(reason) {
                return Level::Debug;
            }
            if self.0.len() >= MAX_MISSED {
                self.0.clear();
            }
            self.0.insert(*peer, reason.clone());
        } else if let Event::LinkUp { peer } = event {
            self.0.remove(peer);
        }
        level
    }
}

/// What a variable says.
fn said(text: &str) -> Result<(Option<Level>, Option<LogFormat>), Failure> {
    let (mut level, mut format) = (None, None);
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if let Ok(known) = Level::from_str(word, true) {
            level = Some(known);
        } else if let Ok(known) = LogFormat::from_str(word, true) {
            format = Some(known);
        } else {
            return Err(Failure::command(format!(
                "{VARIABLE}: `{word}` is neither a level (off, error, warn, info, debug, trace) nor a format (text, json)"
            )));
        }
    }
    Ok((level, format))
}

/// Listens to the records of libraries.
struct Heard(Log);

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, record: &tracing::Event<'_>, _: Context<'_, S>) {
        let (level, target) = (*record.metadata().level(), record.metadata().target());
        let level = match level {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::INFO => Level::Info,
            tracing::Level::DEBUG => Level::Debug,
            _ => Level::Trace,
        };
        // What a library finds worth a warning is seldom worth one to who runs a peer.
        let ours = target.starts_with("aquac") && level < Level::Debug;
        if if ours { level } else { Level::Trace } > self.0.level {
            return;
        }
        let mut said = Said::default();
        record.record(&mut said);
        let from = if ours { String::new() } else { format!("{target}: ") };
        self.0.note(level, format!("{from}{}{}", said.message, said.fields));
    }
}

/// The text of a record, and its fields.
#[derive(Default)]
struct Said {
    message: String,
    fields: String,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.fields.push_str(&format!(", {} {value:?}", field.name()));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push_str(&format!(", {} {value}", field.name()));
    }
}

/// Unix time in milliseconds as date and time of day, in UTC.
pub(crate) fn instant(at: u64) -> String {
    let (days, rest) = (at / 86_400_000, at % 86_400_000);
    // Days since 1 March of year 0: then the day that some years do not have is the last one.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_date() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(instant(at), text);
        }
    }

    #[test]
    fn a_peer_that_stays_away_is_one_warning_until_it_was_there_or_the_reason_is_another() {
        let mut missed = Missed::default();
        let peer = PeerId([1; 32]);
        let fails = |why: &str| Event::DialFailed { peer, reason: why.to_owned() };
        let mut levels = Vec::new();
        for event in
            [fails("a"), fails("a"), fails("b"), Event::LinkUp { peer }, fails("b"), fails("b")]
        {
            levels.push(missed.level(&event));
        }
        use Level::{Debug, Info, Warn};
        assert_eq!(levels, [Warn, Debug, Warn, Info, Warn, Debug]);
    }

    #[test]
    fn a_variable_says_a_level_a_format_or_both() {
        assert_eq!(said("").unwrap(), (None, None));
        assert_eq!(said("debug").unwrap(), (Some(Level::Debug), None));
        assert_eq!(said("json").unwrap(), (None, Some(LogFormat::Json)));
        assert_eq!(said("warn, json").unwrap(), (Some(Level::Warn), Some(LogFormat::Json)));
        assert!(said("loud").is_err());
    }
}
