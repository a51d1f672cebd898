"""The front door: whoever opens the bare address in a browser is shown the documentation."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

router = APIRouter()


@router.get("/", include_in_schema=False)
async def front() -> RedirectResponse:
    """On to the documentation."""
    return RedirectResponse("/docs")
