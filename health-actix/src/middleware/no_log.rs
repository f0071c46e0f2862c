//! Keeps successful probes out of the access log.

use std::{
    cell::RefCell,
    pin::Pin,
    ptr,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use health_core::Management;
use pin_project_lite::pin_project;

use super::{LocalFuture, is_left_out};

/// Wraps a logger so that successful probes leave no line, and all else is logged as ever.
///
/// The logger is any middleware that writes when a request has been answered: the application's
/// own `middleware::Logger`, or one of its own making. It sees each request when it comes, so that
/// the times and sizes of a probe that fails are true; where a probe is left out, the logger's future
/// is dropped while it waits for the answer. A middleware that opens a span when a
/// request comes goes into [`no_span`](crate::no_span) instead.
///
/// A probe is a request that [`endpoints`](crate::endpoints) answered, whatever its path. It is
/// successful with status 200. [`Management::no_log`] switches this off and on at run time.
///
/// ```
/// use actix_web::{App, middleware::Logger};
/// # use health_actix::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app = App::new()
///     .service(health_actix::endpoints(&management))
///     .wrap(health_actix::no_log(&management, Logger::default()));
/// # Ok(())
/// # }
/// ```
pub fn no_log<M>(management: &Management, logger: M) -> NoLog<M> {
    NoLog {
        management: management.clone(),
        logger,
    }
}

/// The middleware that [`no_log`] makes.
#[derive(Clone, Debug)]
pub struct NoLog<M> {
    management: Management,
    logger: M,
}

/// The place where a left-out answer goes past the logger.
///
/// To the logger the answer never comes; whoever polls the logger finds the answer here. An answer is
/// put here only while the logger of its own request is being polled, so that none can be mixed up.
type Bypass<B> = Rc<RefCell<State<B>>>;

enum State<B> {
    Closed,
    /// The logger of this request is being polled.
    Open(RequestId),
    Taken(ServiceResponse<B>),
}

/// Where the head of a request lies in memory: it stays there as long as the request exists.
type RequestId = usize;

fn id(request: &HttpRequest) -> RequestId {
    ptr::from_ref(request.head()).addr()
}

impl<S, M, B, L> Transform<S, ServiceRequest> for NoLog<M>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    M: Transform<Logged<S, B>, ServiceRequest, Response = ServiceResponse<L>, Error = Error>,
    M::Future: 'static,
    B: MessageBody + 'static,
    L: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<L, B>>;
    type Error = Error;
    type Transform = NoLogService<M::Transform, B>;
    type InitError = M::InitError;
    type Future = LocalFuture<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let bypass = Rc::new(RefCell::new(State::Closed));
        let logged = Logged {
            service,
            management: self.management.clone(),
            bypass: Rc::clone(&bypass),
        };
        let logger = self.logger.new_transform(logged);
        Box::pin(async move {
            Ok(NoLogService {
                logger: logger.await?,
                bypass,
            })
        })
    }
}

/// The logger with the bypass around it.
#[doc(hidden)]
pub struct NoLogService<T, B> {
    logger: T,
    bypass: Bypass<B>,
}

impl<T, B, L> Service<ServiceRequest> for NoLogService<T, B>
where
    T: Service<ServiceRequest, Response = ServiceResponse<L>, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<L, B>>;
    type Error = Error;
    type Future = NoLogFuture<T::Future, B>;

    forward_ready!(logger);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let id = id(request.request());
        NoLogFuture {
            logging: self.logger.call(request),
            id,
            bypass: Rc::clone(&self.bypass),
        }
    }
}

pin_project! {
    /// The future of the logger with the bypass around it.
    #[doc(hidden)]
    pub struct NoLogFuture<F, B> {
        #[pin]
        logging: F,
        id: RequestId,
        bypass: Bypass<B>,
    }
}

impl<F, B, L> Future for NoLogFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<L>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<L, B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.bypass.replace(State::Open(*this.id));
        let polled = this.logging.poll(cx);
        match this.bypass.replace(State::Closed) {
            State::Taken(answer) => Poll::Ready(Ok(answer.map_into_right_body())),
            _ => polled.map_ok(ServiceResponse::map_into_left_body),
        }
    }
}

/// The application, as the logger sees it.
#[doc(hidden)]
pub struct Logged<S, B> {
    service: S,
    management: Management,
    bypass: Bypass<B>,
}

impl<S, B> Service<ServiceRequest> for Logged<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LoggedFuture<S::Future, B>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        LoggedFuture {
            answering: Some(self.service.call(request)),
            management: self.management.clone(),
            bypass: Rc::clone(&self.bypass),
        }
    }
}

pin_project! {
    /// The future of the application, as the logger sees it.
    #[doc(hidden)]
    pub struct LoggedFuture<F, B> {
        #[pin]
        answering: Option<F>,
        management: Management,
        bypass: Bypass<B>,
    }
}

impl<F, B> Future for LoggedFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<B>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(answering) = this.answering.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let answer = ready!(answering.poll(cx))?;
        let is_open =
            matches!(*this.bypass.borrow(), State::Open(open) if open == id(answer.request()));
        if !(is_open && is_left_out(this.management, &answer)) {
            return Poll::Ready(Ok(answer));
        }
        this.answering.set(None);
        this.bypass.replace(State::Taken(answer));
        Poll::Pending
    }
}
