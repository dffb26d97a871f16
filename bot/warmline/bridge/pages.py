"""Files, health and metrics over plain HTTP. Everything that is not listed is 404."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

WEB = Path(__file__).resolve().parent.parent / "web"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}

Body = Callable[[], Awaitable[bytes]]


class Pages:
    """
    *folders* maps a URL prefix that ends in a slash to a directory; *extra* maps a path to a coroutine that makes JSON.

    *health* answers whether this bridge can serve, and the rest of ``/health``.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        health: Callable[[], Awaitable[tuple[bool, bytes]]],
        extra: Mapping[str, Body] | None = None,
    ) -> None:
        self._folders = {prefix: folder.resolve() for prefix, folder in folders.items()}
        self._health = health
        self._extra = dict(extra or {})

    async def respond(self, request: Request, client: str) -> Response:
        """The response to a GET of anything that is not a WebSocket."""
        path = unquote(urlsplit(request.path).path)
        if path == "/health":
            ok, body = await self._health()
            return _response(HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE, "application/json", body)
        if path == "/metrics" and client in ("127.0.0.1", "::1"):
            return _response(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest())
        if path in self._extra:
            return _response(HTTPStatus.OK, "application/json", await self._extra[path]())
        return self._file(path)

    def _file(self, path: str) -> Response:
        for prefix, folder in self._folders.items():
            if path == prefix.rstrip("/") and path:
                return _response(HTTPStatus.MOVED_PERMANENTLY, "text/plain", b"", Location=prefix)
            if not path.startswith(prefix):
                continue
            file = (folder / (path.removeprefix(prefix) or "index.html")).resolve()
            if file.is_relative_to(folder) and file.is_file() and not file.name.startswith("."):
                kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                return _response(HTTPStatus.OK, kind, file.read_bytes())
        return _response(HTTPStatus.NOT_FOUND, "text/plain", b"There is nothing here.\n")


def _response(status: HTTPStatus, kind: str, body: bytes, **more: str) -> Response:
    text = kind.startswith("text/") and "charset" not in kind
    headers = Headers(
        {
            "Content-Type": f"{kind}; charset=utf-8" if text else kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
            "Connection": "close",
            **more,
        }
    )
    if kind in ("text/javascript", "text/css", "image/svg+xml"):
        # A page of another site embeds the widget as a module; there is nothing secret in these files.
        headers["Access-Control-Allow-Origin"] = "*"
    return Response(status.value, status.phrase, headers, body)
