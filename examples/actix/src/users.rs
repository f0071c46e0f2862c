//! The service `users`: `GET /users/{id}` and the management endpoints.

use actix_web::{
    HttpResponse, get,
    web::{Data, Path, ServiceConfig},
};
use example_shared::{BoxError, Serving, Users};

use crate::serve;

pub(crate) async fn serve(users: Users, serving: Serving) -> Result<(), BoxError> {
    let management = users.management().clone();
    let pages = move |config: &mut ServiceConfig| {
        config.app_data(Data::new(users.clone())).service(user);
    };
    serve::run(pages, &management, serving).await
}

#[get("/users/{id}")]
async fn user(users: Data<Users>, id: Path<u32>) -> HttpResponse {
    match users.user(*id) {
        Some(user) => HttpResponse::Ok().json(user),
        None => HttpResponse::NotFound().finish(),
    }
}
