"""The templates that recover: databases from backups, applications from their state, a service on another machine."""

import base64
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.e2e.machines import Machines
from tests.servers.databases import MariaDB, PostgreSQL
from tests.servers.presence import start_or_refuse


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL with a shop of three orders."""
    with closing(start_or_refuse(PostgreSQL)) as server:
        server.sql("CREATE DATABASE shop")
        server.sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2), (3)", "shop")
        yield server


@pytest.fixture(scope="module")
def backups(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shell text that puts backups of the shop into ``/srv``, one of every form, and broken ones."""
    login = f"'host=127.0.0.1 port={postgresql.port} user=postgres dbname=shop'"
    made = (
        f"pg_dump -d {login} > shop.sql; pg_dump -Fc -d {login} > shop.dump; gzip -k shop.sql;"
        "grep -B 9999 '^1$' shop.sql > cut.sql; head -c 1000 shop.dump > cut.dump;"
        "head -c 300 shop.sql.gz > cut.sql.gz;"
        "sed 's/^-- Name: orders;.*/CREATE TABLE nowhere.orders (id int);/' shop.sql > wrong.sql;"
        f"pg_dump -C -d {login} > named.sql; : > empty.sql\n"
    )
    folder = tmp_path_factory.mktemp("backups")
    subprocess.run(["sh", "-ec", made], cwd=folder, check=True)
    contents = {path.name: base64.b64encode(path.read_bytes()).decode() for path in folder.iterdir()}
    return "".join(f"echo {content} | base64 -d > /srv/{name}\n" for name, content in contents.items())


@pytest.fixture
def shop(postgresql: PostgreSQL) -> Iterator[PostgreSQL]:
    """The same server, where nothing was restored yet."""
    yield postgresql
    postgresql.sql("DROP DATABASE IF EXISTS shop_restored")


def _of_postgresql(server: PostgreSQL) -> dict[str, Any]:
    return {"engine": "postgresql", "database": "shop", "server": "127.0.0.1", "port": server.port, "user": "postgres"}


@pytest.mark.parametrize("backup", ["shop.sql", "shop.sql.gz", "shop.dump"])
def test_database_recovery_restores_beside_the_present_database(
    machines: Machines, shop: PostgreSQL, backups: str, backup: str
) -> None:
    host = machines.provider("debian", backups)
    told = machines.run("database-recovery", host, **_of_postgresql(shop), backup=f"/srv/{backup}").succeeded()
    told.says("public.orders: 3 rows", "What was restored stays beside the present one")
    assert shop.sql("SELECT count(*) FROM orders", "shop_restored") == "3"
    again = machines.run("database-recovery", host, **_of_postgresql(shop), backup=f"/srv/{backup}")
    again.failed_at("prepare").says("There is a database shop_restored already")
    assert shop.sql("SELECT count(*) FROM orders", "shop_restored") == "3", "it is another run's"


def test_database_recovery_takes_the_place_of_the_present_one_which_is_kept(
    machines: Machines, postgresql: PostgreSQL, backups: str
) -> None:
    host = machines.provider("debian", backups)
    postgresql.sql("CREATE DATABASE archive")
    given = {**_of_postgresql(postgresql), "database": "archive", "backup": "/srv/shop.sql"}
    machines.run("database-recovery", host, **given, replace=True).succeeded()
    assert postgresql.sql("SELECT count(*) FROM orders", "archive") == "3"
    assert postgresql.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'archive_before_%'") == "1"
    assert postgresql.sql("SELECT count(*) FROM pg_database WHERE datname = 'archive_restored'") == "0"


