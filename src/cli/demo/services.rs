//! The services that the shipped functions call, played: mail, stock, images, CRM, each with its moods.
//! Never more clever than a table of answers.

use std::time::Duration;

use serde_json::{Value, json};

/// How a service answers one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    After {
        delay: Duration,
        status: u16,
        body: Value,
    },
    /// It takes the request and never answers.
    Never,
}

/// Who the CRM is down for, and whom it forgets.
pub const UNLUCKY: &str = "unlucky@example.com";
pub const FORGOTTEN: &str = "forgotten@example.com";

/// The answer of a service to the `seen`-th request (from 1) with the same `Idempotency-Key`; `None` if there is no such one.
pub fn answer(service: &str, request: &Value, seen: u32) -> Option<Answer> {
    let text = |field: &str| request[field].as_str().unwrap_or_default();
    Some(match service {
        // Down for the first two tries of an order's confirmation.
        "mail" if text("template") == "order-confirmation" && seen <= 2 => {
            soon(503, json!({"error": "the mail service is down"}))
        }
        "mail" => soon(200, json!({"id": format!("mail_{}", short_hash(request)), "status": "queued"})),
        "stock" => after(120, 200, json!({"sku": text("sku"), "in_stock": 41})),
        "images" => after(
            250 + u64::from(short_hash(request)) % 400,
            200,
            json!({"url": format!("{}?w={}", text("url"), request["width"]), "width": request["width"], "height": 450, "bytes": 48_213}),
        ),
        "crm" => match text("email") {
            UNLUCKY => soon(503, json!({"error": "the CRM is being maintained"})),
            FORGOTTEN => Answer::Never,
            _ => soon(200, json!({"id": format!("crm_{}", short_hash(request))})),
        },
        _ => return None,
    })
}

fn soon(status: u16, body: Value) -> Answer {
    after(15, status, body)
}

fn after(ms: u64, status: u16, body: Value) -> Answer {
    Answer::After { delay: Duration::from_millis(ms), status, body }
}

/// A number that looks drawn but is the same for the same request.
fn short_hash(request: &Value) -> u16 {
    request.to_string().bytes().fold(7_u16, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(answer: Option<Answer>) -> u16 {
        match answer {
            Some(Answer::After { status, .. }) => status,
            Some(Answer::Never) => 0,
            None => 404,
        }
    }

    #[test]
    fn the_mail_service_works_at_the_third_try_of_a_confirmation() {
        let mail = json!({"template": "order-confirmation"});
        assert_eq!([1, 2, 3].map(|seen| status(answer("mail", &mail, seen))), [503, 503, 200]);
        assert_eq!(status(answer("mail", &json!({"template": "welcome"}), 1)), 200);
    }

    #[test]
    fn the_crm_is_down_for_one_and_silent_for_another() {
        assert_eq!(status(answer("crm", &json!({"email": UNLUCKY}), 9)), 503);
        assert_eq!(answer("crm", &json!({"email": FORGOTTEN}), 1), Some(Answer::Never));
        assert_eq!(status(answer("crm", &json!({"email": "ada@example.com"}), 1)), 200);
        assert_eq!(answer("fax", &json!({}), 1), None);
    }
}
