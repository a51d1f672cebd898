"""Templates over the API, in both forms: listed, shown, and copied into actions that run."""

import pytest

from catalog.domain.templates import GROUPS, NAMES
from tests.product import Product


def test_templates_are_listed_group_by_group_and_page_by_page(product: Product) -> None:
    answer = product.http.get("/api/v1/templates").json()
    assert answer["next"] is None
    assert [(item["group"], item["name"]) for item in answer["items"]] == [
        (group, name) for group, names in GROUPS.items() for name in names
    ]
    assert all(item["title"] and item["description"] and item["category"] for item in answer["items"])
    assert "steps" not in answer["items"][0]
    found: list[str] = []
    cursor = None
    while True:
        page = product.http.get(
            "/api/v1/templates", params={"limit": 5, **({"cursor": cursor} if cursor else {})}
        ).json()
        found += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [*NAMES]
    refused = product.http.get("/api/v1/templates", params={"cursor": "bm9uZXN1Y2g"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")


def test_a_template_is_shown_with_what_each_step_does(product: Product) -> None:
    shown = product.http.get("/api/v1/templates/service-restart").json()
    assert (shown["title"], shown["group"], shown["category"]) == ("Service Restart", "Service Management", "Recovery")
    assert [step["name"] for step in shown["steps"]][:2] == ["look", "check-configuration"]
    assert all(step["description"] for step in shown["steps"])
    text = product.http.get("/api/v1/templates/service-restart", headers={"Accept": "application/yaml"})
    assert text.headers["content-type"] == "application/yaml"
    assert text.text.startswith("kind: action\nname: service-restart\ntitle: Service Restart\n")
    unknown = product.http.get("/api/v1/templates/service-restrat")
    assert unknown.status_code == 404
    assert unknown.json()["detail"] == "there is no template 'service-restrat'; did you mean 'service-restart'?"


def test_a_template_is_used_once_under_a_name_and_runs(product: Product) -> None:
    use = "/api/v1/templates/disk-cleanup/use"
    body = {"name": "clean-web", "title": "Clean the web servers", "parameters": {"host": "web-1", "at_most": 100}}
    made = product.http.post(use, json=body, params={"note": "for the web"})
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (
        201,
        "/api/v1/actions/clean-web",
        '"1"',
    )
    assert made.json() == product.http.get("/api/v1/actions/clean-web").json()
    assert (made.json()["title"], made.json()["category"]) == ("Clean the web servers", "Maintenance")
    defaults = {one["name"]: one["default"] for one in made.json()["parameters"]}
    assert (defaults["host"], defaults["at_most"], defaults["apply"]) == ("web-1", 100, False)
    (version,) = product.http.get("/api/v1/actions/clean-web/versions").json()["items"]
    assert version["note"] == "for the web"
    again = product.http.post(use, json=body)
    assert (again.status_code, "there is an action 'clean-web' already" in again.json()["detail"]) == (409, True)
    run = product.result("clean-web", {"path": "/dev/shm"}, within=120)
    assert run["steps"][0]["state"] == "succeeded"
    assert b"A dry look: nothing is deleted." in product.output(run["id"])
    product.http.delete("/api/v1/actions/clean-web").raise_for_status()


@pytest.mark.parametrize(
    ("parameters", "field", "said"),
    [
        ({"servcie": "nginx"}, "parameters.servcie", "did you mean 'service'?"),
        ({"service": "; rm -rf /"}, "parameters.service", "pattern"),
        ({"watch": 0}, "parameters.watch", "1"),
        ({"host": "nonesuch"}, "parameters.host", "there is no provider 'nonesuch'"),
    ],
)
def test_a_default_that_cannot_be_makes_no_action(
    product: Product, parameters: dict[str, str], field: str, said: str
) -> None:
    body = {"name": "cannot-be", "parameters": parameters}
    answer = product.http.post("/api/v1/templates/service-restart/use", json=body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert said in answer.json()["errors"][0]["message"]
    assert product.http.get("/api/v1/actions/cannot-be").status_code == 404


def test_a_secret_has_no_default_and_a_name_is_needed(product: Product) -> None:
    use = "/api/v1/templates/database-recovery/use"
    answer = product.http.post(use, json={"name": "recover", "parameters": {"password": "hush"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "parameters.password")
    answer = product.http.post(use, json={})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
    assert product.http.post("/api/v1/templates/nonesuch/use", json={"name": "a"}).status_code == 404
