"""Many machines at once in the console: from what Ansible and ssh know of them."""

from pathlib import Path

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_not_enlarged, assert_read_by_everybody
from tests.product import Product
from tests.servers.sshd import SshServer


@IN_ONE_FORM
def test_import_an_ansible_inventory(
    site: Product, open_page: OpenPage, sshd: SshServer, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    page = open_page("/providers")
    page.get_by_role("link", name="Import").click()
    expect(page.get_by_text("opsimate import ansible-inventory hosts.ini --prune")).to_be_visible()
    text = page.get_by_role("textbox", name="Inventory")
    text.fill("[taken\nimported-1\n")
    page.get_by_role("button", name="Show the plan").click()
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("inventory:1: ")).to_be_visible()
    where = f"ansible_host={sshd.host} ansible_port={sshd.port}"
    text.fill(f"[taken]\nimported-1 {where} env=prod\nimported-2 {where}\n--bad-- {where} ansible_port=x\n")
    page.get_by_role("textbox", name="User").fill(sshd.user)
    page.get_by_role("combobox", name="Private key").click()
    page.get_by_role("option", name="web-1-key").click()
    page.get_by_role("combobox", name="Labels of variables").fill("env")
    page.get_by_role("combobox", name="Labels of variables").press("Enter")
    page.get_by_role("button", name="Show the plan").click()
    plan = page.get_by_role("region", name="What would be stored")
    expect(plan.get_by_role("heading", name="3 new")).to_be_visible()
    expect(plan).to_contain_text("inventory:4: --bad--: the port 'x' is no number")
    store = plan.get_by_role("button", name="Store all 3")
    expect(store).to_have_attribute("aria-disabled", "true")
    plan.get_by_role("checkbox", name="Leave these machines out").check()
    assert_read_by_everybody(page)
    store.click()
    expect(page.get_by_role("heading", name="Providers")).to_be_visible()
    page.get_by_role("searchbox", name="Find a provider").fill("imported")
    expect(page.get_by_role("link", name="imported-2")).to_be_visible()
    stored = site.http.get("/api/v1/providers/imported-1").json()
    assert (stored["labels"], stored["connection"]["ssh"]["private_key"]) == ({"env": "prod"}, {"secret": "web-1-key"})
    assert site.http.post("/api/v1/providers/imported-1/test").json()["ok"] is True
    group = site.http.get("/api/v1/provider-groups/taken").json()
    assert group["providers"] == ["imported-1", "imported-2"]


@IN_ONE_FORM
def test_import_an_ssh_configuration_of_a_file_again(site: Product, open_page: OpenPage, tmp_path: Path) -> None:
    connection = {"ssh": {"host": "10.0.0.7", "user": "ops", "private_key": {"secret": "web-1-key"}}}
    site.put("providers", {"name": "ssh-gate", "connection": connection})
    config = tmp_path / "config"
    config.write_text("Host ssh-gate\n HostName 10.0.0.8\nHost ssh-app\n ProxyJump ssh-gate\nHost *\n User ops\n")
    page = open_page("/providers/+import", width=360, touch=True)
    assert_not_enlarged(page)
    page.get_by_text("SSH configuration", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(config)
    expect(page.get_by_role("textbox", name="Configuration")).to_have_value(config.read_text())
    page.get_by_role("combobox", name="Private key").click()
    page.get_by_role("option", name="web-1-key").click()
    page.get_by_role("button", name="Show the plan").click()
    plan = page.get_by_role("region", name="What would be stored")
    expect(plan.get_by_role("insertion")).to_contain_text("host: 10.0.0.8")
    plan.get_by_role("button", name="Store all 2").click()
    page.get_by_role("searchbox", name="Find a provider").fill("ssh-app")
    expect(page.get_by_role("link", name="ssh-app")).to_be_visible()
    assert site.http.get("/api/v1/providers/ssh-app").json()["connection"]["ssh"]["jump"] == "ssh-gate"
