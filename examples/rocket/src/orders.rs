//! The service `orders`: `GET /orders/<id>` and the management endpoints.

use example_shared::{BoxError, CustomerUnknown, Orders, Serving};
use rocket::{
    Build, Rocket, State, get,
    http::Status,
    response::status::Custom,
    routes,
    serde::json::{Json, Value},
};

use crate::serve;

pub(crate) async fn serve(orders: Orders, serving: Serving) -> Result<(), BoxError> {
    let management = orders.management().clone();
    let pages = |rocket: Rocket<Build>| rocket.manage(orders).mount("/", routes![order]);
    serve::run(pages, &management, serving).await
}

type BadGateway = Custom<Json<Value>>;

#[get("/orders/<id>")]
async fn order(id: u32, orders: &State<Orders>) -> Result<Option<Json<Value>>, BadGateway> {
    let found = orders.order(id).await;
    let bad_gateway = |unknown: CustomerUnknown| Custom(Status::BadGateway, Json(unknown.body()));
    Ok(found.map_err(bad_gateway)?.map(Json))
}
