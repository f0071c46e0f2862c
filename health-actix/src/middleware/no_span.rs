//! Keeps successful probes out of traces.

use std::rc::Rc;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use health_core::Management;

use super::{LocalFuture, is_left_out, is_to_an_endpoint};

/// Wraps a middleware that opens a span for each request, so that successful probes have none.
///
/// Whoever exports spans gets each one that was opened, and whether a probe succeeds is known only
/// when it has been answered. So the middleware, such as `TracingLogger` of tracing-actix-web,
/// learns of a probe when that has failed, and is handed the answer at once:
///
/// - The span of a failed probe has the fields of any other, but it lasts only as long as sending
///   the answer takes, not as long as the checks took.
/// - What the middleware leaves in the extensions of a request, such as a request id, is not there
///   while a probe is answered.
/// - An error that a middleware further in returns instead of an answer has no span, nor has a probe
///   whose client leaves before the answer.
///
/// All other requests go through the middleware as ever, and so do probes while
/// [`Management::no_log`] is switched off. A logger that writes when a request has been answered
/// goes into [`no_log`](crate::no_log), which keeps its times true; where both are used, each counts
/// the probes that it leaves out.
///
/// ```
/// use actix_web::App;
/// # use health_actix::Management;
/// use tracing_actix_web::TracingLogger;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app = App::new()
///     .service(health_actix::endpoints(&management))
///     .wrap(health_actix::no_span(&management, TracingLogger::default()));
/// # Ok(())
/// # }
/// ```
pub fn no_span<M>(management: &Management, tracer: M) -> NoSpan<M> {
    NoSpan {
        management: management.clone(),
        tracer,
    }
}

/// The middleware that [`no_span`] makes.
#[derive(Clone, Debug)]
pub struct NoSpan<M> {
    management: Management,
    tracer: M,
}

impl<S, M, B, T> Transform<S, ServiceRequest> for NoSpan<M>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    M: Transform<Traced<S>, ServiceRequest, Response = ServiceResponse<T>, Error = Error>,
    M::Future: 'static,
    M::Transform: 'static,
    B: MessageBody + 'static,
    T: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<T, B>>;
    type Error = Error;
    type Transform = NoSpanService<S, M::Transform>;
    type InitError = M::InitError;
    type Future = LocalFuture<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let service = Rc::new(service);
        let tracer = self.tracer.new_transform(Traced {
            service: Rc::clone(&service),
        });
        let management = self.management.clone();
        Box::pin(async move {
            Ok(NoSpanService {
                management,
                service,
                tracer: Rc::new(tracer.await?),
            })
        })
    }
}

/// The middleware, and the application behind it.
#[doc(hidden)]
pub struct NoSpanService<S, T> {
    management: Management,
    service: Rc<S>,
    tracer: Rc<T>,
}

impl<S, T, B, U> Service<ServiceRequest> for NoSpanService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T: Service<ServiceRequest, Response = ServiceResponse<U>, Error = Error> + 'static,
    B: 'static,
    U: 'static,
{
    type Response = ServiceResponse<EitherBody<U, B>>;
    type Error = Error;
    type Future = LocalFuture<Result<Self::Response, Error>>;

    forward_ready!(tracer);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if !self.management.no_log().is_enabled() || !is_to_an_endpoint(&request) {
            let traced = self.tracer.call(request);
            return Box::pin(async { Ok(traced.await?.map_into_left_body()) });
        }
        let management = self.management.clone();
        let tracer = Rc::clone(&self.tracer);
        let answering = self.service.call(request);
        Box::pin(async move {
            let answer = answering.await?;
            if is_left_out(&management, &answer) {
                return Ok(answer.map_into_right_body());
            }
            let (request, answer) = answer.into_parts();
            request.extensions_mut().insert(Prepared(answer));
            let traced = tracer.call(ServiceRequest::from_request(request));
            Ok(traced.await?.map_into_left_body())
        })
    }
}

/// The answer to a request, in its extensions.
struct Prepared<B>(HttpResponse<B>);

/// The application, as the middleware sees it: what has been answered is not asked again.
#[doc(hidden)]
pub struct Traced<S> {
    service: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for Traced<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalFuture<Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let prepared = request.extensions_mut().remove::<Prepared<B>>();
        match prepared {
            Some(Prepared(answer)) => {
                let (request, _) = request.into_parts();
                Box::pin(async { Ok(ServiceResponse::new(request, answer)) })
            }
            None => Box::pin(self.service.call(request)),
        }
    }
}
