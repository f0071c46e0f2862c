//! The endpoints as a fairing.

use rocket::{
    Build, Rocket,
    fairing::{self, Fairing, Info, Kind},
};

use crate::{Endpoints, handler::EndpointHandler, middleware};

#[rocket::async_trait]
impl Fairing for Endpoints {
    fn info(&self) -> Info {
        Info {
            name: "Health endpoints",
            kind: Kind::Ignite,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let handler = EndpointHandler::new(self.clone());
        let catchers = handler.catchers().into_iter();
        let rocket = catchers.fold(rocket, |rocket, (path, catcher)| {
            rocket.register(path, vec![catcher])
        });
        let rocket = rocket.mount("/", self.clone());
        Ok(match middleware::is_used() {
            true => rocket.attach(middleware::log_fairing(self.clone())),
            false => rocket,
        })
    }
}
