//! The application that the file describes, before any framework serves it.

use std::{io, net::SocketAddr};

use health_checks::ServiceDependency;
use health_core::{Builder, Component, DEFAULT_BASE_PATH, Management, ManagementServer};

use crate::{
    fixture::{Fixture, Problems, settle},
    runs::{Counters, Runs},
    scripted::{self, Counted},
    users::Users,
};

/// Holds what the frameworks serve: the management endpoints, and what controls them.
#[derive(Debug)]
pub struct Application {
    pub(crate) management: Management,
    pub(crate) users: Users,
    pub(crate) runs: Runs,
    has_no_log: bool,
}

impl Application {
    /// Makes the application; where checks run in the background, on the runtime of the caller.
    ///
    /// # Errors
    /// Returns everything that is wrong with the fixture, one sentence each.
    pub fn new(fixture: Fixture) -> Result<Self, Vec<String>> {
        let mut problems = Problems::default();
        let mut counters = Counters::new();
        let builder = settle(&fixture, &mut problems);
        let builder = add_checks(builder, &fixture, &mut counters, &mut problems);
        let built = builder.build();
        if let Err(error) = &built {
            error.problems().for_each(|problem| problems.add(problem));
        }
        match (built, problems.into_vec()) {
            (Ok(management), problems) if problems.is_empty() => Ok(Self {
                management,
                users: Users::new(fixture.users),
                runs: Runs::new(counters),
                has_no_log: fixture.no_log,
            }),
            (_, problems) => Err(problems),
        }
    }

    /// Returns the management endpoints.
    pub fn management(&self) -> &Management {
        &self.management
    }

    /// Tells whether successful probes are to leave no line in the access log.
    pub fn has_no_log(&self) -> bool {
        self.has_no_log
    }

    /// Serves the management endpoints on a listener of their own, until what is returned is
    /// dropped.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn serve_management(&self, listen: SocketAddr) -> io::Result<ManagementServer> {
        let users = self.users.clone();
        let server = ManagementServer::builder(&self.management);
        server
            .identify(move |request| users.identify_headers(&request.headers))
            .start(listen)
    }
}

fn add_checks(
    mut builder: Builder,
    fixture: &Fixture,
    counters: &mut Counters,
    problems: &mut Problems,
) -> Builder {
    for (name, spec) in &fixture.checks {
        spec.find_problems(&format!("checks `{name}`"), problems);
        builder = builder.component(scripted::component(name, spec.clone(), counters));
    }
    let base_path = fixture.base_path.as_deref().unwrap_or(DEFAULT_BASE_PATH);
    for (name, address) in &fixture.dependencies {
        match ServiceDependency::new(address) {
            Ok(check) => {
                let runs = counters.entry(name.clone()).or_default().clone();
                let check = check.base_path(base_path);
                builder = builder.component(Component::new(name, Counted { check, runs }));
            }
            Err(error) => problems.add(format!("dependencies `{name}`: {error}")),
        }
    }
    for (name, spec) in &fixture.healthz {
        let place = format!("healthz `{name}`");
        spec.find_problems(&place, problems);
        if spec.components.is_some() || spec.critical.is_some() {
            problems.add(format!("{place}: has neither `components` nor `critical`"));
        }
        // Not counted: the names are apart from those of the components.
        builder = builder.healthz(
            name,
            scripted::check(name, spec.clone(), &mut Counters::new()),
        );
    }
    builder
}
