//! A real proxy between the check and its server.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use health_core::Status;
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};

use crate::{
    detail, health, http,
    server::{Refusing, Server, read_head, response},
    tls::{certificate, https, tls_server},
};

/// `user:p@ss`
const CREDENTIALS: &str = "Basic dXNlcjpwQHNz";

/// Tunnels by `CONNECT`, answers requests in absolute form itself, and notes their targets.
async fn proxy() -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let server = Server::raw(move |mut stream| {
        let noted = Arc::clone(&noted);
        async move {
            while let Some(head) = read_head(&mut stream).await {
                let target = format!("{} {}", head.method, head.path);
                noted.lock().unwrap().push(target);
                if head.header("proxy-authorization") != CREDENTIALS {
                    let refusal = response(407, "proxy-authenticate: Basic\r\n", "");
                    stream.write_all(&refusal).await.unwrap();
                    return;
                }
                if head.method == "CONNECT" {
                    let mut server = TcpStream::connect(&head.path).await.unwrap();
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                    _ = copy_bidirectional(&mut stream, &mut server).await;
                    return;
                }
                stream
                    .write_all(&response(200, "", "by proxy"))
                    .await
                    .unwrap();
            }
        }
    })
    .await;
    (server, asked)
}

/// Runs the ignored test below in a process of its own, with these variables and no others.
async fn run(case: &str, url: &str, ca: &str, variables: &[(&str, String)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "--nocapture", "proxy::asks"])
        .env_clear()
        .env("CASE", case)
        .env("CHECKED_URL", url)
        .env("CHECKED_CA", ca)
        .envs(variables.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{case}: {printed}{errors}"
    );
}

#[tokio::test]
#[ignore = "run by `run`"]
async fn asks() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let mut check = http(&variable("CHECKED_URL"));
    if variable("CASE") != "default" {
        check = check.proxy_from_environment().unwrap();
    }
    if !variable("CHECKED_CA").is_empty() {
        check = check.tls(
            health_checks::Tls::new()
                .ca(variable("CHECKED_CA"))
                .unwrap(),
        );
    }
    let found = health(&check).await;
    let (status, error) = (found.status(), detail(&found, "error"));
    assert!(
        !format!("{found:?} {check:?}").contains("p@ss"),
        "{found:?}"
    );
    let proxy = std::env::var("http_proxy").unwrap_or_default();
    let proxy = proxy.rsplit_once('@').map_or(&*proxy, |(_, host)| host);
    let expected = match &*variable("CASE") {
        "refused" => format!("the proxy {proxy} refused the connection"),
        "credentials" => format!(
            "no connection to {} through the proxy {proxy}: tunnel error: proxy authorization required",
            variable("CHECKED_URL").trim_matches(|c: char| !c.is_ascii_digit())
        ),
        "no answer" => format!(
            "nowhere.invalid:80 through the proxy {proxy} closed the connection before it answered"
        ),
        _ => {
            assert_eq!(*status, Status::UP, "{found:?}");
            return;
        }
    };
    assert_eq!((status, error), (&Status::DOWN, expected));
}

#[tokio::test]
async fn proxies_of_the_environment_are_used_when_asked_for() {
    let certificate = certificate();
    let secure = tls_server(&certificate).await;
    let ca = certificate.cert.pem();
    let plain = Server::answering(|_| response(200, "", "direct")).await;
    let (proxy, asked) = proxy().await;
    let taken = || std::mem::take(&mut *asked.lock().unwrap());
    let url = format!("http://user:p%40ss@{}", proxy.address);
    let set = |names: &[&'static str]| -> Vec<(&'static str, String)> {
        names.iter().map(|name| (*name, url.clone())).collect()
    };

    // Nobody resolves this name but the proxy.
    run(
        "absolute form",
        "http://nowhere.invalid/a",
        "",
        &set(&["http_proxy"]),
    )
    .await;
    assert_eq!(taken(), ["GET http://nowhere.invalid/a"]);
    run(
        "capitals",
        "http://nowhere.invalid/",
        "",
        &set(&["ALL_PROXY"]),
    )
    .await;
    assert_eq!(taken(), ["GET http://nowhere.invalid/"]);
    run("tunnel", &https(&secure), &ca, &set(&["HTTPS_PROXY"])).await;
    assert_eq!(taken(), [format!("CONNECT {}", secure.address)]);

    run(
        "default",
        &plain.url("/"),
        "",
        &set(&["http_proxy", "HTTP_PROXY", "all_proxy"]),
    )
    .await;
    run("other scheme", &plain.url("/"), "", &set(&["https_proxy"])).await;
    let mut excepted = set(&["http_proxy"]);
    excepted.push(("no_proxy", "127.0.0.0/8".to_owned()));
    run("excepted", &plain.url("/"), "", &excepted).await;
    assert_eq!((taken().len(), plain.heads().len()), (0, 3));

    let nobody = Refusing::new();
    let refused = vec![("http_proxy", nobody.address.to_string())];
    run("refused", &plain.url("/"), "", &refused).await;
    let closing = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
    })
    .await;
    let closing = vec![("http_proxy", closing.address.to_string())];
    run("no answer", "http://nowhere.invalid/", "", &closing).await;
    let wrong = format!("http://user:wrong@{}", proxy.address);
    let wrong = vec![("http_proxy", wrong.clone()), ("https_proxy", wrong)];
    run("credentials", &https(&secure), &ca, &wrong).await;
    assert_eq!(plain.heads().len(), 3);
}
