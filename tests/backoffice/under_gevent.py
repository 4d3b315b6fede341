"""The slow answers of the hostile upstream, asked for all at once by greenlets, as the server's workers do.

``python -m tests.backoffice.under_gevent`` prints the reasons of the refusals.
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import socket

import gevent

from tests.backoffice.hostile_upstream import HostileUpstream
from widget_service.backoffice.calls import Egress, Line, UpstreamRequest
from widget_service.errors import BackOfficeUnavailable

LOCAL = "http://127.0.0.1:8000"
SLOW = ("/drips", "/drips-headers", "/hangs", "/heads")


def ask(url: str, path: str, egress: Egress) -> str:
    """The reason of the refusal, or the status."""
    try:
        answer = Line(url, egress).open().call(UpstreamRequest("GET", path, idempotent=True))
    except BackOfficeUnavailable as refused:
        return refused.reason
    return str(answer.status)


def drip_a_handshake(listener: socket.socket) -> None:
    """A TLS record of 16 KiB that never ends: a byte at a time."""
    connection, _ = listener.accept()
    connection.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        gevent.sleep(0.05)
        connection.sendall(b"\x02")


def main() -> None:
    """Each slow path, a handshake that drips, and one that is fine, side by side."""
    upstream = HostileUpstream()
    listener = socket.create_server(("127.0.0.1", 0))
    gevent.spawn(drip_a_handshake, listener)
    tls = f"https://127.0.0.1:{listener.getsockname()[1]}"
    egress = Egress(LOCAL, timeout=3)
    asked = [gevent.spawn(ask, upstream.url, path, egress) for path in (*SLOW, "/fine")]
    asked.append(gevent.spawn(ask, tls, "/fine", egress))
    gevent.joinall(asked, timeout=30)
    print(" ".join(str(one.value) for one in asked))


if __name__ == "__main__":
    main()
