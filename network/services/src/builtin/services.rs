//! The services that a peer has beside the builtins, as programs see them. Their ids are names that
//! whoever runs the peer has chosen, so each is its own alias.

use aquac_ir::{TooDeep, Value};

use super::arguments::Arguments;
use super::peers::{object, texts};
use super::{Answer, Refusal, Surroundings};

fn described(id: &str, here: &dyn Surroundings) -> Answer {
    let me = Value::text(&here.me().to_string());
    object([
        ("id", Value::text(id)),
        ("blueprint_id", Value::text("")),
        ("service_type", Value::text("configured")),
        ("owner_id", me.clone()),
        ("aliases", texts([])?),
        ("worker_id", me),
    ])
}

fn asked<'a>(args: &Arguments<'a>, here: &dyn Surroundings) -> Result<Option<&'a str>, Refusal> {
    let id = args.text(0)?;
    Ok(here.services().iter().any(|service| service == id).then_some(id))
}

fn missing(args: &Arguments<'_>) -> Refusal {
    Refusal(format!("there is no service \"{}\"", args.text(0).unwrap_or_default()))
}

pub(super) fn list(_: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let services = here.services();
    let all = services.iter().map(|id| described(id, here));
    Ok(Value::array(all.collect::<Result<_, _>>()?)?)
}

pub(super) fn info(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let id = asked(args, here)?.ok_or_else(|| missing(args))?;
    described(id, here)
}

pub(super) fn resolve(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    asked(args, here)?.map(Value::text).ok_or_else(|| missing(args))
}

pub(super) fn resolve_option(args: &Arguments<'_>, here: &dyn Surroundings) -> Answer {
    let found: Result<Value, TooDeep> = texts(asked(args, here)?);
    Ok(found?)
}
