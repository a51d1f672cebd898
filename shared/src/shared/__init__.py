"""What all services share.

Two libraries take into the process what is not used here, wherever it is installed: structlog takes rich, for
tracebacks that show local variables, which may be secrets; FastAPI takes pydantic's first version, for models of that.
Both are kept out, which spares each service five megabytes and a tenth of its start. Who wants rich can have it from
here on.
"""

import sys

_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402, F401

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich
sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]
