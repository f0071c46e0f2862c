//! A middleware that counts the application's own requests.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    middleware::{Next, from_fn},
};
use health_core::{Management, RequestInFlight};

use super::is_to_an_endpoint;

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
pub fn metrics<S, B>(
    management: &Management,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
+ use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let metrics = management.http_metrics().clone();
    from_fn(move |request: ServiceRequest, next: Next<B>| {
        let in_flight =
            (!is_to_an_endpoint(&request)).then(|| metrics.begin(request.method().as_str()));
        async move {
            let answer = next.call(request).await;
            if let Some(in_flight) = in_flight {
                end(in_flight, &answer);
            }
            answer
        }
    })
}

fn end<B>(mut in_flight: RequestInFlight, answer: &Result<ServiceResponse<B>, Error>) {
    let status = match answer {
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
