"""
The shop's own settings: the table ``[shop]`` of warmline.toml, or variables that begin with ``SHOP_``, which go before
it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import tomllib

from warmline.core.errors import SettingsError
from warmline.settings import PROJECT_FILE, Settings

PREFIX = "SHOP_"


class ShopSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    *backend* is whose customers and orders the assistant knows: the demo shop's, in a file in *home*, or those of a
    system at *backend_url* (docs/backend.md). *backend_ca_file* is the authority behind its certificate, None for the
    public ones; *backend_limit_s* how many seconds a call may take, further attempts included.
    """

    backend: Literal["demo", "http"] = "demo"
    backend_url: str = ""
    backend_token_file: Path
    backend_ca_file: Path | None = None
    backend_limit_s: float = 2.5
    home: Path

    @property
    def database(self) -> Path:
        """The demo shop's file."""
        return self.home / "shop.db"

    @classmethod
    def of(cls, settings: Settings, environ: Mapping[str, str] | None = None) -> ShopSettings:
        """
        Read them for the project of *settings*; with ``--demo`` the backend is always the demo shop.

        Raises:
            SettingsError: one cannot be read; the text says which, and what was expected.
        """
        environ = os.environ if environ is None else environ
        values = _written(settings.root / PROJECT_FILE)
        known = [name for name in cls.__struct_fields__ if name != "home"]
        for name in known:
            if environ.get(PREFIX + name.upper()):
                values[name] = environ[PREFIX + name.upper()]
        unknown = sorted(values.keys() - set(known))
        unknown += sorted(one for one in environ if one.startswith(PREFIX) and _field(one) not in known)
        if unknown:
            raise SettingsError(f"'{unknown[0]}' is not a setting of the shop; docs/backend.md lists them all.")
        chosen = {"backend_token_file": settings.home / "backend-token", **values, "home": settings.home}
        if settings.demo:
            chosen["backend"] = "demo"
        for name in ("home", "backend_token_file", "backend_ca_file"):
            if chosen.get(name):
                chosen[name] = str((settings.root / Path(str(chosen[name])).expanduser()).resolve())
        try:
            read = msgspec.convert(chosen, cls, strict=False, dec_hook=_path)
        except msgspec.ValidationError as wrong:
            raise SettingsError(f"The shop's settings: {wrong}.") from None
        return msgspec.structs.replace(read, backend_url=_checked(read))


def load_backend_token(path: Path) -> str:
    """
    The bearer token for the shop's system, from its own file: it is in no variable, command line or log.

    Raises:
        SettingsError: the file cannot be read, or holds no token.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is no text"
        raise SettingsError(f"The token of the shop's system cannot be read from {path}: {why}.") from None
    if re.fullmatch(r"[!-~]{8,4096}", token) is None:
        raise SettingsError(f"{path} must hold the token of the shop's system in one line, of 8 characters or more.")
    return token


def _field(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower()


def _written(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("shop", {})
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise SettingsError(f"{path.name} cannot be read: {wrong}.") from None
    if not isinstance(table, dict):
        raise SettingsError(f"{path.name}: 'shop' must be a table, [shop], with the shop's settings under it.")
    return dict(table)


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def _checked(read: ShopSettings) -> str:
    """The address: over TLS unless it is on this machine, as the token must not be readable on the way."""
    url = read.backend_url.strip().rstrip("/")
    if read.backend == "http" and not url:
        raise SettingsError("The setting backend is 'http', so SHOP_BACKEND_URL must say where the shop's system is.")
    parts = urlsplit(url)
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    more = parts.username or parts.password or parts.query or parts.fragment
    if url and (more or not parts.hostname or parts.scheme not in (("https", "http") if here else ("https",))):
        expected = "an address that begins with https:// (http:// only for this machine)"
        raise SettingsError(f"SHOP_BACKEND_URL must be {expected}, not {read.backend_url!r}.")
    if not 0.1 <= read.backend_limit_s <= 30:
        raise SettingsError(f"SHOP_BACKEND_LIMIT_S must be 0.1 to 30 seconds, not {read.backend_limit_s:g}.")
    return url
