//! The service `users`: `GET /users/{id}` and the management endpoints.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use example_shared::{BoxError, Serving, Users};

use crate::serve;

pub(crate) async fn serve(users: Users, serving: Serving) -> Result<(), BoxError> {
    let management = users.management().clone();
    let pages = Router::new()
        .route("/users/{id}", get(user))
        .with_state(users);
    serve::run(pages, &management, serving).await
}

async fn user(State(users): State<Users>, Path(id): Path<u32>) -> Response {
    match users.user(id) {
        Some(user) => Json(user).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
