//! OpenFGA: the server, and the store of the application in it.

use std::sync::Arc;

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};
use serde_json::json;

use super::{Made, proxy, written};
use crate::{
    Http, SettingError,
    platform::{OpenFga, Proxies},
};

pub(super) fn make(openfga: &OpenFga, proxies: &Proxies) -> Made {
    let Some(api) = &openfga.http_api_url else {
        return Err(SettingError::new("FGA_HTTP_API_URL", "it is missing").into());
    };
    let proxies = proxy::of(proxies)?;
    let ask = |path: &str| {
        let check = Http::new(api.join(path).expose())?;
        Ok::<_, SettingError>(check.proxies(proxies.clone()))
    };
    let server = ask("healthz")?;
    let store = match &openfga.store_id {
        None => None,
        Some(id) => {
            let store = ask(&format!("stores/{}", written::encoded(id)))?;
            Some(match &openfga.token {
                Some(token) => store.bearer_auth(token.clone())?,
                None => store,
            })
        }
    };
    let server = server.expect_json(json!({"status": "SERVING"}));
    Ok(Arc::new(ServerAndStore { server, store }))
}

struct ServerAndStore {
    server: Http,
    store: Option<Http>,
}

#[async_trait]
impl Check for ServerAndStore {
    async fn check(&self) -> CheckResult {
        let health = self.server.check().await?;
        let Some(store) = &self.store else {
            return Ok(health);
        };
        if *health.status() != Status::UP {
            return Ok(health);
        }
        let store = store.check().await?;
        let error = store
            .details()
            .get("error")
            .and_then(|error| error.as_str());
        let error = error.map(|error| format!("the store: {error}"));
        let told = health.details().iter();
        let all = told.fold(Health::new(store.status().clone()), |all, (name, value)| {
            all.detail(name, value.clone())
        });
        Ok(all.detail("error", error).component("store", store))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}
