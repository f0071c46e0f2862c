//! A receiver of traces by OTLP over HTTP, decoded by OpenTelemetry's own Python package.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use super::python::python;
use crate::{Folder, Process, free_port};

const RECEIVER: &str = r#"
import http.server, json, sys
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest, ExportTraceServiceResponse)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = ExportTraceServiceRequest.FromString(body)
        told = {"path": self.path, "type": self.headers["Content-Type"], "body": MessageToDict(request)}
        print(json.dumps(told), flush=True)
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

/// A receiver that keeps all that it is sent.
#[derive(Debug)]
pub struct OtlpReceiver {
    address: SocketAddr,
    process: Process,
    _folder: Folder,
}

impl OtlpReceiver {
    /// Starts a receiver and returns when it listens.
    pub fn start() -> Self {
        let folder = Folder::new("otlp");
        let script = folder.write("receiver.py", RECEIVER);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let port = address.port().to_string();
        let process = Process::start(
            &python(),
            [script.as_str(), &port],
            &[],
            folder.path().join("log"),
        );
        process.wait_until_ready(Duration::from_secs(20), || {
            TcpStream::connect(address).is_ok()
        });
        Self {
            address,
            process,
            _folder: folder,
        }
    }

    /// Returns the base URL, with a slash at its end as charms give it.
    pub fn endpoint(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Returns the requests that came so far: path, content type and body, each as JSON.
    pub fn requests(&self) -> Vec<Value> {
        let printed = self.process.printed();
        let lines = printed.lines().filter(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Returns the names of the spans that came so far, in the order in which they came.
    pub fn spans(&self) -> Vec<String> {
        let requests = self.requests();
        let scopes = requests
            .iter()
            .flat_map(|request| array(&request["body"]["resourceSpans"]))
            .flat_map(|resource| array(&resource["scopeSpans"]));
        let spans = scopes.flat_map(|scope| array(&scope["spans"]));
        spans
            .map(|span| span["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
