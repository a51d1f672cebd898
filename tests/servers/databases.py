"""PostgreSQL and MariaDB for tests: servers of their own in temporary folders, which trust whoever asks from here."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers import programs
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess, remove
from tests.servers.sources import ServerMissing


class PostgreSQL:
    """A started PostgreSQL, or a standby of another one."""

    def __init__(self, *, standby_of: "PostgreSQL | None" = None) -> None:
        found = programs.postgresql()
        if found is None:
            raise ServerMissing("PostgreSQL is missing: install Debian's package postgresql.")
        self._programs = found
        self.port = free_port()
        self._directory = _folder_of("postgres")
        data = self._directory / "data"
        if standby_of is None:
            self._made(found / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        else:
            address = f"host=127.0.0.1 port={standby_of.port} user=postgres"
            self._made(found / "pg_basebackup", "-D", data, "-R", "-N", "-c", "fast", "-d", address)
        options = {"port": self.port, "unix_socket_directories": self._directory, "fsync": "off", "hot_standby": "on"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [*_as("postgres"), found / "postgres", "-D", data, *settings]
        self._process = ServerProcess(command, directory=self._directory, log=self._directory / "log")
        self._process.wait_until(lambda: self._answers("SELECT 1"))

    def sql(self, text: str, database: str = "postgres") -> str:
        """What a text of SQL answers."""
        return self._psql(text, database, check=True).stdout.strip()

    def close(self) -> None:
        """End it."""
        self._process.end()
        remove(self._directory)

    def _answers(self, text: str) -> bool:
        return self._psql(text, "postgres", check=False).returncode == 0

    def _psql(self, text: str, database: str, *, check: bool) -> subprocess.CompletedProcess[str]:
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        command: list[str | Path] = [
            self._programs / "psql",
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            address,
        ]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=check)

    def _made(self, *command: str | Path) -> None:
        whole: list[str | Path] = [*_as("postgres"), *command]
        done = subprocess.run(whole, check=False, capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stderr


class MariaDB:
    """A started MariaDB."""

    password = "open sesame"

    def __init__(self) -> None:
        if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
            raise ServerMissing("MariaDB is missing: install Debian's package mariadb-server.")
        self.port = free_port()
        self._directory = _folder_of("mysql")
        data = self._directory / "data"
        first = self._directory / "first.sql"
        user = "keeper@'127.0.0.1'"
        first.write_text(f"CREATE USER {user} IDENTIFIED BY '{self.password}';\nGRANT ALL ON *.* TO {user};\n")
        as_user = _as("mysql")
        made = [*as_user, "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        done = subprocess.run(made, check=False, capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stdout + done.stderr
        command = [
            *as_user,
            "mariadbd",
            "--no-defaults",
            f"--datadir={data}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            f"--socket={self._directory}/socket",
            f"--init-file={first}",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        self._process = ServerProcess(command, directory=self._directory, log=self._directory / "log")
        self._process.wait_until(lambda: self._run("mariadb", "SELECT 1").returncode == 0)

    def sql(self, text: str, database: str = "mysql") -> str:
        """What a text of SQL answers."""
        done = self._run("mariadb", text, "-B", "-N", database)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def close(self) -> None:
        """End it."""
        self._process.end()
        remove(self._directory)

    def _run(self, program: str, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = ["--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", "keeper", f"-p{self.password}"]
        return subprocess.run([program, *where, *arguments], input=text, capture_output=True, text=True, check=False)


def _folder_of(user: str) -> Path:
    directory = Path(tempfile.mkdtemp(prefix=f"opsimate-{user}-"))
    directory.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(directory, user)
    return directory


def _as(user: str) -> list[str]:
    """What runs a program as this user, where root runs the tests: neither server runs as root."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if os.geteuid() == 0 else []
