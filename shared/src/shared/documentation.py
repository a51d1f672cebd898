"""The documentation as a page, which loads nothing from elsewhere and runs nothing but its own scripts."""

import base64
import hashlib
import re

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse

from shared.answer_headers import CONTENT_POLICY, PAGE_HEADERS

ASSETS = "/docs-assets"
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def add_documentation(app: FastAPI, *, openapi_url: str) -> None:
    """Serve the page at ``/docs``; its scripts and styles are served below ``ASSETS`` by somebody else."""
    page = get_swagger_ui_html(
        openapi_url=openapi_url,
        title=app.title,
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
    )
    content = bytes(page.body).decode()
    headers = {CONTENT_POLICY: _policy(content), **PAGE_HEADERS}

    @app.get("/docs", include_in_schema=False)
    async def documentation() -> HTMLResponse:
        return HTMLResponse(content, headers=headers)


def _policy(content: str) -> str:
    """What the page may load: the scripts that stand in it are named by their hashes. Its library writes styles."""
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _SCRIPT.findall(content)
    ]
    scripts = " ".join(["'self'", *(f"'sha256-{one}'" for one in hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
