"""Which addresses the service calls, and how."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from widget_service.destinations import require_url, safe_client
from widget_service.errors import ConfigurationError

PUBLIC = "https://widget.example"
LOCAL = "http://widget.localhost:8000"


@pytest.mark.parametrize(
    ("url", "public_url", "allow_private"),
    [
        ("https://casino.example/hook?x=1", PUBLIC, False),
        ("https://casino.example:8443/hook", PUBLIC, False),
        ("https://93.184.216.34/", PUBLIC, False),
        ("https://[2606:2800:220:1::1]/", PUBLIC, False),
        ("https://10.0.0.5/", PUBLIC, True),
        ("https://[fd12::1]/", PUBLIC, True),
        ("https://100.64.0.1/", PUBLIC, True),
        ("https://backoffice.internal/", PUBLIC, True),
        ("http://127.0.0.1:5000/hook", LOCAL, False),
        ("http://[::1]:5000/hook", LOCAL, False),
        ("http://agent.localhost:5000/hook", "http://127.0.0.1:8000", False),
        ("https://localhost/", "http://[::1]:8000", False),
        ("http://casino.example/", LOCAL, False),
    ],
)
def test_a_public_https_address_can_be_configured(url, public_url, allow_private):
    assert require_url(url, public_url=public_url, allow_private=allow_private) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "casino.example", "//casino.example", "http://casino.example", "ftp://casino.example", "file:///etc/passwd",
        "gopher://casino.example", "unix:///run/x", "https://", "https:///path", "https://user@casino.example/",
        "https://user:pass@casino.example/", "https://@casino.example", "https://casino.example/#x",
        "https://casino.example#",
        "https://casino.example:/", "https://casino.example:0/", "https://casino.example:99999/",
        "https://casino.example:x/",
        "https://localhost/", "https://x.localhost/", "https://LOCALHOST/", "https://127.0.0.1/", "https://127.0.0.2/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://10.0.0.5/",
        "https://172.16.0.1/",
        "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://0.0.0.0/",
        "https://255.255.255.255/", "https://224.0.0.1/", "https://240.0.0.1/", "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://[fe80::1]/", "https://[fc00::1]/", "https://[ff02::1]/", "https://[::]/", "https://[2001:db8::1]/",
        "https://[2002:7f00:1::]/", "https://[64:ff9b::7f00:1]/", "https://[::127.0.0.1]/", "https://127.1/",
        "https://0x7f.1/",
        "https://2130706433/", "https://017700000001/", "https://casino.example./", "https://casino..example/",
        "https://*.x.example/",
        "https://casino%2eexample/", "https://ｃasino.example/", "https://bücher.example/",
        "https://casino.example\\@evil.example/",
        "https://casino.example/a b", " https://casino.example", "https://casino.example/\n",
        "https://cas\tino.example/",
        "https://[::1", "https://[fe80::1%25eth0]/", "https://casino.example/" + "x" * 2048, None, 5,
    ],
    ids=lambda url: ascii(url)[:40],
)  # fmt: skip
def test_any_other_address_is_refused_at_configuration(url):
    with pytest.raises(ConfigurationError) as refusal:
        require_url(url, public_url=PUBLIC)
    assert "\n" not in str(refusal.value)
    assert "pass@" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/", "https://[fe80::1]/", "https://0.0.0.0/",
     "https://100.100.100.200/", "https://[fd00:ec2::254]/", "https://224.0.0.1/", "http://10.0.0.5/"],
)  # fmt: skip
def test_allowing_private_networks_opens_neither_loopback_nor_the_clouds_metadata(url):
    with pytest.raises(ConfigurationError):
        require_url(url, public_url=PUBLIC, allow_private=True)


class Server:
    """A server of one canned answer per connection, on 127.0.0.1."""

    def __init__(self, answer, context=None, drip=0.0):
        self.answer, self.context, self.drip = answer, context, drip
        self.requests = []
        self.server_names = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self.talk(connection)
            connection.close()

    def talk(self, connection):
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True)
        with connection:
            self.requests.append(connection.recv(65_536).decode())
            for start in range(0, len(self.answer), 1 if self.drip else len(self.answer)):
                connection.sendall(self.answer[start : start + (1 if self.drip else len(self.answer))])
                time.sleep(self.drip)


@contextlib.contextmanager
def serving(answer, **options):
    server = Server(answer, **options)
    try:
        yield server
    finally:
        server.listener.close()


def answer(body, headers=b"", status=b"200 OK"):
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)


def resolving(monkeypatch, *addresses):
    """The resolver's answers, one list per question; the last one stays."""
    questions = []

    def resolve(host, port, *_args, **_options):
        found = addresses[min(len(questions), len(addresses) - 1)]
        questions.append(host)
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(families[ipaddress.ip_address(a).version], socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return questions


@pytest.fixture
def connections(monkeypatch):
    """Where this test's connections go, without going there. (A service of another may still look for its Redis.)"""
    went = []
    here = threading.get_ident()

    def connect(address, *_args, **_options):
        if threading.get_ident() == here:
            went.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return went


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "agent.localhost"])
def test_a_service_on_loopback_calls_loopback(host):
    with serving(answer(b"hello")) as server, safe_client(LOCAL, False, 2) as client:
        response = client.post(f"http://{host}:{server.port}/hook?x=1", content=b"body")
        assert (response.status_code, response.content) == (200, b"hello")
        assert server.requests[0].startswith(f"POST /hook?x=1 HTTP/1.1\r\nHost: {host}:{server.port}\r\n")
        assert "accept-encoding: identity" in server.requests[0].lower()


