"""What all services share.

Some libraries take into the process, or look for, what is not used here, wherever it is installed; all of it is kept
out, which spares each service six megabytes and a fifth of its start:

* structlog takes rich, for tracebacks that show local variables, which may be secrets. Who wants rich can have it from
  here on.
* FastAPI takes pydantic's first version, for models of that.
* PyMongo takes half of cryptography to find that pyOpenSSL is missing, and then uses Python's own ssl.
* pydantic reads the metadata of every installed package to find plugins of its own.
"""

import os
import sys

_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402, F401

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich
for _unused in ("pydantic.v1", "pymongo.pyopenssl_context"):
    sys.modules.setdefault(_unused, None)  # type: ignore[arg-type]
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
