//! Whole life cycles with one, two and three servers on one database, all on this machine.
//! Never on a file, which has one server.

use super::lives::{self, Kind};
use super::{Bench, CommandError, Figure, Server, as_f64};

const NODES: usize = 3;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    if !bench.database.is_postgres() {
        return Ok(Vec::new());
    }
    let (mut figures, mut servers, mut alone) = (Vec::new(), Vec::new(), None);
    for nodes in 1..=NODES {
        servers.push(Server::start(&bench.database).await?);
        lives::warm_up(bench, &servers).await?;
        let lives = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
        let when = if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") };
        let one = *alone.get_or_insert(lives.per_second);
        figures.push(Figure::new(format!("life cycles, {when}"), lives.per_second, "/s").beside(one));
        figures.extend(lives.figures(&when));
        figures.push(Figure::new(format!("callbacks that came twice, {when}"), as_f64(lives.twice), "").at_most(0.0));
    }
    for server in servers {
        server.kill().await?;
    }
    Ok(figures)
}
