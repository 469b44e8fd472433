//! As much HTTP/1.1 as a generator and a receiver need, so that they cost less than what they measure.
//! Never meant for anybody else's servers: it reads what ours and itself write.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A message as it was read: its first line and headers. Nobody here looks into a body.
pub struct Message {
    head: String,
}

impl Message {
    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The path of a request.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

/// A connection that keeps what it has read too much.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Wire {
    pub fn new(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 16 * 1024], filled: 0 })
    }

    pub async fn connect(address: &str) -> std::io::Result<Self> {
        Self::new(TcpStream::connect(address).await?)
    }

    pub async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next message; `None` at the end of the connection.
    pub async fn read(&mut self) -> std::io::Result<Option<Message>> {
        let Some((message, total)) = self.whole().await? else { return Ok(None) };
        self.forget(total);
        Ok(Some(message))
    }

    /// The body of the next message; nothing at the end of the connection.
    pub async fn read_text(&mut self) -> std::io::Result<String> {
        let Some((message, total)) = self.whole().await? else { return Ok(String::new()) };
        let text = String::from_utf8_lossy(&self.buffer[message.head.len() + 4..total]).into_owned();
        self.forget(total);
        Ok(text)
    }

    fn forget(&mut self, total: usize) {
        self.buffer.copy_within(total..self.filled, 0);
        self.filled -= total;
    }

    /// The head of the next message once all of it is in the buffer, and how long it is.
    async fn whole(&mut self) -> std::io::Result<Option<(Message, usize)>> {
        loop {
            if let Some(end) = find(&self.buffer[..self.filled], b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                let total = end + 4 + content_length(&head);
                while self.filled < total {
                    if !self.fill(total).await? {
                        return Ok(None);
                    }
                }
                return Ok(Some((Message { head }, total)));
            }
            if !self.fill(self.filled + 1).await? {
                return Ok(None);
            }
        }
    }

    async fn fill(&mut self, at_least: usize) -> std::io::Result<bool> {
        if self.buffer.len() < at_least.max(self.filled + 1024) {
            self.buffer.resize(at_least.max(self.filled + 1024) * 2, 0);
        }
        let count = self.stream.read(&mut self.buffer[self.filled..]).await?;
        self.filled += count;
        Ok(count > 0)
    }
}

/// A POST of JSON.
pub fn post(host: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A GET.
pub fn get(host: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n").into_bytes()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}
