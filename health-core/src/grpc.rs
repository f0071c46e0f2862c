//! The gRPC health protocol, `grpc.health.v1`, answered from the same endpoints.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::{sync::mpsc, time::timeout};
use tonic::{Request, Response, Status, codegen::tokio_stream::Stream};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_server::{Health, HealthServer},
};

use crate::{Management, Reply, Request as EndpointRequest, management::Inner};

/// How often a watched status is looked at where no transition tells of a change: checks on request
/// run only when somebody asks. As often as a readiness probe by default.
pub const DEFAULT_WATCH_INTERVAL: Duration = Duration::from_secs(5);

/// The shortest distance between two looks at a watched status: a check on request that changes with
/// each run would have itself asked for ever.
pub const WATCH_PAUSE: Duration = Duration::from_millis(100);

/// Makes the gRPC service, to be added to a tonic server.
///
/// The empty service name means `/health`; others are names of groups (`readiness`) or of
/// components, as they stand below `/health` in the eyes of somebody anonymous. SERVING is what is
/// answered there with a success, and NOT_SERVING everything else. A name that is not there is
/// NOT_FOUND for `Check` and SERVICE_UNKNOWN for `Watch`.
///
/// Source: gRPC Health Checking Protocol.
///
/// ```no_run
/// # async fn serve(management: health_core::Management) -> Result<(), Box<dyn std::error::Error>> {
/// tonic::transport::Server::builder()
///     .add_service(health_core::grpc::service(&management))
///     .serve("0.0.0.0:50051".parse()?)
///     .await?;
/// # Ok(())
/// # }
/// ```
pub fn service(management: &Management) -> HealthServer<HealthService> {
    HealthServer::new(HealthService {
        management: management.clone(),
    })
}

/// Answers `grpc.health.v1.Health`.
#[derive(Clone)]
pub struct HealthService {
    management: Management,
}

impl fmt::Debug for HealthService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthService")
            .field("management", &self.management)
            .finish()
    }
}

fn ask(management: &Management, service: &str) -> Reply {
    let path = match service {
        "" => "/health".to_owned(),
        name => format!("/health/{}", escape(name)),
    };
    let headers = HeaderMap::new();
    management.respond(&EndpointRequest::new("GET", &path, &headers).below_base(&path))
}

fn serving_status(code: StatusCode) -> Option<ServingStatus> {
    match code {
        StatusCode::NOT_FOUND => None,
        code if code.is_success() => Some(ServingStatus::Serving),
        _ => Some(ServingStatus::NotServing),
    }
}

/// Keeps the slashes between the names of a composite and its component.
fn escape(name: &str) -> String {
    let segments: Vec<String> = name
        .split('/')
        .map(|segment| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string())
        .collect();
    segments.join("/")
}

#[tonic::async_trait]
impl Health for HealthService {
    type WatchStream = WatchStream;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        match serving_status(ask(&self.management, &service).await.status()) {
            Some(status) => Ok(Response::new(HealthCheckResponse {
                status: status.into(),
            })),
            None => Err(Status::not_found(
                "there is no group and no component of this name",
            )),
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<WatchStream>, Status> {
        let (sender, statuses) = mpsc::channel(1);
        let service = request.into_inner().service;
        tokio::spawn(watch(Arc::downgrade(&self.management.0), service, sender));
        Ok(Response::new(WatchStream(statuses)))
    }
}

/// Sends the status at once and then each time it changes, until nobody listens or there is nothing
/// left to ask.
async fn watch(management: Weak<Inner>, service: String, sender: mpsc::Sender<ServingStatus>) {
    let mut sent = None;
    while let Some(inner) = management.upgrade() {
        let management = Management(inner);
        let mut changes = management.watch();
        let reply = ask(&management, &service);
        drop(management);
        let status = serving_status(reply.await.status()).unwrap_or(ServingStatus::ServiceUnknown);
        if sent != Some(status) && sender.send(status).await.is_err() {
            return;
        }
        sent = Some(status);
        let change = either(changes.changed(), sender.closed());
        _ = timeout(DEFAULT_WATCH_INTERVAL, change).await;
        _ = timeout(WATCH_PAUSE, sender.closed()).await;
        if sender.is_closed() {
            return;
        }
    }
}

/// Waits for the first of two futures.
async fn either(a: impl Future, b: impl Future) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    std::future::poll_fn(|cx| {
        let is_over = a.as_mut().poll(cx).is_ready() || b.as_mut().poll(cx).is_ready();
        if is_over {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// The answers to one `Watch`.
#[derive(Debug)]
pub struct WatchStream(mpsc::Receiver<ServingStatus>);

impl Stream for WatchStream {
    type Item = Result<HealthCheckResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let answer = |status: ServingStatus| {
            Ok(HealthCheckResponse {
                status: status.into(),
            })
        };
        self.0.poll_recv(cx).map(|status| status.map(answer))
    }
}
