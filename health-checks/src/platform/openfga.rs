//! OpenFGA authorization servers.

use health_core::Secret;

use super::{Host, WebUrl, host, reading::Reading};

const HTTP: &str = "FGA_HTTP_API_URL";
const GRPC: &str = "FGA_GRPC_API_URL";

/// The port of gRPC where the variable gives none.
const USUAL_GRPC_PORT: u16 = 8081;

/// Holds what `FGA_*` say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenFga {
    /// The address of the API by HTTP.
    pub http_api_url: Option<WebUrl>,
    /// The host of the API by gRPC.
    pub grpc_api: Option<Host>,
    /// The store of the application.
    pub store_id: Option<String>,
    /// The token that the API is asked with.
    pub token: Option<Secret<String>>,
}

pub(super) fn read(reading: &mut Reading<'_>) -> Option<(&'static str, OpenFga)> {
    let http_api_url = reading.web_url(HTTP);
    let grpc_api = grpc(reading);
    let store_id = reading.string("FGA_STORE_ID");
    let token = reading.secret("FGA_TOKEN");
    let http_api_url = http_api_url.ok()?;
    let variable = match (&http_api_url, &grpc_api) {
        (Some(_), _) => HTTP,
        (None, Some(_)) => GRPC,
        (None, None) => {
            let is_told = reading.variables.has(GRPC);
            if !is_told && (store_id.is_some() || token.is_some()) {
                reading.missing(&[HTTP]);
            }
            return None;
        }
    };
    let openfga = OpenFga {
        http_api_url,
        grpc_api,
        store_id,
        token,
    };
    Some((variable, openfga))
}

/// The platform gives no scheme here; one that others give does not matter.
fn grpc(reading: &mut Reading<'_>) -> Option<Host> {
    let text = reading.text(GRPC)?;
    let address = text.split_once("://").map_or(text, |(_, address)| address);
    let address = address.trim_end_matches('/');
    match host::list(address, Some(USUAL_GRPC_PORT)).as_deref() {
        Ok([one]) => Some(one.clone()),
        _ => {
            reading.problem(GRPC, "it is not one host with a port");
            None
        }
    }
}
