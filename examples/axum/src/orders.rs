//! The service `orders`: `GET /orders/{id}` and the management endpoints.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use example_shared::{BoxError, Orders, Serving};

use crate::serve;

pub(crate) async fn serve(orders: Orders, serving: Serving) -> Result<(), BoxError> {
    let management = orders.management().clone();
    let pages = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(orders);
    serve::run(pages, &management, serving).await
}

async fn order(State(orders): State<Orders>, Path(id): Path<u32>) -> Response {
    match orders.order(id).await {
        Ok(Some(order)) => Json(order).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(unknown) => (StatusCode::BAD_GATEWAY, Json(unknown.body())).into_response(),
    }
}
