//! Who sees components and details.

/// Says who sees the components of an answer, or their details.
///
/// What is hidden is left out; the HTTP code is that of the real status in every case.
/// Source: Spring Boot `Show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Show {
    /// Nobody.
    Never,
    /// Who is known and, where roles are set, has one of them.
    WhenAuthorized,
    /// Everybody.
    Always,
}

/// Holds who asks, as the application's own authentication found it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    roles: Vec<String>,
}

impl Identity {
    /// Makes the identity of somebody known, without roles.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a role; roles are compared letter for letter.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }
}

/// What an endpoint or group shows, and to which roles.
#[derive(Clone, Debug)]
pub(crate) struct Visibility {
    pub(crate) components: Show,
    pub(crate) details: Show,
    pub(crate) roles: Vec<String>,
}

/// What one request sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shown {
    pub(crate) components: bool,
    pub(crate) details: bool,
}

impl Visibility {
    pub(crate) fn for_identity(&self, identity: Option<&Identity>) -> Shown {
        let is_authorized = identity.is_some_and(|identity| {
            self.roles.is_empty() || self.roles.iter().any(|role| identity.roles.contains(role))
        });
        let applies = |show| match show {
            Show::Never => false,
            Show::WhenAuthorized => is_authorized,
            Show::Always => true,
        };
        Shown {
            components: applies(self.components),
            details: applies(self.details),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_decide_only_when_there_are_some() {
        let admin = Identity::new().role("admin");
        let nobody = Identity::new();
        let cases = [
            ("never", Show::Never, &[][..], Some(&admin), false),
            ("always", Show::Always, &["admin"], None, true),
            ("anonymous", Show::WhenAuthorized, &[], None, false),
            ("known", Show::WhenAuthorized, &[], Some(&nobody), true),
            (
                "without the role",
                Show::WhenAuthorized,
                &["admin"],
                Some(&nobody),
                false,
            ),
            (
                "with the role",
                Show::WhenAuthorized,
                &["ops", "admin"],
                Some(&admin),
                true,
            ),
        ];
        for (name, show, roles, identity, seen) in cases {
            let visibility = Visibility {
                components: Show::Never,
                details: show,
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            };
            assert_eq!(visibility.for_identity(identity).details, seen, "{name}");
        }
    }
}
