//! An API of places: `GET /places/{name}`.

use credit_sms_servers::serve;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    serve(8083, |asked| match asked.path.as_slice() {
        [first, name] if first == "places" => {
            let (lat, lon) = match name.as_str() {
                "Lisbon" => (38.7, -9.1),
                "Oslo" => (59.9, 10.8),
                _ => return (404, json!({ "error": format!("no place called {name}") })),
            };
            (200, json!({ "name": name, "position": { "lat": lat, "lon": lon }, "source": "demo" }))
        }
        _ => (404, json!({ "error": "no such resource" })),
    })
}
