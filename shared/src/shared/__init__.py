"""What all services share."""

import sys

# structlog takes rich into the process where it is installed, for tracebacks that are not used here as they show local
# variables, which may be secrets: three megabytes in each service. Who wants rich can have it from here on.
_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402, F401

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich
