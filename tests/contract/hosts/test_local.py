"""What is particular about the executor's own machine."""

import pytest

from executor.adapters.local import LocalHost
from tests.builders_commands import a_request, begin, carry_out


async def test_commands_do_not_see_the_environment_of_the_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSIMATE_MASTER_KEY", "the key to everything")
    _, printed = await carry_out(LocalHost(allowed=True), a_request("env"))
    names = {line.split("=")[0] for line in printed.stdout.decode().splitlines()}
    assert "OPSIMATE_MASTER_KEY" not in names
    assert names >= {"PATH", "HOME", "USER", "SHELL", "LANG"}


async def test_nothing_runs_unless_the_administrator_allows_it() -> None:
    host = LocalHost(allowed=False)
    running = begin(host, a_request("echo ran"))
    ended = await running.ended()
    assert (ended.state, ended.reason) == ("failed", "not_allowed")
    assert "OPSIMATE_ALLOW_LOCAL" in (ended.reason_text or "")
    assert running.started == []
    assert (await host.test()).reason == "not_allowed"


async def test_a_shell_that_is_not_there_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executor.adapters.local._SEARCH_PATH", "/nowhere")
    ended, _ = await carry_out(LocalHost(allowed=True), a_request("true"))
    assert (ended.state, ended.reason) == ("failed", "misconfigured")
    assert "sh" in (ended.reason_text or "")
