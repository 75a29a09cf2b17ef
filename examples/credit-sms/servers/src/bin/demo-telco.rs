//! The telephone company's API: `POST /messages` with `{"to", "score"}`.
//!
//! It recognises a repeated call by its `Idempotency-Key` and sends nothing twice. `GET /messages`
//! lists what was sent.

use std::collections::BTreeMap;

use credit_sms_servers::serve;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut receipts: BTreeMap<String, Value> = BTreeMap::new();
    let mut sent: Vec<Value> = Vec::new();
    serve(8082, move |asked| match (asked.method.as_str(), asked.path.as_slice()) {
        ("GET", [resource]) if resource == "messages" => (200, json!(sent)),
        ("POST", [resource]) if resource == "messages" => {
            if let Some(receipt) = asked.key.as_ref().and_then(|key| receipts.get(key)) {
                return (200, receipt.clone());
            }
            let field = |name: &str| asked.body.get(name).and_then(Value::as_str);
            let score = asked.body.get("score").and_then(Value::as_u64);
            let (Some(to), Some(score)) = (field("to"), score) else {
                return (400, json!({ "error": "a message needs \"to\" and \"score\"" }));
            };
            let text = format!("your credit score is {score}");
            let receipt = json!({ "id": format!("sms-{}", sent.len() + 1), "to": to });
            sent.push(json!({ "to": to, "text": text }));
            if let Some(key) = &asked.key {
                receipts.insert(key.clone(), receipt.clone());
            }
            (200, receipt)
        }
        _ => (404, json!({ "error": "no such resource" })),
    })
}
