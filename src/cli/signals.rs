//! SIGTERM and SIGINT: somebody wants the process to end; SIGHUP: he wants the files to be read again.
//! Never decides what that means.

use std::io;

/// Hears every signal from its making on, also one that arrives while nobody waits.
#[cfg(unix)]
pub struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGHUP: somebody wants the files to be read again.
#[cfg(unix)]
pub struct HangUps(tokio::signal::unix::Signal);

#[cfg(unix)]
impl HangUps {
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::hangup()).map(Self)
    }

    /// The next one.
    pub async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// There are none here.
#[cfg(windows)]
pub struct HangUps;

#[cfg(windows)]
impl HangUps {
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Never.
    pub async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}

#[cfg(windows)]
pub struct StopSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    pub fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// The next one.
    pub async fn next(&mut self) {
        self.0.recv().await;
    }
}
