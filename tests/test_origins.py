"""Where a widget may be embedded."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_service.errors import ConfigurationError, OriginNotAllowed
from widget_service.origins import AllowedOrigin, AllowedOrigins, InvalidOrigin, is_loopback_host, require_allowed


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("https://casino.example", "https://casino.example"),
        ("HTTPS://Casino.EXAMPLE", "https://casino.example"),
        ("https://casino.example:443", "https://casino.example"),
        ("https://casino.example:8443", "https://casino.example:8443"),
        ("https://casino.example:80", "https://casino.example:80"),
        ("https://casino.example:65535", "https://casino.example:65535"),
        ("https://*.casino.example", "https://*.casino.example"),
        ("https://*.Casino.example:443", "https://*.casino.example"),
        ("https://*.casino.example:8443", "https://*.casino.example:8443"),
        ("https://*.casino.co.uk", "https://*.casino.co.uk"),
        ("https://*.casino.github.io", "https://*.casino.github.io"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://bu\u0308cher.example", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://*.bücher.example", "https://*.xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://казино.рф", "https://xn--80aodfsg.xn--p1ai"),
        ("https://my_shop.casino.example", "https://my_shop.casino.example"),
        ("https://r3---sn.casino.example", "https://r3---sn.casino.example"),
        ("https://co.uk", "https://co.uk"),
        ("https://intranet", "https://intranet"),
        ("https://203.0.113.5", "https://203.0.113.5"),
        ("https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]"),
        ("https://[2001:db8:0:0:1:0:0:1]:8443", "https://[2001:db8::1:0:0:1]:8443"),
        ("https://[2001:0:0:1:0:0:0:1]", "https://[2001:0:0:1::1]"),
        ("https://[1:0:2:0:3:0:4:0]", "https://[1:0:2:0:3:0:4:0]"),
        ("https://[1:2:3:4:5:6:0:0]", "https://[1:2:3:4:5:6::]"),
        ("https://[10:0:0:a0:b00:c000:0d:1]", "https://[10::a0:b00:c000:d:1]"),
        ("https://[::ffff:203.0.113.5]", "https://[::ffff:cb00:7105]"),
        ("https://[::]", "https://[::]"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("http://localhost", "http://localhost"),
        ("http://LOCALHOST:5000", "http://localhost:5000"),
        ("http://casino.localhost:5000", "http://casino.localhost:5000"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://localhost", "https://localhost"),
        ("http://*.casino.localhost:5000", "http://*.casino.localhost:5000"),
    ],
)
def test_an_origin_is_stored_as_a_browser_would_send_it(written, stored):
    origin = AllowedOrigin.parse(written)
    assert str(origin) == stored
    assert str(AllowedOrigin.parse(stored)) == stored


REFUSED = [
    "", " ", "null", "*", "https://", "https:///", "https:casino.example", "casino.example", "//casino.example",
    "https://*", "https://*.", "https://*.example", "https://*.com", "https://*.co.uk", "https://*.github.io",
    "https://*.kawasaki.jp", "https://*.foo.kawasaki.jp", "https://*.рф", "https://*.xn--p1ai", "https://*.公司.cn",
    "https://*.localhost", "http://*.localhost:5000", "https://*.127.0.0.1", "http://*.127.0.0.1", "https://*.[::1]",
    "https://*.0.0.1", "https://*.203.0.113.5",
    "https://**.casino.example", "https://*casino.example", "https://a.*.casino.example", "https://*.*.casino.example",
    "https://casino.*", "https://c*.casino.example", "https://casino.example:*", "*://casino.example",
    "https://casino.example/", "https://casino.example/path", "https://casino.example?x", "https://casino.example?",
    "https://casino.example#x", "https://casino.example#", "https://casino.example:443/", "https://casino.example\\",
    "https://casino.example\\@evil.example", "https:\\\\casino.example", "https://evil.example\\.casino.example",
    "https://user@casino.example", "https://user:pass@casino.example", "https://@casino.example",
    "https://casino.example@evil.example", "https://:@casino.example",
    "http://casino.example", "http://10.0.0.1", "http://127.0.0.2", "http://notlocalhost",
    "http://localhost.evil.example",
    "http://[::2]", "http://[::ffff:127.0.0.1]", "http://0.0.0.0", "http://xlocalhost",
    "ftp://casino.example", "file://", "file:///x", "data:text/html,x", "javascript://casino.example",
    "ws://casino.example",
    "wss://casino.example", "blob:https://casino.example", "chrome-extension://abcdef", "about:blank",
    "://casino.example",
    "https://casino.example.", "https://.casino.example", "https://casino..example", "https://*.casino.example.",
    "https://.", "https://..", "http://localhost.", "http://.localhost",
    "https://casino.example:", "https://casino.example:0", "https://casino.example:00", "https://casino.example:0443",
    "https://casino.example:65536", "https://casino.example:99999999999", "https://casino.example:-1",
    "https://casino.example:+443", "https://casino.example:4 43", "https://casino.example:http",
    "https://casino.example:44３", "https://casino.example:1:2", "https://casino.example:٤٤٣",
    "https://127.1", "https://127", "https://0", "https://2130706433", "https://0x7f.1", "https://0x7f000001",
    "https://0x", "https://0177.0.0.1", "https://127.0.0.01", "https://1.2.3.4.5", "https://256.0.0.1", "https://1.2.3",
    "https://casino.0x1", "https://casino.1", "https://casino.example.123", "https://127.0.0.1.", "https://①②⑦.0.0.1",
    "https://ｃasino.example", "https://casino。example", "https://casino．example", "https://１２７.0.0.1",
    "https://ca\u00adsino.example", "https://casino\u200b.example", "https://casino\u200d.example",
    "https://ℂasino.example",
    "https://ﬁne.example", "https://casino.example\u2024", "https://casino\uff0fexample", "https://cas%69no.example",
    "https://casino%2eexample", "https://[::1%25eth0]", "https://[fe80::1%eth0]", "https://[::1", "https://::1",
    "https://[]",
    "https://[1::2::3]", "https://[::1]x", "https://x[::1]", "https://[::g]", "https://[127.0.0.1]", "https://[v1.x]",
    "https://[::1]:", "https://[::1]:0", "https://[12345::]", "https://[::127.0.0.01]", "https://[::1.2.3]",
    "https://casino.example\n", "\nhttps://casino.example", " https://casino.example", "https://casino.example ",
    "https://cas\tino.example", "ht\ntps://casino.example", "https://casino.example\x00", "https://casino .example",
    "https://casino\u3000.example", "https://casino\u2028.example", "https://casino.example\r",
    "https://" + "a" * 64 + ".example", "https://" + "ü" * 64 + ".example", "https://" + "a." * 130 + "example",
    "https://" + "a" * 100_000, "https://xn--", "https://xn--a.example", "https://xn--zzzzzzzz-.example",
    "https://xn--BCHER-KVA.xn--", "https://xn--casino-.example", "https://-ü.example", "https://\u0301a.example",
    "https://casino,example", "https://casino.example,https://other.example",
    "https://casino.example https://b.example",
    "https://casino|example", "https://casino^example", "https://<casino>.example", "https://casino!.example",
    "https://'casino'.example", "https://a;b.example", "https://a&b.example", "https://a=b.example",
    "https://a+b.example",
    "https://a~b.example", "https://a$b.example", "https://(a).example", "https://{a}.example", 'https://"a".example',
    "https://\ud800.example", "https://א1a.example",
]  # fmt: skip


@pytest.mark.parametrize("written", REFUSED, ids=lambda text: ascii(text)[:50])
def test_what_is_no_allowed_origin_is_refused_at_configuration(written):
    with pytest.raises(InvalidOrigin) as refusal:
        AllowedOrigin.parse(written)
    assert isinstance(refusal.value, ConfigurationError)
    assert str(refusal.value).count("\n") == 0
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("written", [None, 5, b"https://casino.example", ["https://casino.example"]])
def test_what_is_no_text_is_refused_too(written):
    with pytest.raises(InvalidOrigin):
        AllowedOrigin.parse(written)


def test_a_refusal_repeats_no_password():
    with pytest.raises(InvalidOrigin) as refusal:
        AllowedOrigin.parse("https://user:hunter2@casino.example")
    assert "hunter2" not in str(refusal.value)


BRAND = AllowedOrigins(
    str(AllowedOrigin.parse(text))
    for text in (
        "https://casino.example",
        "https://*.casino.example",
        "https://*.tables.example:8443",
        "https://bücher.example",
        "http://casino.localhost:5000",
        "https://[2001:db8::1]",
    )
)


@pytest.mark.parametrize(
    "origin",
    [
        "https://casino.example",
        "https://www.casino.example",
        "https://a_b.casino.example",
        "https://xn--bcher-kva.casino.example",
        "https://1.casino.example",
        "https://live.tables.example:8443",
        "https://xn--bcher-kva.example",
        "http://casino.localhost:5000",
        "https://[2001:db8::1]",
    ],
)
def test_a_listed_origin_is_allowed(origin):
    assert BRAND.allows(origin)
    assert require_allowed(origin, BRAND) == origin


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        (None, "no_origin"),
        ("null", "null_origin"),
        ("", "malformed_origin"),
        ("NULL", "malformed_origin"),
        ("*", "malformed_origin"),
        ("https://*.casino.example", "malformed_origin"),
        ("https://.casino.example", "malformed_origin"),
        ("https://a..casino.example", "malformed_origin"),
        ("https://casino.example/", "malformed_origin"),
        ("https://casino.example:443", "malformed_origin"),
        ("http://casino.example:80", "malformed_origin"),
        ("https://casino.example:08443", "malformed_origin"),
        ("HTTPS://casino.example", "malformed_origin"),
        ("https://CASINO.example", "malformed_origin"),
        ("https://bücher.example", "malformed_origin"),
        ("https://casino.example ", "malformed_origin"),
        ("https://casino.example\n", "malformed_origin"),
        ("https://casino.example, https://evil.example", "malformed_origin"),
        ("https://user@casino.example", "malformed_origin"),
        ("https://casino.example.", "malformed_origin"),
        ("https://a/.casino.example", "malformed_origin"),
        ("https://evil.example?.casino.example", "malformed_origin"),
        ("https://evil.example#.casino.example", "malformed_origin"),
        ("https://evil\\.casino.example", "malformed_origin"),
        ("https://" + "a" * 64 + ".casino.example", "malformed_origin"),
        ("https://\ud800.casino.example", "malformed_origin"),
        ("http://casino.example", "not_listed"),
        ("https://casino.example:8443", "not_listed"),
        ("https://a.b.casino.example", "not_listed"),
        ("https://casino.example.evil.example", "not_listed"),
        ("https://www.casino.example.evil.example", "not_listed"),
        ("https://evilcasino.example", "not_listed"),
        ("https://evil-casino.example", "not_listed"),
        ("https://tables.example:8443", "not_listed"),
        ("https://live.tables.example", "not_listed"),
        ("https://live.tables.example:8444", "not_listed"),
        ("https://example", "not_listed"),
        ("http://casino.localhost", "not_listed"),
        ("http://casino.localhost:5001", "not_listed"),
        ("https://casino.localhost:5000", "not_listed"),
        ("https://[2001:db8::2]", "not_listed"),
        ("chrome-extension://abcdefgh", "not_listed"),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_any_other_origin_is_refused_and_the_log_learns_why(origin, reason):
    assert not BRAND.allows(origin)
    with pytest.raises(OriginNotAllowed) as refusal:
        require_allowed(origin, BRAND)
    assert refusal.value.reason == reason
    assert refusal.value.details == {}


@pytest.mark.parametrize("origin", [None, "null", "", "https://casino.example", "https://www.casino.example"])
def test_an_empty_list_allows_nothing(origin):
    assert not AllowedOrigins().allows(origin)


def test_a_list_gives_back_its_texts_once_each_and_in_order():
    texts = ["https://b.example", "https://*.a.example", "https://b.example"]
    origins = AllowedOrigins(texts)
    assert list(origins) == ["https://b.example", "https://*.a.example"]
    assert len(origins) == 2
    assert origins == AllowedOrigins(texts)
    assert hash(origins) == hash(AllowedOrigins(texts))
    assert origins != AllowedOrigins()


def test_a_long_list_is_searched_as_fast_as_a_short_one():
    origins = AllowedOrigins(f"https://*.casino{number}.example" for number in range(20_000))
    started = time.perf_counter()
    assert all(origins.allows("https://www.casino19999.example") for _ in range(1000))
    assert time.perf_counter() - started < 0.2


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "[::1]", "localhost", "LocalHost", "casino.localhost", "a.b.localhost"]
)
def test_this_machine_is_known_by_its_names(host):
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.2", "127.1", "0.0.0.0", "::", "localhost.", ".localhost", "a..localhost", "localhost.example",
     "xlocalhost", "localhost\n", "*.localhost", "::ffff:127.0.0.1", "casino.example"],
)  # fmt: skip
def test_other_hosts_are_not_this_machine(host):
    assert not is_loopback_host(host)


hosts = st.from_regex(r"(?:[a-z0-9]{1,8}\.){1,3}[a-z]{2,6}", fullmatch=True)


@given(st.text(max_size=40) | hosts.map("https://{}".format) | st.text(max_size=12).map("https://{}.example".format))
def test_any_text_is_either_refused_or_stored_once_and_for_all(text):
    try:
        origin = AllowedOrigin.parse(text)
    except InvalidOrigin:
        return
    assert str(AllowedOrigin.parse(str(origin))) == str(origin)
    assert str(origin).isascii()
    if not origin.wildcard:
        assert require_allowed(str(origin), AllowedOrigins([str(origin)])) == str(origin)


@given(hosts, st.text(max_size=20))
def test_a_wildcard_stands_for_exactly_one_label(base, label):
    origin = f"https://{label}.{base}"
    if AllowedOrigins([f"https://*.{base}"]).allows(origin):
        assert label
        assert not set(label) & set("./:@*?#\\ ")
