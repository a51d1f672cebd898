"""The files that the pages of the console are made of, compressed where that was done when they were built."""

import os
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from catalog.api.requests import takes_encoding

_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""By their names in headers the ends of the compressed files' names, the shorter one first."""
_KEPT = "public, max-age=31536000, immutable"
_ASKED_FOR_AGAIN = "no-cache"


class PageFiles(StaticFiles):
    """The files of a directory. ``keep`` says that what has a name stays as it is, and need not be asked for again."""

    def __init__(self, directory: Path, *, keep: bool) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._cache_control = _KEPT if keep else _ASKED_FOR_AGAIN

    async def found(self, path: str, scope: Scope) -> Response | None:
        """The file at a path below the directory; none where there is none."""
        try:
            return await self.get_response(path, scope)
        except HTTPException:  # nothing is there, or nothing can be: its name is too long, or no name
            return None

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or what is kept compressed beside it, or that the browser has it already."""
        headers = {"Cache-Control": self._cache_control, "Vary": "Accept-Encoding"}
        asked = Headers(scope=scope)
        media_type = guess_type(full_path)[0] or "application/octet-stream"
        sent = full_path
        for encoding, end in _ENCODINGS.items():
            compressed = f"{os.fspath(full_path)}{end}"
            if takes_encoding(asked.get("accept-encoding", ""), encoding) and Path(compressed).is_file():
                headers["Content-Encoding"] = encoding
                sent, stat_result = compressed, Path(compressed).stat()
                break
        response = FileResponse(sent, status_code, headers, media_type, stat_result=stat_result)
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, asked) else response
