//! The orders, and the check that there is room for more.

use std::{collections::BTreeMap, sync::Arc};

use health_core::{Check, CheckResult, Health, async_trait};

/// How many orders the book holds, inclusive.
const CAPACITY: usize = 100;

/// Keeps the orders by number.
pub(super) struct Book(BTreeMap<u32, Order>);

/// Holds what was ordered, and the number of the user who did.
pub(super) struct Order {
    pub(super) item: &'static str,
    pub(super) customer: u32,
}

impl Book {
    pub(super) fn order(&self, id: u32) -> Option<&Order> {
        self.0.get(&id)
    }
}

impl Default for Book {
    fn default() -> Self {
        Self(BTreeMap::from([
            (
                1,
                Order {
                    item: "lamp",
                    customer: 2,
                },
            ),
            (
                2,
                Order {
                    item: "desk",
                    customer: 1,
                },
            ),
        ]))
    }
}

/// Checks that the book has room.
pub(super) struct Room(pub(super) Arc<Book>);

#[async_trait]
impl Check for Room {
    async fn check(&self) -> CheckResult {
        let orders = self.0.0.len();
        let health = if orders < CAPACITY {
            Health::up()
        } else {
            Health::out_of_service()
        };
        Ok(health.detail("orders", orders).detail("capacity", CAPACITY))
    }
}