BLOCKED = [
    "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "fe80::1", "fc00::1",
    "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "2001::1", "2001:db8::1", "100::1", "3fff::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", BLOCKED)
def test_a_name_that_leads_inside_is_not_called(address, monkeypatch, connections):
    resolving(monkeypatch, [address])
    with safe_client(PUBLIC, False, 2) as client, pytest.raises(httpx.ConnectError, match="may not be called"):
        client.get("https://casino.example/")
    assert connections == []


def test_one_address_inside_among_public_ones_is_enough_to_refuse(monkeypatch, connections):
    resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with safe_client(PUBLIC, False, 2) as client, pytest.raises(httpx.ConnectError, match="may not be called"):
        client.get("https://casino.example/")
    assert connections == []


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, connections):
    questions = resolving(monkeypatch, ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"], ["127.0.0.1"])
    with safe_client(PUBLIC, False, 2) as client, pytest.raises(httpx.ConnectError):
        client.get("https://casino.example/")
    assert questions == ["casino.example"]
    assert connections == [("93.184.216.34", 443), ("2606:2800:220:1::1", 443), ("64:ff9b::5db8:d822", 443)]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://localhost/", "https://[::1]/"]
)
def test_no_spelling_of_loopback_gets_through(url, connections):
    with safe_client(PUBLIC, True, 2) as client, pytest.raises(httpx.TransportError):
        client.get(url)
    assert connections == []


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.0.1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.1"])
def test_private_networks_are_called_where_that_was_allowed(address, monkeypatch, connections):
    resolving(monkeypatch, [address])
    with safe_client(PUBLIC, True, 2) as client, pytest.raises(httpx.ConnectError):
        client.get("https://backoffice.internal/")
    assert len(connections) == 1


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "fe80::1", "0.0.0.0"]
)
def test_but_neither_loopback_nor_link_local_addresses(address, monkeypatch, connections):
    resolving(monkeypatch, [address])
    with safe_client(PUBLIC, True, 2) as client, pytest.raises(httpx.ConnectError, match="may not be called"):
        client.get("https://backoffice.internal/")
    assert connections == []


