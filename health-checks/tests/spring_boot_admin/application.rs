//! An application with endpoints, served over HTTP by axum.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::Router;
use health_checks::{Registration, SpringBootAdmin};
use health_core::{Builder, Group, Health, Management, info::BuildInfo};
use tokio::net::TcpListener;

use crate::{PERIOD, admin::Admin};

/// An application whose database can be broken.
pub(crate) struct Application {
    pub(crate) management: Management,
    is_broken: Arc<AtomicBool>,
}

impl Application {
    pub(crate) fn new(change: impl FnOnce(Builder) -> Builder) -> Self {
        let is_broken = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_broken);
        let db = move || {
            let is_broken = flag.load(Ordering::Relaxed);
            async move {
                let health = if is_broken {
                    Health::down()
                } else {
                    Health::up()
                };
                health.detail("database", "PostgreSQL")
            }
        };
        let builder = Management::builder("orders")
            .info(|info| info.build_info(BuildInfo::default().version("1.2.3")))
            .check("db", db)
            .ttl(std::time::Duration::ZERO)
            .group(Group::new("storage").include(["db"]));
        Self {
            management: change(builder).build().unwrap(),
            is_broken,
        }
    }

    pub(crate) fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::Relaxed);
    }

    /// Serves the endpoints and registers; returns when the admin knows.
    pub(crate) async fn register(&self, admin: &Admin) -> Registration {
        let url = serve(health_axum::endpoints(&self.management)).await;
        self.register_as(admin, |client| client.service_url(&url).unwrap())
            .await
    }

    pub(crate) async fn register_as(
        &self,
        admin: &Admin,
        change: impl FnOnce(SpringBootAdmin) -> SpringBootAdmin,
    ) -> Registration {
        let client = SpringBootAdmin::new(admin.url()).unwrap().period(PERIOD);
        let registration = change(client).start(&self.management).unwrap();
        admin.until(|known| !known.instances.is_empty()).await;
        registration
    }
}

/// Serves until the runtime of the test ends, and returns the URL.
pub(crate) async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}
