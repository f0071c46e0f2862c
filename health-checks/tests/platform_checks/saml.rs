//! SAML: what metadata and certificates mean.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{Router, extract::Path, http::StatusCode, routing::get};
use check_testing::{Authority, Mode, Relay, eventually, free_port};
use health_checks::platform::SERVER_CHECK_DEADLINE;
use serde_json::Value;

use crate::asked::{Application, PASSWORD, USER};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const ENTITY: &str = "https://idp.example/metadata";

/// Returns a certificate that begins and ends so many days from now, as it stands in metadata.
fn certificate(from: i32, to: i32) -> String {
    let at = |days: i32| match u32::try_from(days) {
        Ok(days) => SystemTime::now() + DAY * days + DAY / 2,
        Err(_) => SystemTime::now() - DAY * days.unsigned_abs(),
    };
    let identity = Authority::new("idp").sign_with(&["idp.example"], |params| {
        params.not_before = at(from).into();
        params.not_after = at(to).into();
    });
    let lines = identity.certificate.lines();
    lines.filter(|line| !line.starts_with('-')).collect()
}

fn key(usage: &str, certificate: &str) -> String {
    format!(
        "<md:KeyDescriptor{usage}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{certificate}\n\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
}

fn metadata(entity: &str, keys: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{entity}\">\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}\
         </md:IDPSSODescriptor></md:EntityDescriptor>",
        keys.concat()
    )
}

type Documents = Arc<Mutex<BTreeMap<String, String>>>;

async fn provider() -> (SocketAddr, Documents) {
    let documents = Documents::default();
    let served = Arc::clone(&documents);
    let answer = move |Path(name): Path<String>| {
        let document = served.lock().unwrap().get(&name).cloned();
        async move { document.ok_or(StatusCode::NOT_FOUND) }
    };
    let app = Router::new().route("/{name}", get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, documents)
}

fn application(url: Option<String>, certificate: &str) -> Application {
    Application::of(&[
        ("SAML_ENTITY_ID", ENTITY.to_owned()),
        ("SAML_METADATA_URL", url.unwrap_or_default()),
        ("SAML_SIGNING_CERTIFICATE", certificate.to_owned()),
    ])
}

