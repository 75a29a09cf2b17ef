//! A registry's API: `POST /providers/{kind}` with `{"provider"}`, and `GET /providers/{kind}`.

use std::collections::BTreeMap;

use credit_sms_servers::serve;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut providers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    serve(8085, move |asked| match (asked.method.as_str(), asked.path.as_slice()) {
        ("GET", [resource, kind]) if resource == "providers" => {
            (200, json!({ "providers": providers.get(kind).cloned().unwrap_or_default() }))
        }
        ("POST", [resource, kind]) if resource == "providers" => {
            let Some(provider) = asked.body.get("provider").and_then(Value::as_str) else {
                return (400, json!({ "error": "an entry needs a \"provider\"" }));
            };
            let known = providers.entry(kind.clone()).or_default();
            // The same call may come twice: it leaves one entry.
            if !known.iter().any(|one| one == provider) {
                known.push(provider.to_owned());
            }
            (200, json!({ "count": known.len() }))
        }
        _ => (404, json!({ "error": "no such resource" })),
    })
}