def test_a_name_that_does_not_resolve_is_an_ordinary_failure(monkeypatch):
    def resolve(*_args, **_options):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with safe_client(PUBLIC, False, 2) as client, pytest.raises(httpx.ConnectError):
        client.get("https://casino.example/")


def test_a_redirect_is_not_followed():
    with serving(answer(b"", b"location: http://127.0.0.1:1/\r\n", b"302 Found")) as server:
        with safe_client(LOCAL, False, 2) as client:
            assert client.get(f"http://127.0.0.1:{server.port}/").status_code == 302
        assert len(server.requests) == 1


def test_the_environments_proxy_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with serving(answer(b"direct")) as server, safe_client(LOCAL, False, 2) as client:
        assert client.get(f"http://127.0.0.1:{server.port}/").content == b"direct"


def test_an_answer_has_a_largest_size():
    with serving(answer(b"x" * 65_536)) as server, safe_client(LOCAL, False, 2) as client:
        assert len(client.get(f"http://127.0.0.1:{server.port}/").content) == 65_536
    with (
        serving(answer(b"x" * 65_537)) as server,
        safe_client(LOCAL, False, 2) as client,
        pytest.raises(httpx.ReadError, match="too large"),
    ):
        client.get(f"http://127.0.0.1:{server.port}/")
    with (
        serving(answer(b"x" * 11)) as server,
        safe_client(LOCAL, False, 2, max_bytes=10) as client,
        pytest.raises(httpx.ReadError, match="too large"),
    ):
        client.get(f"http://127.0.0.1:{server.port}/")


def test_a_compressed_answer_is_refused():
    with (
        serving(answer(b"x", b"content-encoding: gzip\r\n")) as server,
        safe_client(LOCAL, False, 2) as client,
        pytest.raises(httpx.DecodingError),
    ):
        client.get(f"http://127.0.0.1:{server.port}/")


def test_an_answer_that_drips_is_given_up():
    with serving(answer(b"x" * 500), drip=0.05) as server, safe_client(LOCAL, False, 0.5) as client:
        started = time.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"http://127.0.0.1:{server.port}/")
        assert time.monotonic() - started < 3


def test_heads_without_an_answer_are_given_up_at_once():
    with (
        serving(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 20_000) as server,
        safe_client(LOCAL, False, 30) as client,
        pytest.raises(httpx.RemoteProtocolError, match="More comes"),
    ):
        client.get(f"http://127.0.0.1:{server.port}/")


def test_a_silent_server_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent, safe_client(LOCAL, False, 0.3) as client:
        port = silent.getsockname()[1]
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"http://127.0.0.1:{port}/")


def test_a_closed_port_is_an_ordinary_failure():
    with safe_client(LOCAL, False, 0.5) as client, pytest.raises(httpx.ConnectError):
        client.get("http://127.0.0.1:1/")


@pytest.fixture
def certified(tmp_path):
    """A server's TLS context for casino.example, and a client's that trusts its issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "casino.example")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("casino.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(Encoding.PEM)
    path = tmp_path / "both.pem"
    path.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())


def test_tls_is_checked_for_the_name_and_not_for_the_address(certified, monkeypatch):
    server_context, trusting = certified
    names = []
    server_context.sni_callback = lambda _socket, name, _context: names.append(name)
    resolving(monkeypatch, ["127.0.0.1"])
    with serving(answer(b"secure"), context=server_context) as server:
        with safe_client(LOCAL, False, 2, ssl_context=trusting) as client:
            assert client.get(f"https://casino.example:{server.port}/").content == b"secure"
            with pytest.raises(httpx.ConnectError):
                client.get(f"https://evil.example:{server.port}/")
        with safe_client(LOCAL, False, 2) as client, pytest.raises(httpx.ConnectError):
            client.get(f"https://casino.example:{server.port}/")
    assert names[0] == "casino.example"
    assert f"Host: casino.example:{server.port}" in server.requests[0]
