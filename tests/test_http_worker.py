"""What is not HTTP at all: refused in the service's shape, before any view, and told to nobody else."""

import json
import socket

import pytest

SECRET = "eyJhbGciOiJFUzI1NiJ9.not-for-any-log"
HOST = "Host: 127.0.0.1\r\n"
UNREADABLE = {
    "a request line of one word": ("GARBAGE\r\n\r\n", 400),
    "a method in small letters": (f"get?{SECRET} / HTTP/1.1\r\n{HOST}\r\n", 400),
    "an unknown version": (f"GET / HTTP/9.9\r\n{HOST}\r\n", 400),
    "a header without a colon": (f"GET / HTTP/1.1\r\n{HOST}DPoP {SECRET}\r\n\r\n", 400),
    "a header's name with a space": (f"GET / HTTP/1.1\r\n{HOST}DPoP : {SECRET}\r\n\r\n", 400),
    "a NUL in a header": (f"GET / HTTP/1.1\r\n{HOST}DPoP: {SECRET}\0\r\n\r\n", 400),
    "a folded header": (f"GET / HTTP/1.1\r\n{HOST}DPoP: a\r\n {SECRET}\r\n\r\n", 400),
    "two lengths": (f"POST / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a length that is no number": (f"POST / HTTP/1.1\r\n{HOST}Content-Length: many\r\n\r\n", 400),
    "a length and chunks": (
        f"POST / HTTP/1.1\r\n{HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "an unknown transfer coding": (f"POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: brotli\r\n\r\n", 400),
    "an expectation nobody knows": (f"POST / HTTP/1.1\r\n{HOST}Expect: {SECRET}\r\n\r\n", 400),
    "a request line of 20 kB": (f"GET /{'a' * 20_000} HTTP/1.1\r\n{HOST}\r\n", 413),
    "a header of 20 kB": (f"GET / HTTP/1.1\r\n{HOST}DPoP: {'a' * 20_000}\r\n\r\n", 413),
    "a thousand headers": (
        f"GET / HTTP/1.1\r\n{HOST}{'X-A: b' + chr(13) + chr(10)}" + "X-A: b\r\n" * 1000 + "\r\n",
        413,
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_as_http_is_refused_in_the_services_shape(service, name) -> None:
    sent, status = UNREADABLE[name]
    head, body = exchange(service.url, sent)
    error = json.loads(body)["error"]
    assert (int(head.split()[1]), error["code"]) == (status, "INVALID_REQUEST")
    assert f"x-request-id: {error['request_id']}" in head.lower()
    assert "cache-control: no-store" in head.lower()
    assert "x-content-type-options: nosniff" in head.lower()
    assert "connection: close" in head.lower()


def test_nothing_unreadable_is_repeated_in_an_answer_or_a_log(new_service) -> None:
    service = new_service(log_level="debug")
    answers = [exchange(service.url, sent) for sent, _ in UNREADABLE.values()]
    assert SECRET not in repr(answers)
    assert "not_http" in service.output()
    assert SECRET not in service.output()


def exchange(url: str, text: str) -> tuple[str, str]:
    """Sends bytes as they are; the head and the body of the answer."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(text.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
    return head, body
