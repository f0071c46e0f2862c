//! The service `orders`: what was ordered, and by whom, which only the service `users` knows.

mod book;
mod users_client;

use std::sync::Arc;

use health_checks::ServiceDependency;
use health_core::{Component, Management, info::BuildInfo};
use serde_json::{Value, json};

use self::{
    book::{Book, Room},
    users_client::UsersClient,
};
use crate::{BoxError, settings::Settings};

/// The service without its web framework; cheap to clone.
#[derive(Clone)]
pub struct Orders {
    management: Management,
    book: Arc<Book>,
    users: UsersClient,
}

impl Orders {
    /// `users` is where the service `users` is, as `host:port`.
    pub(crate) fn new(
        users: &str,
        settings: &Settings,
        build: BuildInfo,
    ) -> Result<Self, BoxError> {
        let book = Arc::new(Book::default());
        let management = settings
            .management("orders", build)
            .check("book", Room(Arc::clone(&book)))
            .component(Component::new("users", ServiceDependency::new(users)?).readiness())
            // The probes of Kubernetes ask /livez, /readyz and /startupz by convention.
            .probe_paths()
            .build()?;
        Ok(Self {
            management,
            book,
            users: UsersClient::new(users)?,
        })
    }

    /// Returns what answers the management endpoints.
    pub fn management(&self) -> &Management {
        &self.management
    }

    /// Answers `GET /orders/{id}`; nothing is returned for an order that is not known.
    ///
    /// # Errors
    /// `users` does not say who the customer is.
    pub async fn order(&self, id: u32) -> Result<Option<Value>, CustomerUnknown> {
        let Some(order) = self.book.order(id) else {
            return Ok(None);
        };
        let name = self.users.name(order.customer).await;
        let name = name.map_err(|_| CustomerUnknown)?;
        Ok(Some(
            json!({ "customer": name, "id": id, "item": order.item }),
        ))
    }
}

/// Says that the name of a customer cannot be had.
#[derive(Clone, Copy, Debug)]
pub struct CustomerUnknown;

impl CustomerUnknown {
    /// Returns the body of a 502.
    pub fn body(self) -> Value {
        json!({ "error": "the customer is not known at the moment" })
    }
}
