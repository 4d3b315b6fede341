"""Calls to a back office: whatever it does, they end in time, in small memory, with JSON or with a refusal."""

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpcore
import pytest

from tests.backoffice.hostile_upstream import HostileUpstream, self_signed, trusting
from widget_service.backoffice.breaker import FAILURES_UNTIL_OPEN
from widget_service.backoffice.calls import Egress, Line, UpstreamRequest
from widget_service.backoffice.wire import Deadline, DeadlineBackend
from widget_service.errors import BackOfficeUnavailable

LOCAL = "http://127.0.0.1:8000"
EGRESS = Egress(LOCAL, timeout=20)

REFUSED = {
    "/redirect": "redirect",
    "/html": "media_type",
    "/untyped": "media_type",
    "/latin": "json_not_utf8",
    "/nan": "json_not_finite",
    "/huge-number": "json_number_too_large",
    "/twice": "json_duplicate_member",
    "/deep": "json_too_deep",
    "/many": "too_large",
    "/50-mb": "too_large",
    "/announces-50-mb": "too_large",
    "/announces-too-much": "disconnected",
    "/announces-too-little": "more_than_announced",
    "/announces-nonsense": "protocol",
    "/bomb": "too_large",
    "/brotli": "encoding",
    "/half-packed": "json_not_json",
    "/not-http": "protocol",
    "/gone": "disconnected",
    "/switching": "protocol",
    "/heads": "protocol",
    "/crumbs": "too_large",
}


@pytest.fixture(scope="module")
def upstream() -> Iterator[HostileUpstream]:
    served = HostileUpstream()
    yield served
    served.close()


def read(path: str, **options: object) -> UpstreamRequest:
    return UpstreamRequest("GET", path, idempotent=True, **options)  # type: ignore[arg-type]


def refusal(line: Line, path: str) -> str:
    with pytest.raises(BackOfficeUnavailable) as refused:
        line.open().call(read(path))
    return refused.value.reason


@pytest.mark.parametrize(("path", "reason"), REFUSED.items())
def test_a_hostile_answer_is_refused(upstream: HostileUpstream, path: str, reason: str) -> None:
    line = Line(upstream.url, EGRESS)

    assert refusal(line, path) == reason
    # And the line is as good as before: nothing of it is left for the next question.
    assert line.open().call(read("/fine")).body == {"id": "5832", "amount": Decimal("150.00")}


@pytest.mark.parametrize("path", ["/drips", "/drips-headers", "/hangs"])
def test_a_slow_answer_ends_at_the_deadline(upstream: HostileUpstream, path: str) -> None:
    assert refusal(Line(upstream.url, Egress(LOCAL, timeout=0.5)), path) == "timeout"


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        # A TLS record of 16 KiB that never ends.
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not ended.wait(0.05):
            connection.sendall(b"\x02")

    threading.Thread(target=drip, daemon=True).start()
    try:
        line = Line(f"https://127.0.0.1:{listener.getsockname()[1]}", Egress(LOCAL, timeout=0.5))
        assert refusal(line, "/fine") == "timeout"
    finally:
        ended.set()
        listener.close()


