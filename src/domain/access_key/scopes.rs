//! What a key may do.
//! Never a scope that another one implies without saying so here.

/// One thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Start functions; read, await and cancel what this key started.
    Invoke,
    /// Every GET and all status.
    Read,
    /// Everything.
    Manage,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Invoke, Self::Read, Self::Manage];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Read => "read",
            Self::Manage => "manage",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// The scopes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes {
    invoke: bool,
    read: bool,
    manage: bool,
}

impl Scopes {
    pub const ALL: Self = Self { invoke: true, read: true, manage: true };

    /// Whether this scope was given, or `manage`, which is everything.
    pub fn allow(self, scope: Scope) -> bool {
        self.manage || self.has(scope)
    }

    pub fn has(self, scope: Scope) -> bool {
        match scope {
            Scope::Invoke => self.invoke,
            Scope::Read => self.read,
            Scope::Manage => self.manage,
        }
    }

    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope)).map(Scope::as_str)
    }

    /// `invoke,read`, as it is stored.
    pub fn to_text(self) -> String {
        self.words().collect::<Vec<_>>().join(",")
    }

    pub fn parse(text: &str) -> Option<Self> {
        text.split(',').map(|word| Scope::parse(word.trim())).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut all = Self::default();
        for scope in scopes {
            match scope {
                Scope::Invoke => all.invoke = true,
                Scope::Read => all.read = true,
                Scope::Manage => all.manage = true,
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manage_is_everything_and_the_others_are_only_themselves() {
        let scopes = |text| Scopes::parse(text).unwrap();
        for scope in Scope::ALL {
            assert!(scopes("manage").allow(scope));
        }
        assert!(scopes("invoke").allow(Scope::Invoke) && !scopes("invoke").allow(Scope::Read));
        assert!(!scopes("read").allow(Scope::Invoke) && !scopes("invoke,read").allow(Scope::Manage));
    }

    #[test]
    fn scopes_are_stored_as_their_words() {
        assert_eq!(Scopes::parse("read, invoke").map(Scopes::to_text).as_deref(), Some("invoke,read"));
        assert_eq!(Scopes::parse("admin"), None);
    }
}
