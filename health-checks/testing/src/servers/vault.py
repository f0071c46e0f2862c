"""What Vault answers by its documentation when it is active: port, token, chain, key."""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, token, chain, key = int(sys.argv[1]), *sys.argv[2:5]

HEALTH = {
    "initialized": True,
    "sealed": False,
    "standby": False,
    "performance_standby": False,
    "version": "1.20.0",
    "cluster_name": "vault-1",
    "server_time_utc": 1700000000,
}
TOKEN = {"data": {"ttl": 3600, "expire_time": "2026-01-01T00:00:00Z"}}

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(chain, key)


class Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def setup(self):
        # Here and not where connections are accepted: one that is silent must not hold up others.
        self.request = tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_GET(self):
        if self.path == "/v1/sys/health":
            self.answer(200, HEALTH)
        elif self.path != "/v1/auth/token/lookup-self":
            self.answer(404, {"errors": []})
        elif self.headers["X-Vault-Token"] == token:
            self.answer(200, TOKEN)
        else:
            self.answer(403, {"errors": ["permission denied"]})

    def answer(self, code, body):
        body = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_):
        pass


Server(("127.0.0.1", port), Conversation).serve_forever()
