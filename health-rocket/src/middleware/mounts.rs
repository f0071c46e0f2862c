//! Where an application has mounted the endpoints.

use std::{collections::BTreeSet, sync::OnceLock};

use rocket::{Orbit, Request, Rocket};

use crate::{endpoints::ROUTE_NAME, translate};

/// The mount points of the endpoints, found when the first request comes.
#[derive(Debug, Default)]
pub(super) struct Mounts(OnceLock<BTreeSet<String>>);

impl Mounts {
    /// Tells whether a request is to an endpoint: whether there is one at its path below a mount.
    pub(super) fn lead(&self, request: &Request<'_>, has_path: impl Fn(&str) -> bool) -> bool {
        let path = request.uri().path().as_str();
        let mounts = self.0.get_or_init(|| mounts(request.rocket()));
        let mut below = mounts
            .iter()
            .filter_map(|mount| translate::below_mount(path, mount));
        below.any(has_path)
    }
}

fn mounts(rocket: &Rocket<Orbit>) -> BTreeSet<String> {
    let is_ours = |route: &&rocket::Route| route.name.as_deref() == Some(ROUTE_NAME);
    let routes = rocket.routes().filter(is_ours);
    routes.map(|route| route.uri.base().to_owned()).collect()
}
