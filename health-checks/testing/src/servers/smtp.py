"""A mail server: port, mode, mechanisms, and for TLS a certificate and its key."""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

port, mode, mechanisms = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(",")

tls = None
if mode in ("starttls", "implicit"):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[4], sys.argv[5])


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (
        b"orders",
        b"s3cret-pa55word",
    )
    return AuthResult(success=known, handled=False)


def conversation():
    return SMTP(
        None,
        hostname="mail.test",
        authenticator=authenticate,
        auth_require_tls=False,
        auth_exclude_mechanism=[
            name for name in ("PLAIN", "LOGIN") if name not in mechanisms
        ],
        tls_context=tls if mode == "starttls" else None,
        require_starttls=mode == "starttls",
    )


async def serve():
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        conversation, "127.0.0.1", port, ssl=tls if mode == "implicit" else None
    )
    await listening.serve_forever()


asyncio.run(serve())
