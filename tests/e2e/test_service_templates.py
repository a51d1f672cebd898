"""The templates of services, over SSH on machines whose services systemd, OpenRC and init scripts look after."""

import pytest

from tests.e2e.machines import Machines

EVERY_KIND = pytest.mark.parametrize("kind", ["debian", "busybox", "openrc", "systemd"])
BOTH_USERLANDS = pytest.mark.parametrize("kind", ["debian", "busybox"])


@EVERY_KIND
def test_service_restart_restarts_and_sees_that_it_stays_up(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    told = machines.run("service-restart", host, service="shop", watch=1).succeeded()
    manager = "sysv" if kind in {"debian", "busybox"} else kind
    told.says(f"is looked after by {manager}", "shop has been up for 1 seconds.")


@EVERY_KIND
def test_service_restart_fails_where_the_service_does_not_stay_up(machines: Machines, kind: str) -> None:
    told = machines.run("service-restart", machines.provider(kind), service="dies", watch=3)
    assert told.state == "failed"
    assert told.steps["verify"] == "failed"
    told.says("dies is not up")


@pytest.mark.parametrize("kind", ["busybox", "systemd"])
def test_service_restart_touches_nothing_that_is_unknown(machines: Machines, kind: str) -> None:
    told = machines.run("service-restart", machines.provider(kind), service="nonesuch")
    told.failed_at("look").says("Nobody here knows a service nonesuch")
    assert told.statuses["look"] == 4
    assert "restart" not in told.statuses


def test_service_restart_tells_what_systemd_calls_a_success(machines: Machines) -> None:
    host = machines.provider("systemd")
    machines.run("service-restart", host, service="flaps", watch=3).failed_at("verify")
    told = machines.run("service-restart", host, service="conditional", watch=1).failed_at("verify")
    told.says("ConditionResult=no")
    machines.run("service-restart", host, service="masked").failed_at("look").says("is masked")
    machines.run("service-restart", host, service="job").succeeded().says("job has done its work.")
    told = machines.run("service-restart", host, service="dies", watch=1).failed_at("verify")
    told.says("fatal: no configuration", "Result=exit-code")


def test_service_restart_is_not_refused_by_systemd_for_being_asked_often(machines: Machines) -> None:
    host = machines.provider("systemd")
    machines.on(host, "for turn in 1 2 3 4 5 6 7; do systemctl restart shop; done")
    machines.run("service-restart", host, service="shop", watch=1).succeeded()


@BOTH_USERLANDS
def test_service_restart_restarts_a_plain_program(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    machines.on(
        host, "mkdir -p /opt/app; printf '#!/bin/sh\\nexec sleep 1000\\n' > /opt/app/start; chmod +x /opt/app/start"
    )
    pids = []
    for _ in range(2):
        machines.run("service-restart", host, service="app", pid_file="/run/app.pid", watch=1).succeeded()
        pids.append(machines.on(host, "cat /run/app.pid"))
    assert pids[0] != pids[1]
    machines.on(host, "kill $(cat /run/app.pid); printf '#!/bin/sh\\nexit 1\\n' > /opt/app/start")
    machines.run("service-restart", host, service="app", pid_file="/run/app.pid", watch=1).failed_at("verify")


def test_service_restart_leaves_up_what_has_a_broken_configuration(machines: Machines) -> None:
    host = machines.provider("debian")
    machines.on(
        host, "cp /etc/init.d/shop /etc/init.d/sshd; /etc/init.d/sshd start; echo Nonsense yes > /etc/ssh/sshd_config"
    )
    before = machines.on(host, "cat /run/shop.pid")
    told = machines.run("service-restart", host, service="sshd").failed_at("check-configuration")
    told.says("Bad configuration option")
    assert machines.on(host, "cat /run/shop.pid") == before


def test_sudo_is_used_where_it_is_asked_for(machines: Machines) -> None:
    rights = "echo 'ALL ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/test; chmod 440 /etc/sudoers.d/test\n"
    host = machines.provider("debian", rights)
    known = machines.as_ordinary_user(host)
    machines.run("service-restart", known, service="shop", watch=1, sudo=True).succeeded()
    machines.on(host, "rm /etc/sudoers.d/test")
    machines.run("service-restart", known, service="shop", watch=1, sudo=True).says("a password is required")


@EVERY_KIND
def test_service_status_check_tells_of_each_and_fails_where_one_is_down(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    machines.run("service-restart", host, service="shop", watch=1).succeeded()
    machines.run("service-status-check", host, services="shop").succeeded().says("shop: active")
    told = machines.run("service-status-check", host, services="shop,dies,nonesuch")
    told.failed_at("status", "verdict").says("shop: active", "dies: ", "nonesuch: nobody here knows it", "2 not up")


@BOTH_USERLANDS
def test_service_status_check_looks_for_who_listens(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    machines.on(host, "/etc/init.d/shop start")
    port = machines.port_of(host)
    machines.run("service-status-check", host, services="shop", port=port).succeeded().says(f"listens at port {port}")
    machines.run("service-status-check", host, services="shop", port=1).failed_at("port", "verdict")


@pytest.mark.parametrize("kind", ["busybox", "systemd"])
def test_service_log_collection_collects_and_counts(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    if kind == "systemd":
        machines.on(host, "systemctl restart dies")
        told = machines.run("service-log-collection", host, service="dies").succeeded()
        told.says("fatal: no configuration", "look like an error")
    else:
        machines.on(
            host,
            "mkdir -p /var/log/shop; echo 'error: one' > /var/log/shop/a.log; echo 'shop: fine' > /var/log/messages",
        )
        told = machines.run("service-log-collection", host, service="shop").succeeded()
        told.says("error: one", "shop: fine", "1 lines look like an error")


@pytest.mark.parametrize("kind", ["busybox", "systemd"])
def test_service_log_collection_fails_where_nothing_is_logged(machines: Machines, kind: str) -> None:
    told = machines.run("service-log-collection", machines.provider(kind), service="nonesuch").failed_at("look")
    told.says("Nothing is logged here for nonesuch")
