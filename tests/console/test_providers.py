"""The machines in the console, in both forms."""

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product
from tests.servers.sshd import SshServer


@IN_ONE_FORM
def test_providers_are_read_by_everybody(open_page: OpenPage) -> None:
    page = open_page("/providers")
    for path in (
        "/providers",
        "/providers?show=groups",
        "/providers?show=pools",
        "/providers/web-1",
        "/providers/+new",
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_read_by_everybody(page)


def test_a_machine_is_added_with_its_key_tested_changed_and_deleted(
    site: Product, open_page: OpenPage, sshd: SshServer
) -> None:
    page = open_page("/providers")
    page.get_by_role("link", name="Add a provider").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("added-here")
    page.get_by_role("textbox", name="Host", exact=True).fill(sshd.host)
    page.get_by_role("textbox", name="User", exact=True).fill(sshd.user)
    page.get_by_role("textbox", name="Port", exact=True).fill(str(sshd.port))
    page.get_by_role("button", name="New secret").first.click()
    page.get_by_role("textbox", name="Private key itself").fill(sshd.private_key)
    page.get_by_role("textbox", name="Name of the secret").press("Enter")
    expect(page.get_by_role("textbox", name="Private key itself")).to_have_count(0)
    page.get_by_role("button", name="Add the provider").click()
    expect(page.get_by_role("heading", name="added-here")).to_be_visible()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("It answers")).to_be_visible()
    expect(page.get_by_role("button", name="Test", exact=True)).to_be_focused()  # also while it waited
    page.get_by_role("textbox", name="Description").fill("Added by a test")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("added-here is saved.")).to_be_visible()
    stored = site.http.get("/api/v1/providers/added-here").json()
    assert (stored["description"], stored["version"]) == ("Added by a test", 2)
    assert stored["connection"]["ssh"]["private_key"] == {"secret": "added-here-key"}
    page.get_by_role("button", name="Delete the provider").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("heading", name="Providers")).to_be_focused()
    assert site.http.get("/api/v1/providers/added-here").status_code == 404


@IN_ONE_FORM
def test_what_is_wrong_with_a_machine_stands_at_its_field(open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors.append("422")
    page = open_page("/providers/+new")
    page.get_by_role("textbox", name="Name", exact=True).fill("Not A Name")
    page.get_by_role("textbox", name="Host", exact=True).fill("db.example")
    page.get_by_role("textbox", name="User", exact=True).fill("root")
    page.get_by_role("button", name="Add the provider").click()
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("combobox", name="Private key")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_count(0)


@IN_ONE_FORM
def test_a_machine_is_found_by_what_is_known_of_it(site: Product, open_page: OpenPage) -> None:
    connection = site.http.get("/api/v1/providers/web-1").json()["connection"]
    for number in range(130):
        labels = {"shelf": str(number)}
        site.put("providers", {"name": f"found-{number:03d}", "connection": connection, "labels": labels})
    page = open_page("/providers")
    rows = page.get_by_role("table", name="Providers").get_by_role("row")
    expect(page.get_by_role("button", name="Show more")).to_be_visible()
    page.get_by_role("searchbox", name="Find a provider").fill("found shelf=129")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("found-129")


def test_a_pool_without_an_executor_says_so(site: Product, open_page: OpenPage) -> None:
    connection = site.http.get("/api/v1/providers/web-1").json()["connection"]
    site.put("providers", {"name": "in-a-pool", "connection": connection, "pool": "lonely"})
    page = open_page("/providers?show=pools")
    expect(page.get_by_role("row", name="lonely")).to_contain_text("steps on its providers wait for one")
    expect(page.get_by_role("row", name="default")).to_contain_text("carries out")
