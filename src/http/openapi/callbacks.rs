//! The message that a callback receives.
//! Never a way to sign or to verify; that is described in words.

use serde_json::{Value, json};

/// What is called at the address that a caller gave; `id` names the call in this document.
pub fn item(id: &str) -> Value {
    let header = |name: &str, about: &str| json!({"name": name, "in": "header", "required": true, "description": about, "schema": {"type": "string"}});
    json!({
        "post": {
            "operationId": id,
            "tags": ["running"],
            "summary": "A message about an execution",
            "description": "Sent to `callback_url` when the execution has ended, and for the interim events that were asked for. \
                Signed by Standard Webhooks; tried again until the answer is 2xx. The id and the bytes are the same in every try.",
            "security": [],
            "parameters": [
                header("webhook-id", "Names the message; the same in every try."),
                header("webhook-timestamp", "Seconds since the epoch, of this try."),
                header("webhook-signature", "`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body."),
            ],
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}},
            },
            "responses": {
                "2XX": {"description": "Received; it is not sent again."},
                "410": {"description": "Nobody is here any more; it is not sent again."},
                "default": {"description": "Tried again, later and later."},
            },
        },
    })
}
