//! How soon a batch's commit may be sent, by what the batches before it have met.
//! Never changes what is written, only how often it is looked at on the way.

/// How many batches stay careful after one that met what most never meet: who waits for an execution may wait for more, and who
/// sends a call twice may send more.
const FOR_BATCHES: u32 = 64;

/// What is looked at before the next statement is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// Nothing: rows and commit are one flight, and the database breaks off where a row is not as it should be.
    None,
    /// What the rows came to, before the commit.
    Rows,
    /// Whether the keys of the calls are free, before anything else is written, and then the rows.
    Keys,
}

/// A writer's memory of what was met.
#[derive(Debug, Default)]
pub struct Caution {
    rows: u32,
    keys: u32,
}

impl Caution {
    /// The care that the next batch takes.
    pub fn next(&mut self) -> Care {
        let care = self.now();
        self.rows = self.rows.saturating_sub(1);
        self.keys = self.keys.saturating_sub(1);
        care
    }

    /// What a batch is written again with that was refused under `care`; `None` where more care would show nothing more.
    pub fn after(&self, care: Care) -> Option<Care> {
        Some(self.now()).filter(|now| *now > care)
    }

    /// A batch was met that means something to others, or that is not as its node thinks.
    pub fn rows(&mut self) {
        self.rows = FOR_BATCHES;
    }

    /// A batch has found keys taken.
    pub fn keys(&mut self) {
        self.keys = FOR_BATCHES;
    }

    fn now(&self) -> Care {
        match (self.keys, self.rows) {
            (0, 0) => Care::None,
            (0, _) => Care::Rows,
            _ => Care::Keys,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_makes_the_next_batches_careful_and_then_is_forgotten() {
        let mut caution = Caution::default();
        assert_eq!(caution.next(), Care::None);
        assert_eq!(caution.after(Care::None), None);
        caution.rows();
        assert_eq!(caution.after(Care::None), Some(Care::Rows));
        assert_eq!(caution.after(Care::Rows), None);
        caution.keys();
        assert_eq!(caution.after(Care::Rows), Some(Care::Keys));
        let cares: Vec<Care> = (0..=FOR_BATCHES).map(|_| caution.next()).collect();
        assert!(cares[..cares.len() - 1].iter().all(|care| *care == Care::Keys));
        assert_eq!(cares.last(), Some(&Care::None));
    }
}