@pytest.mark.parametrize(
    ("backup", "step", "said"),
    [
        ("cut.sql", "check-backup", "it was cut off"),
        ("cut.sql.gz", "check-backup", "cannot be unpacked"),
        ("cut.dump", "check-backup", "The backup"),
        ("named.sql", "check-backup", "names its database itself"),
        ("empty.sql", "look", "The backup is missing, or empty"),
        ("wrong.sql", "restore", 'schema "nowhere" does not exist'),
    ],
)
def test_database_recovery_leaves_nothing_by_half(
    machines: Machines, shop: PostgreSQL, backups: str, *, backup: str, step: str, said: str
) -> None:
    host = machines.provider("debian", backups)
    told = machines.run("database-recovery", host, **_of_postgresql(shop), backup=f"/srv/{backup}", replace=True)
    told.failed_at(step).says(said)
    assert shop.sql("SELECT count(*) FROM orders", "shop") == "3"
    assert shop.sql("SELECT count(*) FROM pg_database WHERE datname = 'shop_restored'") == "0"


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB with a shop of three orders."""
    with closing(start_or_refuse(MariaDB)) as server:
        server.sql("CREATE DATABASE shop")
        server.sql("CREATE TABLE orders (id int) ENGINE=InnoDB; INSERT INTO orders VALUES (1), (2), (3)", "shop")
        yield server


def test_database_recovery_restores_mariadb_and_keeps_a_dump_of_what_was_there(
    machines: Machines, mariadb: MariaDB
) -> None:
    host = machines.provider("debian")
    login = f"-h 127.0.0.1 -P {mariadb.port} -u keeper -p'{mariadb.password}'"
    machines.on(
        host,
        f"mariadb-dump {login} shop | gzip > /srv/shop.sql.gz; mariadb-dump {login} --databases shop > /srv/named.sql",
    )
    machines.on(host, "gunzip -c /srv/shop.sql.gz | grep -B 9999 '^INSERT' > /srv/cut.sql")
    machines.product.put("secrets", {"name": "mariadb", "value": mariadb.password})
    given: dict[str, Any] = {"engine": "mysql", "database": "shop", "server": "127.0.0.1", "port": mariadb.port}
    given |= {"user": "keeper", "password": {"secret": "mariadb"}}
    machines.run("database-recovery", host, **given, backup="/srv/cut.sql").failed_at("check-backup").says(
        "it was cut off"
    )
    machines.run("database-recovery", host, **given, backup="/srv/named.sql").failed_at("check-backup")
    wrong = {**given, "password": {"secret": machines.key_of(host)}}
    machines.run("database-recovery", host, **wrong, backup="/srv/shop.sql.gz").failed_at("look").says("Access denied")
    mariadb.sql("DELETE FROM orders", "shop")
    told = machines.run("database-recovery", host, **given, backup="/srv/shop.sql.gz", replace=True).succeeded()
    told.says("orders: about", "The present one is written to /var/backups/shop-before-")
    assert mariadb.sql("SELECT count(*) FROM orders", "shop") == "3"
    assert mariadb.sql("SHOW DATABASES LIKE 'shop%'") == "shop"
    assert "-- Dump completed" in machines.on(host, "tail -n 1 /var/backups/shop-before-*.sql")


_MONGO = """
for tool in mongorestore mongodump; do
  printf '#!/bin/sh\necho "$0 $*"\ncat /srv/mongo-says\nfor a in "$@"; do case $a in
  --config=*) cat "${a#--config=}" > /srv/mongo-config ;;
  --archive=*-before-*) echo x | gzip > "${a#--archive=}" ;; esac; done\n' > /usr/local/bin/$tool
  chmod +x /usr/local/bin/$tool
