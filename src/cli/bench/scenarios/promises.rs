//! What each promise costs: whole life cycles with everything, and with one thing left out.
//! Never a recommendation to leave it out.

use super::lives::{self, Kind, Lives};
use super::{Bench, CommandError, Figure, Server};

const RELAXED: [(&str, &str); 1] = [("RINGBACK_STORE_DURABILITY", "relaxed")];

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let kinds = [
        ("with everything", Kind::WHOLE),
        ("without a key", Kind { keyed: false, ..Kind::WHOLE }),
        ("without a recorded step", Kind { function: "bench-bare", ..Kind::WHOLE }),
        ("without a callback", Kind { called_back: false, ..Kind::WHOLE }),
        ("with nothing but the execution", Kind { function: "bench-bare", keyed: false, called_back: false, ..Kind::WHOLE }),
    ];
    let mut figures = Vec::new();
    let mut whole = None;
    let servers = [Server::start(&bench.database).await?];
    lives::warm_up(bench, &servers).await?;
    for (name, kind) in kinds {
        let lives = lives::run(bench, &servers, &kind, bench.seconds).await?;
        figures.extend(beside(&mut whole, name, &lives));
    }
    for server in servers {
        server.stop().await?;
    }
    let servers = [Server::start_with(&bench.database, &RELAXED).await?];
    lives::warm_up(bench, &servers).await?;
    let lives = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
    figures.extend(beside(&mut whole, "with everything, durability relaxed", &lives));
    for server in servers {
        server.stop().await?;
    }
    Ok(figures)
}

fn beside(whole: &mut Option<f64>, name: &str, lives: &Lives) -> [Figure; 2] {
    let whole = *whole.get_or_insert(lives.per_second);
    [
        Figure::new(format!("life cycles {name}"), lives.per_second, "/s").beside(whole),
        Figure::new(format!("CPU of server and database {name}"), lives.cpu_us[0] + lives.cpu_us[1], "µs each"),
    ]
}