async fn judged(application: &Application) -> Value {
    let mut health = Value::Null;
    eventually("it was asked", SERVER_CHECK_DEADLINE * 2, async || {
        health = application.health("saml").await;
        health["details"]["entityId"].is_string()
    })
    .await;
    health
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_certificates_are_judged() {
    let (address, documents) = provider().await;
    let [good, next, soon, old, later] = [
        certificate(-1, 100),
        certificate(-1, 200),
        certificate(-1, 5),
        certificate(-10, -1),
        certificate(1, 100),
    ];
    let signing = |certificate: &str| key(" use=\"signing\"", certificate);
    let encryption = key(" use=\"encryption\"", &soon);
    let of = |keys: &[String]| metadata(ENTITY, keys);
    let both = format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{}{}</md:EntitiesDescriptor>",
        metadata("other", &[signing(&old)]),
        of(&[signing(&good)])
    )
    .replace("<?xml version=\"1.0\"?>\n", "");
    let hidden = "s3cret";
    let cases = [
        ("fresh", Some(of(&[signing(&good)])), "", "UP", ""),
        (
            "known",
            Some(of(&[signing(&good)])),
            good.as_str(),
            "UP",
            "",
        ),
        ("for all uses", Some(of(&[key("", &good)])), "", "UP", ""),
        (
            "next one announced",
            Some(of(&[signing(&soon), signing(&next)])),
            "",
            "UP",
            "",
        ),
        (
            "encryption ends",
            Some(of(&[signing(&good), encryption])),
            "",
            "UP",
            "",
        ),
        ("among others", Some(both), "", "UP", ""),
        ("alone", None, &good, "UP", ""),
        (
            "ends soon",
            Some(of(&[signing(&soon)])),
            "",
            "DEGRADED",
            "expires in 5 days",
        ),
        (
            "known ends soon",
            Some(of(&[signing(&soon), signing(&next)])),
            &soon,
            "DEGRADED",
            "expires in 5 days",
        ),
        (
            "alone ends soon",
            None,
            &soon,
            "DEGRADED",
            "expires in 5 days",
        ),
        (
            "expired",
            Some(of(&[signing(&old)])),
            "",
            "DOWN",
            "has expired",
        ),
        ("alone expired", None, &old, "DOWN", "has expired"),
        (
            "not yet",
            Some(of(&[signing(&later)])),
            "",
            "DOWN",
            "not valid yet",
        ),
        (
            "changed",
            Some(of(&[signing(&next)])),
            &good,
            "DEGRADED",
            "signs with another one",
        ),
        (
            "of another",
            Some(metadata("other", &[signing(&good)])),
            "",
            "DEGRADED",
            "not those of",
        ),
        (
            "no certificate",
            Some(of(&[])),
            "",
            "DOWN",
            "there is no certificate",
        ),
        (
            "broken certificate",
            Some(of(&[signing(hidden)])),
            "",
            "DOWN",
            "cannot be read",
        ),
        ("no XML", Some(hidden.to_owned()), "", "DOWN", "is no XML"),
        ("deep", Some("<a>".repeat(300_000)), "", "DOWN", "is no XML"),
        (
            "deep and whole",
            Some("<a>".repeat(300_000) + &"</a>".repeat(300_000)),
            "",
            "DOWN",
            "",
        ),
        (
            "other XML",
            Some("<html/>".to_owned()),
            "",
            "DOWN",
            "describes no entity",
        ),
        (
            "no provider",
            Some(metadata(ENTITY, &[]).replace("IDPSSO", "SPSSO")),
            "",
            "DOWN",
            "no identity provider",
        ),
        (
            "entities",
            Some(format!(
                "<!DOCTYPE x [<!ENTITY a \"{hidden}\">]>{}",
                of(&[]).replace("<?xml version=\"1.0\"?>\n", "")
            )),
            "",
            "DOWN",
            "is no XML",
        ),
    ];
    for (name, document, certificate, status, reason) in cases {
        let url = document.map(|document| {
            let path = name.replace(' ', "-");
            let url = format!("http://{address}/{path}");
            documents.lock().unwrap().insert(path, document);
            url
        });
        let application = application(url, certificate);
        let health = judged(&application).await;
        let error = health["details"]["error"].as_str().unwrap_or_default();
        assert_eq!(health["status"], status, "{name}: {health}");
        assert!(error.contains(reason), "{name}: {health}");
        assert_eq!(error.is_empty(), status == "UP", "{name}: {health}");
        assert!(!health.to_string().contains(hidden), "{name}: {health}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_have_to_be_there() {
    let (address, documents) = provider().await;
    let good = certificate(-1, 100);
    let document = metadata(ENTITY, &[key("", &good)]);
    documents
        .lock()
        .unwrap()
        .insert("there".to_owned(), document);
    let relay = Relay::to(address);
    let health = async |path: &str| {
        let url = format!("http://{}/{path}", relay.address());
        judged(&application(Some(url), &good)).await
    };
    assert_eq!(health("there").await["status"], "UP");
    let missing = health("missing").await;
    assert_eq!(missing["details"]["error"], "no metadata: answered 404");
    relay.set(Mode::Refuse);
    let refused = health("there").await;
    assert_eq!(refused["status"], "DOWN", "{refused}");
    let error = refused["details"]["error"].as_str().unwrap();
    assert!(error.contains("refused"), "{refused}");
    assert!(refused["details"]["daysLeft"].is_i64(), "{refused}");
}

/// A provider is outside of the platform, where only a proxy may lead.
#[tokio::test(flavor = "multi_thread")]
async fn the_proxies_of_the_platform_are_used() {
    let (address, documents) = provider().await;
    let good = certificate(-1, 100);
    let document = metadata(ENTITY, &[key("", &good)]);
    documents
        .lock()
        .unwrap()
        .insert("there".to_owned(), document);
    let gone = free_port();
    let health = async |host: &str, proxy: String, no_proxy: &str| {
        let application = Application::of(&[
            ("SAML_ENTITY_ID", ENTITY.to_owned()),
            ("SAML_METADATA_URL", format!("http://{host}/there")),
            ("HTTP_PROXY", proxy.clone()),
            ("http_proxy", proxy),
            ("NO_PROXY", no_proxy.to_owned()),
        ]);
        judged(&application).await
    };
    let proxy = format!("http://{USER}:{PASSWORD}@{address}");
    let through = health("idp.invalid", proxy.clone(), "").await;
    assert_eq!(through["status"], "UP", "{through}");
    let beside = health("idp.invalid", proxy, "idp.invalid").await;
    assert_eq!(beside["status"], "DOWN", "{beside}");
    let unused = format!("http://{USER}:{PASSWORD}@127.0.0.1:{gone}/");
    let direct = health(&address.to_string(), unused.clone(), "127.0.0.1").await;
    assert_eq!(direct["status"], "UP", "{direct}");
    let lost = health(&address.to_string(), unused, "").await;
    assert_eq!(lost["status"], "DOWN", "{lost}");
    assert!(!lost.to_string().contains(PASSWORD), "{lost}");
}
