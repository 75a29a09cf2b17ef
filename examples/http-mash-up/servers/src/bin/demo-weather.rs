//! An API of the weather: `GET /weather/{lat}/{lon}`. In the south it is warm.

use credit_sms_servers::serve;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    serve(8084, |asked| match asked.path.as_slice() {
        [first, lat, _] if first == "weather" => {
            let Ok(lat) = lat.parse::<f64>() else {
                return (400, json!({ "error": "a latitude is a number" }));
            };
            let words = if lat < 45.0 { "sunny" } else { "snow" };
            let celsius = (60.0 - lat).round();
            (200, json!({ "now": { "celsius": celsius, "words": words } }))
        }
        _ => (404, json!({ "error": "no such resource" })),
    })
}