done
echo archive | gzip > /srv/shop.gz
"""
"""Debian has no tools of MongoDB: these stand in for them. They say what they were asked for, and what a file says."""


def test_database_recovery_reads_what_mongorestore_says(machines: Machines) -> None:
    host = machines.provider("debian", _MONGO)
    given = {"engine": "mongodb", "database": "shop", "backup": "/srv/shop.gz", "user": "keeper", "password": "a b"}
    machines.on(host, "echo '3 document(s) restored successfully. 2 document(s) failed to restore.' > /srv/mongo-says")
    machines.run("database-recovery", host, **given).failed_at("restore").says("Not all documents were restored.")
    machines.on(host, "echo '3 document(s) restored successfully. 0 document(s) failed to restore.' > /srv/mongo-says")
    told = machines.run("database-recovery", host, **given, replace=True).succeeded()
    told.says(
        "--nsFrom=shop.* --nsTo=shop_restored.*",
        "--gzip",
        "--nsInclude=shop.* --drop",
        "The one before is in /var/backups",
    )
    assert machines.on(host, "cat /srv/mongo-config") == 'password: "••••••"\n' or 'password: "a b"' in machines.on(
        host, "cat /srv/mongo-config"
    )


@pytest.mark.parametrize("kind", ["busybox", "systemd", "openrc"])
def test_application_reset_puts_the_folder_aside_and_looks_first(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    given = {"service": "shop", "folder": "/srv/shop/cache", "watch": 1}
    machines.on(host, "mkdir -p /srv/shop/cache; echo stale > /srv/shop/cache/entry; chmod 750 /srv/shop/cache")
    machines.run("application-reset", host, **given).succeeded().says("A dry look")
    assert machines.on(host, "cat /srv/shop/cache/entry") == "stale\n"
    machines.run("application-reset", host, **given, apply=True).succeeded().says("It has been up for 1 seconds.")
    assert (
        machines.on(host, "ls /srv/shop/cache; stat -c %a /srv/shop/cache; cat /srv/shop/cache.before-*/entry")
        == "750\nstale\n"
    )
    machines.on(host, "rm -rf /srv/shop/cache.before-*")


@pytest.mark.parametrize("kind", ["busybox", "systemd"])
def test_application_reset_puts_the_folder_back_where_the_service_does_not_stay_up(
    machines: Machines, kind: str
) -> None:
    host = machines.provider(kind)
    machines.on(host, "mkdir -p /srv/dying/cache/all; echo dear > /srv/dying/cache/all/entry")
    given = {"service": "dies", "folder": "/srv/dying/cache/all", "watch": 1}
    told = machines.run("application-reset", host, **given, apply=True).failed_at("start", "put-back")
    told.says("It does not stay up.", "The old folder is back.")
    assert machines.on(host, "cat /srv/dying/cache/all/entry") == "dear\n"
    machines.run("application-reset", host, service="nonesuch", folder="/srv/dying/cache/all", apply=True).failed_at(
        "look"
    )


def test_failover_activation_promotes_a_standby_once_the_primary_is_stopped(
    machines: Machines, postgresql: PostgreSQL, backups: str
) -> None:
    with closing(PostgreSQL(standby_of=postgresql)) as standby:
        primary_machine = machines.provider("debian")
        standby_machine = machines.provider("debian", backups)
        given: dict[str, Any] = {"primary": primary_machine, "standby": standby_machine, "service": "lingers"}
        given |= {"server": "127.0.0.1", "port": standby.port, "user": "postgres", "wait": 20}
        machines.on(primary_machine, "/etc/init.d/lingers start")
        machines.run("failover-activation", **given).succeeded().says("It is a standby.", "A dry look")
        assert standby.sql("SELECT pg_is_in_recovery()") == "t"
        unfenced = {**given, "service": "nonesuch"}
        told = machines.run("failover-activation", **unfenced, apply=True).failed_at("fence-primary", "without-fence")
        told.says("The primary could not be stopped")
        assert standby.sql("SELECT pg_is_in_recovery()") == "t"
        machines.run("failover-activation", **given, apply=True).succeeded().says("It is promoted.", "It takes writes.")
        assert standby.sql("SELECT pg_is_in_recovery()") == "f"
        assert machines.on(primary_machine, "/etc/init.d/lingers status && echo up") == ""
        told = machines.run("failover-activation", **given, apply=True)
        told.failed_at("look-at-standby", "without-fence").says("The PostgreSQL here is no standby")


def test_failover_activation_moves_a_service_from_one_machine_to_the_other(machines: Machines) -> None:
    systemd, openrc = machines.provider("systemd"), machines.provider("openrc")
    machines.on(systemd, "systemctl start shop")
    given = {"primary": systemd, "standby": openrc, "kind": "service", "service": "shop", "address": "127.0.0.1"}
    machines.run("failover-activation", **given, apply=True).succeeded().says("shop is up.", "The address is here.")
    assert machines.on(systemd, "systemctl is-active shop; systemctl is-enabled shop") == "inactive\nstatic\n"
    told = machines.run("failover-activation", **{**given, "service": "dies"}, apply=True, wait=1)
    told.failed_at("verify").says("dies is not up")


_KEEPALIVED = "printf '#!/bin/sh\\nexit 0\\n' > /usr/local/sbin/keepalived; chmod +x /usr/local/sbin/keepalived\n"
"""Stands in for keepalived, which checks a configuration that is missing without a complaint, as this does."""


def test_failover_activation_believes_no_keepalived_without_a_configuration(machines: Machines) -> None:
    host = machines.provider("debian", _KEEPALIVED)
    given = {"primary": host, "standby": host, "kind": "keepalived", "service": "shop"}
    told = machines.run("failover-activation", **given, apply=True)
    told.failed_at("look-at-standby", "without-fence").says("keepalived.conf is missing or empty.")
    machines.on(host, "mkdir -p /etc/keepalived; echo 'vrrp_instance A {}' > /etc/keepalived/keepalived.conf")
    machines.run("failover-activation", **given, apply=True, wait=5).succeeded().says("shop is up.")
