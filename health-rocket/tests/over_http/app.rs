//! The application under test.

use rocket::{Build, Rocket, shield::Shield};

use crate::support::settings;

/// An application of which no answer carries more than its handlers put there.
pub(crate) fn bare() -> Rocket<Build> {
    let settings = settings()
        .merge(("ident", false))
        .merge(("log_level", "off"));
    rocket::custom(settings).attach(Shield::new())
}
