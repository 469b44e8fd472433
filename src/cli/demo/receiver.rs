//! The demo's own receiver: a real HTTP server that takes callbacks, checks them, and plays the outside services.
//! Never knows what the demo expects; it only tells what it heard.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::message::{Headers, Message};
use super::services::{self, Answer};
use crate::cli::error::CommandError;
use crate::domain::clock::{Clock as _, SystemClock};

/// What arrived, in order.
#[derive(Debug)]
pub enum Heard {
    Callback(Message),
    /// A service answered a request: its name and the status.
    Served {
        service: String,
        status: u16,
        seen: u32,
    },
    /// A service took a request and keeps silent.
    Swallowed {
        service: String,
    },
}

/// A receiver that runs until it is dropped.
pub struct Receiver {
    pub url: String,
    pub heard: UnboundedReceiver<Heard>,
    handle: ServerHandle,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // The answer of `stop` only says when it has stopped; nobody waits for that.
        drop(self.handle.stop(false));
    }
}

struct Shared {
    secret: String,
    tell: UnboundedSender<Heard>,
    /// How often each key was seen: an `Idempotency-Key` of a request, a `webhook-id` of a message.
    seen: Mutex<HashMap<String, u32>>,
}

/// Starts one on a free loopback port; `secret` is what its callbacks are signed with.
pub fn start(secret: &str) -> Result<Receiver, CommandError> {
    let (tell, heard) = unbounded_channel();
    let shared = web::Data::new(Shared { secret: secret.to_owned(), tell, seen: Mutex::default() });
    let app = move || {
        App::new()
            .app_data(shared.clone())
            .route("/callbacks/{name}", web::post().to(take_callback))
            .route("/services/{name}", web::post().to(serve))
    };
    let failed = |error: std::io::Error| CommandError::Failed(format!("the demo's receiver cannot listen: {error}"));
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).map_err(failed)?;
    let address = server.addrs().first().copied().expect("a bound server has an address");
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(Receiver { url: format!("http://{address}"), heard, handle })
}

/// Takes a message; the one named `busy` refuses each first attempt.
async fn take_callback(request: HttpRequest, name: web::Path<String>, body: Bytes, shared: web::Data<Shared>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let headers = Headers {
        webhook_id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        attempt: header("ringback-attempt"),
    };
    let seen = shared.count(headers.webhook_id);
    let mut message = Message::read(&shared.secret, headers, body, SystemClock.now().ms() / 1000);
    message.answered = match (message.verified, name.as_str(), seen) {
        (false, ..) => 401,
        (true, "busy", 1) => 503,
        _ => 200,
    };
    let status = message.answered;
    shared.tell(Heard::Callback(message));
    answer(status).finish()
}

/// Plays a service.
async fn serve(request: HttpRequest, name: web::Path<String>, body: Bytes, shared: web::Data<Shared>) -> HttpResponse {
    let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let seen = shared.count(&format!("{name} {key}"));
    let content: Value = serde_json::from_slice(&body).unwrap_or_default();
    match services::answer(&name, &content, seen) {
        None => HttpResponse::NotFound().finish(),
        Some(Answer::Never) => {
            shared.tell(Heard::Swallowed { service: name.into_inner() });
            std::future::pending().await
        }
        Some(Answer::After { delay, status, body }) => {
            actix_web::rt::time::sleep(delay).await;
            shared.tell(Heard::Served { service: name.into_inner(), status, seen });
            answer(status).json(body)
        }
    }
}

fn answer(status: u16) -> actix_web::HttpResponseBuilder {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

impl Shared {
    fn tell(&self, heard: Heard) {
        // Nobody listens any more when the demo is over.
        let _ = self.tell.send(heard);
    }

    fn count(&self, key: &str) -> u32 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = seen.entry(key.to_owned()).or_default();
        *count += 1;
        *count
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::client::Client;
    use crate::outbound::signature;

    #[test]
    fn a_callback_is_verified_and_the_busy_one_refuses_it_once() {
        actix_web::rt::System::new().block_on(async {
            let secret = signature::fresh_secret();
            let mut receiver = start(&secret).unwrap();
            let client = Client::to(&receiver.url, None).unwrap();
            let body = json!({"type": "execution.completed", "execution_id": "0193"});
            let now_s = SystemClock.now().ms() / 1000;
            let signed = signature::sign(&secret, "msg_1", now_s, body.to_string().as_bytes()).unwrap();
            let timestamp = now_s.to_string();
            let headers = [("webhook-id", "msg_1"), ("webhook-timestamp", timestamp.as_str()), ("webhook-signature", &signed)];
            let mut statuses = Vec::new();
            for _ in 0..2 {
                statuses.push(client.post("/callbacks/busy", &body, &headers).await.unwrap().status);
            }
            let forged = [headers[0], headers[1], ("webhook-signature", "v1,AAAA")];
            statuses.push(client.post("/callbacks/plain", &body, &forged).await.unwrap().status);
            assert_eq!(statuses, [503, 200, 401]);
            for answered in statuses {
                let Some(Heard::Callback(message)) = receiver.heard.recv().await else { panic!("no callback") };
                assert_eq!((message.answered, message.verified), (answered, answered != 401));
            }
        });
    }

    #[test]
    fn a_service_counts_requests_by_their_idempotency_key() {
        actix_web::rt::System::new().block_on(async {
            let receiver = start(&signature::fresh_secret()).unwrap();
            let client = Client::to(&receiver.url, None).unwrap();
            let mail = json!({"template": "order-confirmation"});
            let mut statuses = Vec::new();
            for key in ["a", "a", "a", "b"] {
                statuses.push(client.post("/services/mail", &mail, &[("idempotency-key", key)]).await.unwrap().status);
            }
            assert_eq!(statuses, [503, 503, 200, 503]);
            assert_eq!(client.post("/services/fax", &mail, &[]).await.unwrap().status, 404);
        });
    }
}
