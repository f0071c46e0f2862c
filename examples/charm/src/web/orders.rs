//! The application's one page.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use sqlx::{PgPool, Row, postgres::PgRow};

use crate::settings::Settings;

/// Where the page is.
pub(super) const PATH: &str = "/orders";

const LIST: &str =
    "SELECT id, item, done_at IS NOT NULL AS is_done FROM orders ORDER BY id LIMIT $1";

#[derive(Clone)]
struct Orders {
    pool: PgPool,
    settings: Arc<Settings>,
}

/// Makes `/orders`.
pub(super) fn pages(pool: PgPool, settings: Settings) -> Router {
    let settings = Arc::new(settings);
    Router::new()
        .route(PATH, get(list))
        .with_state(Orders { pool, settings })
}

async fn list(State(Orders { pool, settings }): State<Orders>) -> Response {
    let orders = sqlx::query(LIST)
        .bind(settings.page_size)
        .try_map(|row: PgRow| {
            let (id, item, is_done): (i64, String, bool) = (
                row.try_get("id")?,
                row.try_get("item")?,
                row.try_get("is_done")?,
            );
            let item = format!("{} {item}", settings.greeting);
            Ok(json!({"id": id, "item": item, "done": is_done}))
        })
        .fetch_all(&pool)
        .await;
    match orders {
        Ok(orders) => Json(orders).into_response(),
        Err(error) => {
            tracing::error!(%error, "orders cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
