"""mongo-java-server: an in-memory server that speaks MongoDB's wire protocol, where there is no MongoDB."""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "1.47.0"
DESCRIPTION = f"mongo-java-server {VERSION}, a stand-in"

_SOURCE = Path(__file__).with_name("StandIn.java")
_CACHE = Path(__file__).parents[2] / ".cache" / "mongo-java-server"
_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId><artifactId>stand-in</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>de.bwaldvogel</groupId><artifactId>mongo-java-server</artifactId><version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


def is_built() -> bool:
    """Whether the libraries and our main class lie in `.cache`, made from the source as it is now."""
    return _built().is_dir()


def command(port: int) -> list[str]:
    """What starts the stand-in on 127.0.0.1 at this port."""
    # It lives too short for the second compiler, which would take two thirds of all its time.
    options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return ["java", *options, "-cp", f"{_built()}:{_built()}/*", "StandIn", str(port)]


def build() -> None:
    """Fetch the libraries with Maven and compile the main class; needs mvn and javac.

    `CalledProcessError`, with what they printed in `output`, when either fails.
    """
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test command may be building it right now
        if is_built():
            return
        with tempfile.TemporaryDirectory(dir=_CACHE) as workshop:
            _build_in(Path(workshop))
            shutil.move(Path(workshop) / "built", _built())


def _build_in(workshop: Path) -> None:
    (workshop / "pom.xml").write_text(_POM)
    built = workshop / "built"
    fetch = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={built}"]
    for step in (fetch, ["javac", "-cp", f"{built}/*", "-d", str(built), str(_SOURCE)]):
        subprocess.run(
            step,
            cwd=workshop,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def _built() -> Path:
    made_from = hashlib.sha256(_SOURCE.read_bytes() + _POM.encode()).hexdigest()[:12]
    return _CACHE / f"{VERSION}-{made_from}"
