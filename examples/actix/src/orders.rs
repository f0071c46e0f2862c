//! The service `orders`: `GET /orders/{id}` and the management endpoints.

use actix_web::{
    HttpResponse, get,
    web::{Data, Path, ServiceConfig},
};
use example_shared::{BoxError, Orders, Serving};

use crate::serve;

pub(crate) async fn serve(orders: Orders, serving: Serving) -> Result<(), BoxError> {
    let management = orders.management().clone();
    let pages = move |config: &mut ServiceConfig| {
        config.app_data(Data::new(orders.clone())).service(order);
    };
    serve::run(pages, &management, serving).await
}

#[get("/orders/{id}")]
async fn order(orders: Data<Orders>, id: Path<u32>) -> HttpResponse {
    match orders.order(*id).await {
        Ok(Some(order)) => HttpResponse::Ok().json(order),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(unknown) => HttpResponse::BadGateway().json(unknown.body()),
    }
}
