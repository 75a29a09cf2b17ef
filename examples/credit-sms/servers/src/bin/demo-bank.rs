//! The bank's API: `GET /score/{customer}`.

use credit_sms_servers::serve;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    serve(8081, |asked| match asked.path.as_slice() {
        [first, customer] if first == "score" => {
            let score = match customer.as_str() {
                "alice" => 720,
                "bob" => 580,
                _ => return (404, json!({ "error": format!("no customer {customer}") })),
            };
            (200, json!({ "customer": customer, "score": score }))
        }
        _ => (404, json!({ "error": "no such resource" })),
    })
}
