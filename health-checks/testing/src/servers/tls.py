"""A TLS server that says nothing: port, chain, key, version, authority of its clients or -."""

import socketserver
import ssl
import sys

port, chain, key, version, clients = int(sys.argv[1]), *sys.argv[2:6]

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(chain, key)
tls.minimum_version = tls.maximum_version = ssl.TLSVersion[version]
if clients != "-":
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(clients)


class Conversation(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            with tls.wrap_socket(self.request, server_side=True) as stream:
                while stream.recv(4096):
                    pass
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


with Server(("127.0.0.1", port), Conversation) as server:
    server.serve_forever()
