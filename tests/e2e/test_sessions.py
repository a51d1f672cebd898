"""Signing in to the product as a browser does, in both its forms."""

import threading

import httpx
import pytest

from shared.browsers import COOKIE
from tests.product import Part, Product
from tests.stage import action


def a_browser(catalog: Part, secret: str | None = None) -> httpx.Client:
    """It shows no token, and keeps cookies; with a secret it was signed in before."""
    browser = httpx.Client(base_url=f"http://127.0.0.1:{catalog.port}", timeout=30)
    if secret is not None:
        browser.cookies.set(f"{COOKIE}-{catalog.port}", secret, domain="127.0.0.1")
    return browser


def catalogs_of(product: Product) -> list[Part]:
    return [part for part in product.parts if part.name in {"opsimate", "catalog"}]


def secret_of(browser: httpx.Client, catalog: Part) -> str:
    return browser.cookies[f"{COOKIE}-{catalog.port}"]


def a_link(product: Product) -> str:
    answer = product.http.post("/api/v1/session/links")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["link"])


def test_somebody_signs_in_with_a_link_runs_an_action_and_follows_it(product: Product) -> None:
    name = action(product, "by-session", "echo done")
    catalogs = catalogs_of(product)
    with a_browser(product.catalog) as browser:
        assert browser.get(f"/api/v1/actions/{name}").status_code == 401
        signed_in = browser.post("/api/v1/session", json={"link": a_link(product)})
        assert (signed_in.status_code, signed_in.json()["name"]) == (200, "admin")
        asked = browser.post(f"/api/v1/actions/{name}/runs", json={"parameters": {}})
        assert asked.status_code == 202, asked.text
        run = asked.json()
        assert (run["trigger"]["kind"], run["trigger"]["by"]) == ("manual", "admin")
        assert "event: end" in browser.get(f"/api/v1/runs/{run['id']}/events").text
        secret = secret_of(browser, product.catalog)
    for catalog in catalogs:
        with a_browser(catalog, secret) as elsewhere:
            assert elsewhere.get(f"/api/v1/runs/{run['id']}").json()["state"] == "succeeded"
            assert elsewhere.get("/metrics").status_code == 200
            foreign = {"Origin": "http://127.0.0.1:1"}
            assert elsewhere.delete(f"/api/v1/actions/{name}", headers=foreign).status_code == 403
            own = {"Origin": f"http://127.0.0.1:{catalog.port}"}
            assert elsewhere.post(f"/api/v1/actions/{name}/runs", headers=own, json={}).status_code == 202
    with a_browser(product.catalog, secret) as browser:
        assert browser.delete("/api/v1/session").status_code == 204
        assert not browser.cookies
        assert browser.get("/api/v1/runs").status_code == 401


def test_of_those_who_use_a_link_at_the_same_moment_one_is_signed_in(product: Product) -> None:
    link, catalogs, found = a_link(product), catalogs_of(product), []
    at_once = threading.Barrier(6)

    def use(catalog: Part) -> None:
        with a_browser(catalog) as browser:
            browser.get("/healthz")
            at_once.wait()
            found.append(browser.post("/api/v1/session", json={"link": link}).status_code)

    threads = [threading.Thread(target=use, args=(catalogs[number % len(catalogs)],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 401, 401, 401, 401, 401]


@pytest.mark.parametrize("proxied", [False, True])
def test_the_cookie_is_secure_where_a_proxy_says_that_it_came_by_https(product: Product, proxied: bool) -> None:
    headers = {"Host": "ops.example", "X-Forwarded-Proto": "https"} if proxied else {}
    with a_browser(product.catalog) as browser:
        answer = browser.post("/api/v1/session", json={"token": product.token}, headers=headers)
        cookie = answer.headers["set-cookie"]
        assert ("Secure" in cookie) is proxied
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert cookie.startswith(f"{COOKIE}-{443 if proxied else product.catalog.port}=")


def test_who_is_signed_in_is_so_after_the_product_was_killed(own_product: Product) -> None:
    with a_browser(own_product.catalog) as browser:
        assert browser.post("/api/v1/session", json={"token": own_product.token}).status_code == 200
        link = a_link(own_product)
        own_product.kill_everything()
        own_product.start()
        assert browser.get("/api/v1/session").json()["kind"] == "session"
        with a_browser(own_product.catalog) as another:
            assert another.post("/api/v1/session", json={"link": link}).status_code == 200
        browser.delete("/api/v1/session")
        own_product.kill_everything()
        own_product.start()
        assert browser.get("/api/v1/session").status_code == 401
