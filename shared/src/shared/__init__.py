"""What all services share.

Some libraries take into the process, or look for, what is not used here, wherever it is installed; all of it is kept
out, which spares each service eight megabytes and a fifth of its start:

* structlog takes rich, for tracebacks that show local variables, which may be secrets. Who wants rich can have it from
  here on.
* FastAPI takes pydantic's first version, for models of that, and OpenTelemetry, which is turned off (FastAPI 0.165).
* PyMongo takes half of cryptography to find that pyOpenSSL is missing, and then uses Python's own ssl.
* asyncssh takes the other half for certificates in X.509, which the executor takes from no host, and scp (2.24).
* pydantic reads the metadata of every installed package to find plugins of its own.
* uvicorn takes its own command line, with click and processes that start processes, and what sets up logging (0.54).
* prometheus_client takes HTTP servers and clients of Python's, to serve and push metrics by itself (0.26).
* Starlette takes all of HTML's entities for a page that shows tracebacks, and Python's own modules take others for what
  is rarely asked of them.
"""

import os
import sys

from shared.unloaded import leave_unloaded, load_without

leave_unloaded(
    {
        "asyncssh.scp": ["run_scp_server", "scp"],
        "calendar": [],
        "csv": [],
        "difflib": ["SequenceMatcher", "get_close_matches", "unified_diff"],
        "gzip": [],
        "html": [],
        "locale": [],
        "logging.config": [],
        "opentelemetry._logs": ["Logger", "LoggerProvider", "SeverityNumber"],
        "opentelemetry.metrics": ["Histogram", "MeterProvider", "UpDownCounter"],
        "opentelemetry.propagate": [],
        "opentelemetry.trace": ["Span", "SpanKind", "StatusCode", "Tracer", "TracerProvider"],
        "uvicorn.main": ["Server", "main", "run"],
    }
)

_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402, F401

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich
for _unused in ("pydantic.v1", "pymongo.pyopenssl_context", "asyncssh.crypto.x509"):
    sys.modules.setdefault(_unused, None)  # type: ignore[arg-type]
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
load_without(
    "prometheus_client",
    {
        "http.server": ["BaseHTTPRequestHandler"],
        "socketserver": ["ThreadingMixIn"],
        "urllib.request": [
            *("BaseHandler", "HTTPHandler", "HTTPRedirectHandler", "HTTPSHandler", "Request", "build_opener"),
        ],
        "wsgiref.simple_server": ["WSGIRequestHandler", "WSGIServer", "make_server"],
    },
)