def test_the_deadline_holds_under_gevent_and_nobody_else_waits() -> None:
    command = [sys.executable, "-m", "tests.backoffice.under_gevent"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    assert shown.stdout.split() == ["timeout", "timeout", "timeout", "protocol", "200", "timeout"]


def test_every_call_of_a_question_shares_the_deadline(upstream: HostileUpstream) -> None:
    question = Line(upstream.url, Egress(LOCAL, timeout=0.5)).open()
    reasons = []
    for path in ("/hangs", "/fine"):
        with pytest.raises(BackOfficeUnavailable) as refused:
            question.call(read(path))
        reasons.append(refused.value.reason)

    assert reasons == ["timeout", "timeout"]


def test_hostile_answers_take_little_memory(upstream: HostileUpstream) -> None:
    line = Line(upstream.url, EGRESS)
    tracemalloc.start()
    try:
        for path in ("/50-mb", "/bomb", "/deep", "/many", "/announces-50-mb"):
            refusal(line, path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 64 * 2**20


def test_tls_is_verified(tmp_path: Path) -> None:
    served = HostileUpstream(self_signed(tmp_path))
    try:
        assert refusal(Line(served.url, EGRESS), "/fine") == "connect"
        trusted = Line(served.url, Egress(LOCAL, timeout=20, ssl_context=trusting(tmp_path)))
        assert [trusted.open().call(read("/fine")).status for _ in range(2)] == [200, 200]
        assert refusal(trusted, "/50-mb") == "too_large"
        assert served.asked == ["/fine", "/fine", "/50-mb"]
    finally:
        served.close()


def test_a_packed_answer_is_unpacked(upstream: HostileUpstream) -> None:
    assert Line(upstream.url, EGRESS).open().call(read("/packed")).body == {"id": "5832"}


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/failing", 500, None), ("/refusing", 403, {"error": "expired"}), ("/nothing", 204, None)],
)
def test_what_a_back_office_refuses_is_told(upstream: HostileUpstream, path: str, status: int, body: object) -> None:
    answer = Line(upstream.url, EGRESS).open().call(read(path))

    assert (answer.status, answer.body) == (status, body)


def test_a_read_is_asked_twice_and_a_write_once(upstream: HostileUpstream) -> None:
    upstream.asked.clear()
    question = Line(upstream.url, EGRESS).open()
    for method, idempotent in (("GET", True), ("POST", False)):
        with pytest.raises(BackOfficeUnavailable):
            question.call(UpstreamRequest(method, "/gone", json={}, idempotent=idempotent))

    assert upstream.asked == ["/gone"] * 3


def test_who_does_not_answer_is_not_waited_for(upstream: HostileUpstream) -> None:
    upstream.asked.clear()
    line, other = Line(upstream.url, EGRESS), Line(upstream.url, EGRESS)
    for _ in range(FAILURES_UNTIL_OPEN):
        with pytest.raises(BackOfficeUnavailable):
            line.open().call(UpstreamRequest("GET", "/gone"))

    assert refusal(line, "/fine") == "circuit_open"
    assert "/fine" not in upstream.asked
    assert other.open().call(read("/fine")).status == 200


def test_a_full_line_refuses_at_once_and_others_go_on(upstream: HostileUpstream) -> None:
    line = Line(upstream.url, Egress(LOCAL, timeout=20, parallel=1))
    upstream.asked.clear()
    threading.Thread(target=_ask_and_forget, args=(line, "/hangs"), daemon=True).start()
    while "/hangs" not in upstream.asked:
        threading.Event().wait(0.01)

    assert refusal(line, "/fine") == "busy"
    assert Line(upstream.url, EGRESS).open().call(read("/fine")).status == 200


def _ask_and_forget(line: Line, path: str) -> None:
    with pytest.raises(BackOfficeUnavailable):
        line.open().call(read(path))


@pytest.mark.parametrize(
    "path", ["/players/..", "/players/%2E%2E/x", "/a%2F..%2Fb", "//elsewhere", "nothing", "/a b", "/é", "/a#b", "/a?b"]
)
def test_a_path_that_means_another_is_not_sent(upstream: HostileUpstream, path: str) -> None:
    upstream.asked.clear()

    assert refusal(Line(upstream.url, EGRESS), path) == "not_sendable"
    assert upstream.asked == []


@pytest.mark.parametrize("headers", [{"x-session-id": "é"}, {"x-session-id": "a\r\nx-b: c"}])
def test_a_header_that_is_two_is_not_sent(upstream: HostileUpstream, headers: dict[str, str]) -> None:
    with pytest.raises(BackOfficeUnavailable) as refused:
        Line(upstream.url, EGRESS).open().call(read("/fine", headers=headers))

    assert refused.value.reason == "not_sendable"


@pytest.mark.parametrize(
    ("url", "public_url", "allow_private"),
    [
        ("http://127.0.0.1:9", "https://widget.example", True),
        ("http://10.0.0.1:9", LOCAL, False),
        ("http://169.254.169.254", LOCAL, True),
    ],
)
def test_an_address_that_may_not_be_called_is_not(url: str, public_url: str, allow_private: bool) -> None:
    assert refusal(Line(url, Egress(public_url, timeout=5), allow_private=allow_private), "/fine") == "connect"


def test_a_name_that_hangs_is_asked_for_once_however_many_wait() -> None:
    asked, answering, refused = list[str](), threading.Event(), list[BaseException]()

    def find_addresses(host: str, _port: int) -> list[str]:
        asked.append(host)
        assert answering.wait(60)
        return []

    backend = DeadlineBackend(find_addresses)

    def connect() -> None:
        try:
            backend.connect_tcp("tarpit.example", 443, Deadline(time.monotonic() + 1))
        except httpcore.ConnectTimeout as error:
            refused.append(error)

    waiting = [threading.Thread(target=connect) for _ in range(20)]
    for one in waiting:
        one.start()
    for one in waiting:
        one.join()
    answering.set()

    assert (asked, len(refused)) == (["tarpit.example"], 20)


def test_the_proxy_is_asked_where_one_is_set(upstream: HostileUpstream) -> None:
    line = Line("http://back-office.example", Egress(LOCAL, timeout=20, proxy=upstream.url))
    upstream.asked.clear()

    assert line.open().call(read("/fine")).status == 200
    assert upstream.asked == ["http://back-office.example/fine"]


class Tunnel:
    """A proxy that connects every CONNECT to one address, and notes what it was asked for."""

    def __init__(self, target: str, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self._target, self._context = int(target.rpartition(":")[2]), context
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if context else "http"
        self.url = f"{scheme}://agent:word@127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            inner, _ = self._listener.accept()
            with contextlib.suppress(OSError):  # whoever does not trust us hangs up
                self._connect(inner)

    def _connect(self, inner: socket.socket) -> None:
        inner = self._context.wrap_socket(inner, server_side=True) if self._context else inner
        self.asked.append(inner.recv(65_536))
        inner.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        outer = socket.create_connection(("127.0.0.1", self._target))
        for source, sink in ((inner, outer), (outer, inner)):
            threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    @staticmethod
    def _relay(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while received := source.recv(65_536):
                sink.sendall(received)


@pytest.mark.parametrize("speaks_tls", [False, True])
def test_tls_goes_through_the_proxy_and_is_verified_behind_it(tmp_path: Path, speaks_tls: bool) -> None:
    context = self_signed(tmp_path)
    served = HostileUpstream(context)
    tunnel = Tunnel(served.url, context if speaks_tls else None)
    try:
        for trusted, status in ((trusting(tmp_path), 200), (None, None)):
            options = {"ssl_context": trusted} if trusted else {}
            line = Line(served.url, Egress(LOCAL, timeout=20, proxy=tunnel.url, **options))
            if status:
                assert [line.open().call(read("/fine")).status for _ in range(2)] == [status, status]
            else:
                assert refusal(line, "/fine") == "connect"
        assert tunnel.asked[0].startswith(b"CONNECT 127.0.0.1:")
        assert b"Proxy-Authorization: Basic" in tunnel.asked[0]
        assert served.asked == ["/fine", "/fine"]
    finally:
        served.close()
