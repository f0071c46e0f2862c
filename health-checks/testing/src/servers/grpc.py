"""A gRPC server: port, "health" or "without", and for TLS chain, key, authority of its clients."""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

port, mode, files = sys.argv[1], sys.argv[2], sys.argv[3:]


class Credentials(grpc.ServerInterceptor):
    """Wants a token for the service that is called `protected`."""

    def intercept_service(self, continuation, details):
        handler = continuation(details)
        metadata = dict(details.invocation_metadata)

        def check(request, context):
            if request.service == "protected":
                given = metadata.get("authorization")
                if given is None:
                    context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you")
                if given != "Bearer s3cret-t0ken":
                    context.abort(grpc.StatusCode.PERMISSION_DENIED, f"not {given}")
            return handler.unary_unary(request, context)

        if handler is None or handler.unary_unary is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            check,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


server = grpc.server(ThreadPoolExecutor(8), interceptors=[Credentials()])
if mode == "health":
    answers = health.HealthServicer()
    states = health_pb2.HealthCheckResponse
    answers.set("", states.SERVING)
    answers.set("orders.v1.Orders", states.SERVING)
    answers.set("protected", states.SERVING)
    answers.set("resting", states.NOT_SERVING)
    answers.set("unclear", states.UNKNOWN)
    health_pb2_grpc.add_HealthServicer_to_server(answers, server)

address = f"127.0.0.1:{port}"
if files:
    chain, key, *clients = [open(name, "rb").read() for name in files]
    credentials = grpc.ssl_server_credentials(
        [(key, chain)], clients[0] if clients else None, bool(clients)
    )
    server.add_secure_port(address, credentials)
else:
    server.add_insecure_port(address)
server.start()
server.wait_for_termination()
