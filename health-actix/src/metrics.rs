//! A middleware that counts the application's own requests.

use std::{
    future::{Ready, ready},
    pin::Pin,
};

use actix_web::{
    Error,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use health_core::{Management, RequestInFlight, Server};

/// Counts and times requests for `/prometheus`, as [`HttpMetrics`](health_core::HttpMetrics) says;
/// requests to the endpoints are left out.
///
/// ```
/// use actix_web::App;
/// # use health_actix::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app = App::new()
///     .service(health_actix::endpoints(&management))
///     .wrap(health_actix::metrics(&management));
/// # Ok(())
/// # }
/// ```
pub fn metrics(management: &Management) -> Metrics {
    Metrics(management.clone())
}

/// The middleware that [`metrics`] makes.
#[derive(Clone, Debug)]
pub struct Metrics(Management);

impl<S, B> Transform<S, ServiceRequest> for Metrics
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = MetricsService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(MetricsService {
            management: self.0.clone(),
            service,
        }))
    }
}

/// The middleware, and the application behind it.
#[doc(hidden)]
#[derive(Debug)]
pub struct MetricsService<S> {
    management: Management,
    service: S,
}

impl<S> MetricsService<S> {
    fn begin(&self, request: &ServiceRequest) -> Option<RequestInFlight> {
        let is_ours = self
            .management
            .has_path(request.uri().path(), Server::Application);
        let metrics = self.management.http_metrics();
        (!is_ours).then(|| metrics.begin(request.method().as_str()))
    }
}

impl<S, B> Service<ServiceRequest> for MetricsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let in_flight = self.begin(&request);
        let answering = self.service.call(request);
        Box::pin(async move {
            let answer = answering.await;
            if let Some(mut in_flight) = in_flight {
                let status = match &answer {
                    Ok(answer) => {
                        if let Some(route) = answer.request().match_pattern() {
                            in_flight.set_handler(route);
                        }
                        answer.status()
                    }
                    Err(error) => error.as_response_error().status_code(),
                };
                in_flight.end(status.as_u16());
            }
            answer
        })
    }
}
