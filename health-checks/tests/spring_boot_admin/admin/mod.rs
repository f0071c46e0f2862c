//! A server that takes registrations and looks at instances as Spring Boot Admin 3 does.
//!
//! What Spring Boot Admin does in intervals of 10 and 60 seconds, tests ask for by
//! [`Admin::refresh`].

mod endpoints;
mod registration;
mod status;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, post},
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, time::timeout};

pub(crate) use self::{registration::Registration, status::StatusInfo};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Admin {
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
    shared: Shared,
}

type Shared = Arc<watch::Sender<Known>>;

/// What the admin knows, and what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Known {
    pub(crate) instances: BTreeMap<String, Instance>,
    pub(crate) events: Vec<&'static str>,
    pub(crate) asked: Vec<Asked>,
    /// Answers in the place of the admin where it returns something.
    pub(crate) proxy: Option<fn(&Asked) -> Option<Response>>,
    /// How long a registration takes.
    pub(crate) delay: Duration,
    /// Stands before the ids, as with another way to make them.
    pub(crate) id_prefix: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) registration: Registration,
    pub(crate) status: StatusInfo,
    pub(crate) groups: Vec<String>,
    pub(crate) endpoints: BTreeMap<String, String>,
    pub(crate) info: Value,
}

impl Known {
    pub(crate) fn count(&self, method: &Method) -> usize {
        let asked = self.asked.iter();
        asked.filter(|asked| asked.method == method).count()
    }

    /// Returns the only instance.
    pub(crate) fn instance(&self) -> &Instance {
        assert_eq!(self.instances.len(), 1, "{:?}", self.instances);
        self.instances.values().next().unwrap()
    }
}

impl Admin {
    pub(crate) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let shared: Shared = Arc::default();
        let app = Router::new()
            .route("/instances", post(register))
            .route("/instances/{id}", delete(deregister))
            .layer(middleware::from_fn_with_state(Arc::clone(&shared), note))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_backend_preconfigured(no_tls());
        Self {
            address,
            client: client.build().unwrap(),
            shared,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn known(&self) -> Known {
        self.shared.borrow().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Known)) {
        self.shared.send_modify(change);
    }

    /// Waits until it knows, or was asked, something.
    pub(crate) async fn until(&self, is_reached: impl Fn(&Known) -> bool) -> Known {
        let mut changes = self.shared.subscribe();
        let reached = changes.wait_for(|known| is_reached(known));
        match timeout(PATIENCE, reached).await {
            Ok(known) => known.unwrap().clone(),
            Err(_) => panic!("not reached, asked: {:?}", self.known().asked),
        }
    }

    /// Waits for so many further requests.
    pub(crate) async fn until_asked(&self, more: usize, method: Method) -> Known {
        let before = self.known().count(&method);
        self.until(|known| known.count(&method) >= before + more)
            .await
    }

    /// Looks at the only instance: its status, then its endpoints, then its info.
    pub(crate) async fn refresh(&self) -> Instance {
        let known = self.known();
        let mut instance = known.instance().clone();
        let Registration { health_url, .. } = &instance.registration;
        let user = instance.registration.user();
        let polled = status::poll(self.get(health_url, user.as_ref())).await;
        instance.status = polled.status;
        instance.groups = polled.groups;
        if !["OFFLINE", "UNKNOWN"].contains(&instance.status.code.as_str()) {
            instance.endpoints = endpoints::detect(&self.client, &instance.registration).await;
            if let Some(url) = instance.endpoints.get("info") {
                instance.info = self.info(url, user.as_ref()).await;
            }
        }
        let (id, refreshed) = (known.instances.keys().next().unwrap(), instance.clone());
        self.change(|known| _ = known.instances.insert(id.clone(), refreshed));
        instance
    }

    async fn info(&self, url: &str, user: Option<&(String, String)>) -> Value {
        let answer = self.get(url, user).send().await.unwrap();
        if !answer.status().is_success() || !status::is_json(answer.headers()) {
            return json!({});
        }
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Asks for one group of the only instance, as the page of the admin does when it is opened.
    pub(crate) async fn group(&self, name: &str) -> Value {
        let known = self.known();
        let registration = &known.instance().registration;
        let url = format!("{}/{name}", registration.health_url);
        let request = self.get(&url, registration.user().as_ref());
        let answer = request.send().await.unwrap();
        assert!(status::is_json(answer.headers()), "{answer:?}");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    fn get(&self, url: &str, user: Option<&(String, String)>) -> reqwest::RequestBuilder {
        let request = self.client.get(url).header("accept", status::ACCEPT);
        match user {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        }
    }
}

fn no_tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// Notes each request when it has been answered.
async fn note(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let asked = Asked {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        headers: request.headers().clone(),
    };
    let answer = shared.borrow().proxy.and_then(|proxy| proxy(&asked));
    let response = match answer {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    shared.send_modify(|known| known.asked.push(asked));
    response
}

async fn register(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind != "application/json")
    {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Some(registration) = Registration::read(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let delay = shared.borrow().delay;
    tokio::time::sleep(delay).await;
    let mut id = id_of(&registration.health_url);
    shared.send_modify(|known| {
        id.insert_str(0, known.id_prefix);
        let event = match known.instances.get_mut(&id) {
            None => "REGISTERED",
            Some(same) if same.registration == registration => return,
            Some(_) => "REGISTRATION_UPDATED",
        };
        known.events.push(event);
        let instance = Instance {
            registration,
            status: StatusInfo::unknown(),
            groups: Vec::new(),
            endpoints: BTreeMap::new(),
            info: json!({}),
        };
        known.instances.insert(id.clone(), instance);
    });
    let location = format!("/instances/{id}");
    let body = Body::from(json!({ "id": id }).to_string());
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::LOCATION, &location),
    ];
    (StatusCode::CREATED, headers, body).into_response()
}

async fn deregister(
    State(shared): State<Shared>,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> StatusCode {
    let mut removed = None;
    shared.send_modify(|known| removed = known.instances.remove(&id));
    match removed {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

pub(crate) fn id_of(health_url: &str) -> String {
    let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, health_url.as_bytes());
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    hex[..12].to_owned()
}

/// Compares with what `sha1sum` says of the URL.
#[test]
fn the_id_is_that_of_the_health_url() {
    assert_eq!(
        id_of("http://localhost:8080/actuator/health"),
        "a973ff14be49"
    );
}
