//! The socket that callers reach a server at.
//! Never lets a burst of callers wait for the second try of a handshake because one thread was late to greet them.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// Connections that may wait to be accepted, as far as the system allows it (`net.core.somaxconn`). A call that finds no room
/// knocks again after a second; the standard library asks for 128.
const BACKLOG: i32 = 4096;

/// Listens there without blocking; the address has the port that was found where none was asked for.
///
/// # Errors
/// The system's: the address is taken, or not ours.
pub fn listen(address: impl ToSocketAddrs) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "other systems allow fewer by default")]
    fn a_burst_of_callers_is_connected_before_anybody_is_accepted() {
        let (listener, address) = listen("127.0.0.1:0").unwrap();
        // Who is not let in knocks for longer than this.
        let knock = || TcpStream::connect_timeout(&address, Duration::from_millis(900));
        let callers: Vec<TcpStream> =
            (0..250).map(|number| knock().unwrap_or_else(|error| panic!("{number}: {error}"))).collect();
        drop(listener);
        assert_eq!(callers.len(), 250);
    }
}
