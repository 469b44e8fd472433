//! The server behind TLS: who speaks plain http to it is told so.
//! Never hands a connection on that is not encrypted.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive, TlsAcceptorConfig};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server};
use actix_web::rt::net::TcpStream;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::code::HTTPS_ONLY;
use super::problem::Problem;
use super::{HEAD_WITHIN, KEEP_ALIVE, STOP_WITHIN_S};

/// How long a handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// What a TLS connection begins with.
const HANDSHAKE: u8 = 0x16;
/// Bytes of a plain request that are read before it is answered, so that its sender sees the answer.
const PLAIN_READ_BYTES_MAX: usize = 8192;

/// Where callers come in, and how their connections are secured.
pub struct Door {
    pub listener: TcpListener,
    pub tls: ServerConfig,
}

/// Serves what `factory` makes, over TLS only.
///
/// # Errors
/// The listener cannot be used.
pub fn serve<F, I, S, B>(door: Door, workers: usize, public_url: &str, factory: F) -> std::io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, actix_http::Request>,
    S: ServiceFactory<actix_http::Request, Config = AppConfig, Response = actix_web::dev::ServiceResponse<B>> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: std::fmt::Debug,
    <S::Service as Service<actix_http::Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let builder = Server::build().workers(workers).disable_signals().shutdown_timeout(STOP_WITHIN_S);
    let stopping = builder.graceful_shutdown_signal();
    let refusal: Arc<[u8]> = refusal(public_url).into();
    let builder = builder.listen("https", door.listener, move || {
        let (stopping, refusal) = (stopping.clone(), Arc::clone(&refusal));
        let app = factory().into_factory().map_err(|error| error.into().error_response());
        let acceptor = TlsAcceptorConfig::default().handshake_timeout(HANDSHAKE_WITHIN);
        let encrypted = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
            .client_request_timeout(HEAD_WITHIN)
            .finish(map_config(app, move |()| AppConfig::default()))
            .rustls_0_23_with_config(door.tls.clone(), acceptor)
            .map_err(drop);
        fn_service(move |stream| only_encrypted(stream, Arc::clone(&refusal))).and_then(encrypted)
    })?;
    Ok(builder.run())
}

/// Hands on what begins as TLS does; anything else that says something is answered and gone.
async fn only_encrypted(mut stream: TcpStream, refusal: Arc<[u8]>) -> Result<TcpStream, ()> {
    let mut first = [0];
    match tokio::time::timeout(HEAD_WITHIN, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first[0] == HANDSHAKE => Ok(stream),
        Ok(Ok(1)) if first[0].is_ascii_uppercase() => {
            // The connection is over either way.
            let _ = tokio::time::timeout(HEAD_WITHIN, refuse(&mut stream, &refusal)).await;
            Err(())
        }
        _ => Err(()),
    }
}

async fn refuse(stream: &mut TcpStream, refusal: &[u8]) -> std::io::Result<()> {
    let mut read = Vec::new();
    while read.len() < PLAIN_READ_BYTES_MAX && !read.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    }
    stream.write_all(refusal).await?;
    stream.shutdown().await?;
    // Closing with something unread would take the answer back.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

/// A whole answer, as nobody stands between us and the connection here.
fn refusal(public_url: &str) -> Vec<u8> {
    let problem = Problem::new(&HTTPS_ONLY, format!("this server speaks https only; call {public_url}"));
    let body = problem.body("/", public_url).to_json_text();
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ";
    format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes()
}
