"""What a browser sends, and which of it is believed."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from catalog.domain.sign_in import MOST_ADDRESSES, MOST_FAILURES, WITHIN, FailedSignIns
from shared.admission import Credential, shown_credential
from shared.browsers import cookie_name, give_session, is_of_another_page, shown_session, take_session
from shared.http import ProblemError

HOST = "ops.example:8080"


def a_request(method: str = "POST", *, scheme: str = "http", host: str | None = HOST, **headers: str) -> Request:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if host is not None:
        sent["host"] = host
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()]
    return Request({"type": "http", "method": method, "scheme": scheme, "path": "/", "headers": raw})


@pytest.mark.parametrize(
    ("origin", "is_another"),
    [
        (None, False),
        ("http://ops.example:8080", False),
        ("http://OPS.example:8080", False),
        ("https://ops.example:8080", True),
        ("http://ops.example:8081", True),
        ("http://ops.example", True),
        ("http://ops.example:80800", True),
        ("http://ops.example:8080.evil.example", True),
        ("http://ops.example:8080@evil.example", True),
        ("http://evil.example", True),
        ("http://www.ops.example:8080", True),
        ("null", True),
        ("", True),
        ("ops.example:8080", True),
        ("http://ops.example:8080, http://evil.example", True),
    ],
)
def test_what_says_its_origin_has_to_come_from_this_one(origin: str | None, is_another: bool) -> None:
    headers = {} if origin is None else {"origin": origin}
    for method in ("POST", "PUT", "PATCH", "DELETE", "GET"):
        assert is_of_another_page(a_request(method, **headers)) is is_another


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("http", "ops.example", "http://ops.example"),
        ("http", "ops.example:80", "http://ops.example"),
        ("https", "ops.example", "https://ops.example"),
        ("https", "ops.example:443", "https://ops.example"),
        ("https", "ops.example:80", "https://ops.example:80"),
        ("http", "[::1]:8080", "http://[::1]:8080"),
        ("http", "[::1]", "http://[::1]"),
    ],
)
def test_an_origin_leaves_the_usual_port_out(scheme: str, host: str, origin: str) -> None:
    assert not is_of_another_page(a_request(scheme=scheme, host=host, origin=origin))


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [("https", "ops.example", "http://ops.example"), ("http", None, "http://evil.example")],
)
def test_another_scheme_or_no_host_is_another_page(scheme: str, host: str | None, origin: str) -> None:
    assert is_of_another_page(a_request(scheme=scheme, host=host, origin=origin))


@pytest.mark.parametrize(
    ("site", "mode", "method", "is_another"),
    [
        ("same-origin", "cors", "POST", False),
        ("same-origin", "navigate", "POST", False),
        ("none", "navigate", "GET", False),
        ("same-site", "cors", "POST", True),
        ("same-site", "navigate", "POST", True),
        ("same-site", "no-cors", "GET", True),
        ("same-site", "navigate", "GET", False),
        ("cross-site", "cors", "POST", True),
        ("cross-site", "navigate", "POST", True),
        ("cross-site", "cors", "GET", True),
        ("cross-site", "no-cors", "HEAD", True),
        ("cross-site", "navigate", "DELETE", True),
        ("cross-site", "navigate", "GET", False),
        ("Same-Origin", "cors", "POST", True),
        ("", "cors", "POST", True),
        ("nonsense", "cors", "POST", True),
    ],
)
def test_a_browser_that_says_where_it_comes_from_is_believed(
    site: str, mode: str, method: str, is_another: bool
) -> None:
    assert is_of_another_page(a_request(method, sec_fetch_site=site, sec_fetch_mode=mode)) is is_another
    # The origin need not be that of a proxy's way to this server, and cannot make good what the browser says.
    for origin in ("https://console.example", f"http://{HOST}", "null"):
        headers = {"sec_fetch_site": site, "sec_fetch_mode": mode, "origin": origin}
        assert is_of_another_page(a_request(method, **headers)) is is_another


@pytest.mark.parametrize(
    ("scheme", "host", "name"),
    [
        ("http", "127.0.0.1:8080", "opsimate-session-8080"),
        ("http", "127.0.0.1:8090", "opsimate-session-8090"),
        ("https", "ops.example", "opsimate-session-443"),
        ("http", "ops.example", "opsimate-session-80"),
        ("http", "[::1]:8080", "opsimate-session-8080"),
        ("http", "[::1]", "opsimate-session-80"),
        ("http", "a:b; x=y", "opsimate-session-80"),
        ("http", "a:\u00b9", "opsimate-session-80"),
        ("http", None, "opsimate-session-80"),
    ],
)
def test_the_cookie_is_named_after_the_port(scheme: str, host: str | None, name: str) -> None:
    assert cookie_name(a_request(scheme=scheme, host=host)) == name


@pytest.mark.parametrize(
    ("scheme", "headers", "is_secure"),
    [
        ("http", {}, False),
        ("https", {}, True),
        ("http", {"origin": "http://ops.example:8080"}, False),
        ("http", {"origin": "https://ops.example"}, True),  # a proxy took TLS off, and does not say so
    ],
)
def test_the_cookie_is_for_this_server_alone_and_no_script(
    scheme: str, headers: dict[str, str], is_secure: bool
) -> None:
    request, response = a_request(scheme=scheme, **headers), Response()
    give_session(request, response, "s3cret", seconds=3_600)
    wanted = ["HttpOnly", "Max-Age=3600", "Path=/", "SameSite=strict", *(["Secure"] if is_secure else [])]
    assert response.headers["set-cookie"] == "; ".join(["opsimate-session-8080=s3cret", *wanted])
    take_session(request, response)
    taken = response.headers.getlist("set-cookie")[1]
    assert taken.startswith('opsimate-session-8080="";')
    assert "Max-Age=0" in taken


def test_the_cookie_of_another_port_is_not_shown() -> None:
    assert shown_session(a_request(cookie="opsimate-session-8080=a; opsimate-session-8090=b")) == "a"
    assert shown_session(a_request(cookie="opsimate-session-8090=b")) is None
    assert shown_session(a_request(cookie="opsimate-session-8080=")) is None


def test_a_token_goes_before_a_session_and_is_believed_from_wherever_it_comes() -> None:
    foreign = {"origin": "https://evil.example", "cookie": "opsimate-session-8080=a"}
    assert shown_credential(a_request(authorization="Bearer t", **foreign)) == Credential("token", "t")
    with pytest.raises(ProblemError) as refusal:
        shown_credential(a_request(**foreign))
    assert refusal.value.status_code == 403
    assert shown_credential(a_request(cookie="opsimate-session-8080=a")) == Credential("session", "a")
    assert shown_credential(a_request(authorization="Basic YTpi")) is None
    assert shown_credential(a_request(origin="https://evil.example")) is None


def test_what_was_shown_is_in_no_text_of_it() -> None:
    assert "s3cret" not in repr(Credential("token", "s3cret"))


def test_an_address_may_fail_so_often_in_a_minute() -> None:
    failures = FailedSignIns()
    for number in range(MOST_FAILURES):
        assert failures.seconds_to_wait("10.0.0.1", 100.0 + number) == 0
        failures.note("10.0.0.1", 100.0 + number)
    assert failures.seconds_to_wait("10.0.0.1", 120.0) == 100.0 + WITHIN - 120.0
    assert failures.seconds_to_wait("10.0.0.2", 120.0) == 0
    assert failures.seconds_to_wait("10.0.0.1", 100.0 + WITHIN) == 0
    failures.note("10.0.0.1", 100.0 + WITHIN)
    assert failures.seconds_to_wait("10.0.0.1", 100.0 + WITHIN) == 1.0


def test_failures_of_any_number_of_addresses_take_little_room() -> None:
    failures = FailedSignIns()
    for number in range(MOST_ADDRESSES + 10):
        failures.note(f"2001:db8::{number:x}", 0.0)
    assert len(failures._times._values) == MOST_ADDRESSES
