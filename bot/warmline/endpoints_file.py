"""
Reads where the project's endpoints.yml says that its custom actions are, and with what a call to them is sent along.

The file is Rasa's, and so are the meanings: ``url``, ``headers``, ``token`` (with ``token_name``, a parameter of the
address), ``params``, ``basic_auth`` and ``cafile``, with ``${NAME}`` taken from the environment where a value is not in
quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from warmline.core.errors import SettingsError
from warmline.settings import Settings, expand

ENDPOINTS_FILE = "endpoints.yml"
OUR_PORT = "WARMLINE_ACTIONS_PORT"
HERE = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})  # noqa: S104 (compared, not bound)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class ActionEndpoint(msgspec.Struct, frozen=True):
    """
    A team's action server: its *url*, with *params* to add, *headers*, *basic_auth* (name, password), and the file with
    the authority behind its certificate (None: the public ones).
    """

    url: str
    headers: dict[str, str] = {}
    params: dict[str, str] = {}
    basic_auth: tuple[str, str] | None = None
    cafile: Path | None = None

    def __repr__(self) -> str:  # the rest may be secret
        return f"ActionEndpoint({self.where!r})"

    @property
    def where(self) -> str:
        """The address without what could be secret, for people and logs."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def load_action_endpoint(
    settings: Settings, *, engine_token: str = "", environ: Mapping[str, str] | None = None
) -> ActionEndpoint | None:
    """
    The ``action_endpoint`` of endpoints.yml; None when there is none, or when it is Warmline's own action server.

    Raises:
        SettingsError: it cannot be read, is no http(s) address, or would hand out *engine_token*; names the line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    path = settings.root / ENDPOINTS_FILE
    reader = YAML(typ="rt")
    reader.preserve_quotes = True  # so that quoted text can be told, which Rasa leaves as it is
    try:
        whole = reader.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, YAMLError) as wrong:
        line = getattr(getattr(wrong, "problem_mark", None), "line", None)
        at = "" if line is None else f", line {line + 1}"
        raise SettingsError(f"{ENDPOINTS_FILE}{at} cannot be read as YAML.") from None
    written = whole.get("action_endpoint") if isinstance(whole, dict) else None
    if not isinstance(written, dict) or not written.get("url"):
        return None
    if OUR_PORT in str(written["url"]):
        return None
    position: Any = written
    where = f"{ENDPOINTS_FILE}, line {position.lc.line}: action_endpoint"
    try:
        values = _expanded(written, settings, environ)
    except SettingsError as wrong:
        raise SettingsError(f"{where}: {wrong.text}") from None
    url = str(values["url"])
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise SettingsError(f"{where}: url is no address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{where}: url must begin with http:// or https://.")
    if parts.hostname in HERE and port == settings.actions_port:
        return None
    endpoint = _endpoint(values, url, settings, where)
    sent = (*endpoint.headers.values(), *endpoint.params.values(), *(endpoint.basic_auth or ()), url)
    if engine_token and any(engine_token in value for value in sent):
        raise SettingsError(
            f"{where}: it would send the engine's own token to {parts.hostname}. Give that server a token of its own."
        )
    return endpoint


def _endpoint(values: dict[str, Any], url: str, settings: Settings, where: str) -> ActionEndpoint:
    headers, params, auth = (values.get(name) or {} for name in ("headers", "params", "basic_auth"))
    if not all(isinstance(each, dict) for each in (headers, params, auth)):
        raise SettingsError(f"{where}: headers, params and basic_auth must be names with their values.")
    headers = {str(name): str(value) for name, value in headers.items()}
    for name, value in headers.items():
        if _HEADER_NAME.fullmatch(name) is None or _HEADER_VALUE.fullmatch(value) is None:
            raise SettingsError(f"{where}: the header {name!r} cannot be sent as it is.")
    params = {str(name): str(value) for name, value in params.items()}
    if values.get("token"):
        params[str(values.get("token_name") or "token")] = str(values["token"])
    basic = (str(auth.get("username", "")), str(auth.get("password", ""))) if auth else None
    cafile = (settings.root / str(values["cafile"])).resolve() if values.get("cafile") else None
    if cafile is not None and not cafile.is_file():
        raise SettingsError(f"{where}: cafile names {cafile}, which is not there.")
    return ActionEndpoint(url, headers, params, basic, cafile)


def _expanded(value: Any, settings: Settings, environ: Mapping[str, str] | None) -> Any:
    from ruamel.yaml.scalarstring import ScalarString

    if isinstance(value, dict):
        return {name: _expanded(each, settings, environ) for name, each in value.items()}
    if isinstance(value, str) and not isinstance(value, ScalarString) and "${" in value:
        return expand(value, settings, environ)
    return value
