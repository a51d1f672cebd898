"""Browsers: the cookie that a session travels in, and which page a request comes from.

A browser sends cookies by itself, with whatever a page of anybody's asks it to send, and tells the ports of a host not
apart in it. So the cookie's name has the port, and what comes with one is believed only where the browser says that a
page of this very address asked for it.
"""

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "opsimate-session"
_USUAL_PORTS = {"http": "80", "https": "443"}
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OWN_PAGES = frozenset({"same-origin", "none"})
"""What ``Sec-Fetch-Site`` says of what a page of this address asked for, or a person by typing an address."""


def cookie_name(request: HTTPConnection) -> str:
    """The name of the cookie at the address that the browser called."""
    _, port = _host_and_port(request)
    return f"{COOKIE}-{port}"


def shown_session(request: HTTPConnection) -> str | None:
    """The secret of a session, as the browser keeps it."""
    return request.cookies.get(cookie_name(request)) or None


def give_session(request: HTTPConnection, response: Response, secret: str, *, seconds: int) -> None:
    """Have the browser keep the secret for so long, and show it to this server alone, in no script."""
    response.set_cookie(
        cookie_name(request), secret, max_age=seconds, httponly=True, samesite="strict", secure=_is_secure(request)
    )


def take_session(request: HTTPConnection, response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(cookie_name(request), httponly=True, samesite="strict", secure=_is_secure(request))


def is_of_another_page(request: HTTPConnection) -> bool:
    """Whether a browser sent this because a page of another address asked it to.

    Every browser says so since 2023, in ``Sec-Fetch-Site`` over TLS and on this machine, and all of them have said
    before in ``Origin`` where something is written. What says neither is no browser, so nobody can have led it here.
    To follow a link is to ask for it oneself.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_followed_link = request.scope["method"] in _SAFE_METHODS and _is_navigation(request)
        return site not in _OWN_PAGES and not is_followed_link
    origin = request.headers.get("origin")
    return origin is not None and origin.lower() != _own_origin(request)


def _is_navigation(request: HTTPConnection) -> bool:
    return request.headers.get("sec-fetch-mode") == "navigate"


def _own_origin(request: HTTPConnection) -> str:
    """As a browser writes it, without the port that is the scheme's usual one."""
    scheme = request.scope["scheme"]
    host, port = _host_and_port(request)
    return f"{scheme}://{host}" if port == _USUAL_PORTS.get(scheme) else f"{scheme}://{host}:{port}"


def _host_and_port(request: HTTPConnection) -> tuple[str, str]:
    """As the browser has called them."""
    called = request.headers.get("host", "").lower()
    host, _, port = called.rpartition(":")
    if port.isascii() and port.isdigit():
        return host, port
    return called, _USUAL_PORTS.get(request.scope["scheme"], "")


def _is_secure(request: HTTPConnection) -> bool:
    """Whether it came over TLS as far as the browser knows: a proxy before this server may have taken that off."""
    return request.scope["scheme"] == "https" or request.headers.get("origin", "").startswith("https://")
