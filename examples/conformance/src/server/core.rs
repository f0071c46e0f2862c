//! The application in hyper alone: the endpoint service of health-core, and three handlers.

use std::{
    convert::Infallible,
    future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use health_core::{Endpoints, Identity, Server};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Empty, Full, Limited, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tower_layer::Layer;
use tower_service::Service;

use super::{BoxError, Logging, Running, logging};
use crate::{
    Application,
    pages::{BARE, BARE_TYPE, CONTROL, CONTROL_BODY_LIMIT_BYTES, HELLO, TEXT},
};

type Answer = Response<Full<Bytes>>;
type Body = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Infallible>>;

pub(super) async fn start(
    app: &Arc<Application>,
    logging: Logging,
    listen: SocketAddr,
) -> Result<Running, BoxError> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let site = Site::new(app);
    let task = tokio::spawn(async move {
        serve(listener, &site, logging, stopped).await;
        Ok(())
    });
    Ok(Running::new(address, stop, task))
}

/// Accepts until it is to stop, then ends the requests under way.
async fn serve(
    listener: TcpListener,
    site: &Site,
    logging: Logging,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            // A connection that is gone before it is accepted is nobody's problem.
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                serve_connection(stream, site.clone(), logging, &graceful);
            },
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn serve_connection(stream: TcpStream, site: Site, logging: Logging, graceful: &GracefulShutdown) {
    let service = service_fn(move |request| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(answer(site, logging, request).await) }
    });
    let connection = http1::Builder::new()
        .half_close(true)
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // The client has gone, or spoke no HTTP and has been told so.
        _ = connection.await;
    });
}

/// Answers with an access log around it; a successful probe goes past the log, and the answer to
/// one that failed is handed through it.
async fn answer(site: Site, logging: Logging, request: Request<Incoming>) -> Response<Body> {
    let app = Arc::clone(&site.app);
    let no_log = app.management.no_log();
    let may_be_left_out = logging == Logging::WithoutProbes
        && no_log.is_enabled()
        && app
            .management
            .has_path(request.uri().path(), Server::Application);
    if logging == Logging::Off {
        return site.answer(request).await.map(Either::Left);
    }
    let (parts, body) = request.into_parts();
    let seen = Request::from_parts(parts.clone(), Empty::new());
    let answering = site.answer(Request::from_parts(parts, body));
    if !may_be_left_out {
        return log(seen, answering).await;
    }
    match answering.await {
        answer if no_log.leaves_out(answer.status()) => answer.map(Either::Left),
        answer => log(seen, future::ready(answer)).await,
    }
}

/// Has the trace layer see a request and its answer.
async fn log(
    request: Request<Empty<Bytes>>,
    answering: impl Future<Output = Answer>,
) -> Response<Body> {
    let Ok(answer) = logging::trace_layer()
        .layer(Once(Some(answering)))
        .call(request)
        .await;
    answer.map(|body| Either::Right(body.boxed_unsync()))
}

/// A service that answers once.
struct Once<F>(Option<F>);

impl<F: Future<Output = Answer>> Service<Request<Empty<Bytes>>> for Once<F> {
    type Response = Answer;
    type Error = Infallible;
    type Future = Answering<F>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Empty<Bytes>>) -> Self::Future {
        Answering(self.0.take().map(Box::pin))
    }
}

struct Answering<F>(Option<Pin<Box<F>>>);

impl<F: Future<Output = Answer>> Future for Answering<F> {
    type Output = Result<Answer, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Some(answering) => answering.as_mut().poll(cx).map(Ok),
            None => Poll::Pending,
        }
    }
}

/// Routes as an application without a framework does.
#[derive(Clone)]
struct Site {
    app: Arc<Application>,
    endpoints: Endpoints,
}

impl Site {
    fn new(app: &Arc<Application>) -> Self {
        let endpoints = Endpoints::new(&app.management)
            .identify(|extensions| extensions.get::<Identity>().cloned());
        Self {
            app: Arc::clone(app),
            endpoints,
        }
    }

    async fn answer(mut self, mut request: Request<Incoming>) -> Answer {
        match request.uri().path() {
            "/" => page(request.method(), HELLO, TEXT),
            "/bare" => page(request.method(), BARE, BARE_TYPE),
            path if path.starts_with(CONTROL) => control(&self.app, request).await,
            _ => {
                self.authenticate(&mut request);
                let Ok(answer) = self.endpoints.call(request).await;
                answer.map(Full::new)
            }
        }
    }

    fn authenticate(&self, request: &mut Request<Incoming>) {
        if let Some(identity) = self.app.users.identify_headers(request.headers()) {
            request.extensions_mut().insert(identity);
        }
    }
}

fn page(method: &Method, body: &'static str, content_type: &'static str) -> Answer {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

async fn control(app: &Application, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    match Limited::new(body, CONTROL_BODY_LIMIT_BYTES).collect().await {
        Ok(body) => app
            .control(parts.method.as_str(), parts.uri.path(), &body.to_bytes())
            .map(Full::new),
        Err(_) => empty(StatusCode::PAYLOAD_TOO_LARGE),
    }
}

fn empty(code: StatusCode) -> Answer {
    let mut response = Response::new(Full::default());
    *response.status_mut() = code;
    response
}
