//! The service `users`: `GET /users/<id>` and the management endpoints.

use example_shared::{BoxError, Serving, Users};
use rocket::{
    Build, Rocket, State, get, routes,
    serde::json::{Json, Value},
};

use crate::serve;

pub(crate) async fn serve(users: Users, serving: Serving) -> Result<(), BoxError> {
    let management = users.management().clone();
    let pages = |rocket: Rocket<Build>| rocket.manage(users).mount("/", routes![user]);
    serve::run(pages, &management, serving).await
}

#[get("/users/<id>")]
fn user(id: u32, users: &State<Users>) -> Option<Json<Value>> {
    users.user(id).map(Json)
}
