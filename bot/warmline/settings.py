"""
Every setting of Warmline in one frozen value: this is the only module that reads the environment.

A setting *port* comes from the variable ``WARMLINE_PORT``, else from the line ``port = 8750`` of ``warmline.toml`` in
the project's root, else from its default here. docs/operations.md lists them all. The commands of ``warmline`` lay
their options over it and hand the result to the processes they start, as variables again
(:meth:`Settings.as_environment`).
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from warmline import environments
from warmline.core.errors import SettingsError
from warmline.core.hours import ALWAYS, Hours, parse_hours

PROJECT_FILE = "warmline.toml"
PREFIX = "WARMLINE_"
DEFAULT_PORT = 8750
LOG_LEVELS = ("debug", "info", "warning", "error")

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an operator can choose. Names ending in ``_s`` are seconds.

    *root* is the project's directory, where config.yml and escalation.yml lie; *home* is where everything that Warmline
    writes lives. *engines* is how many engines there are, at *engine_port* and the ports after it; this and
    *actions_port* follow from *port* when they are not chosen (:func:`following_ports`). *engine_python* is the Python
    of the engine's own environment. *allowed_origins* are the sites whose pages may open a chat, besides the bridge's
    own. *trusted_proxies* are the addresses and networks whose word about a client's address is taken.
    *client_burst* is how many messages may come from one address at once, *client_per_s* how many a second in the long
    run, *client_at_once* how many of its questions the engine has at the same time; IPv6 addresses count as one when
    their first *client_network_bits* bits are the same. *hours* is when the team is there, for the message that
    nobody is. *helps_with* is what the assistant says it can help with, in its first words. *queues*: the first is
    where a conversation goes when no rule says. *ticket_lifetime_s* is how long a customer may be away and still
    resume, *session_lifetime_s* the same for an agent. *plugins* are the functions that the project adds
    (:mod:`warmline.plugins`).

    Where the actions of the project are run: *actions_url* is the team's own action server, ``here`` Warmline's, empty
    what endpoints.yml says, else Warmline's. With *actions_requirements* the supervisor starts them as a process of
    their own, with *actions_python* (a version or a path) at *own_actions_port* (0: a free one). *actions_limit_s* is
    how long one call to any such server may take.
    """

    root: Path
    home: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    engine_port: int
    actions_port: int
    actions_url: str = ""
    actions_limit_s: float = 6.0
    actions_requirements: Path | None = None
    actions_python: str = "3.10"
    own_actions_port: int = 0
    engines: int = 1
    engine_python: Path
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    client_burst: int = 40
    client_per_s: float = 5.0
    client_at_once: int = 1
    client_network_bits: int = 64
    engine_limit_s: float = 8.0
    agent_grace_s: float = 30.0
    demo: bool = False
    team_name: str = "Warmline"
    helps_with: str = ""
    hours: Hours
    queues: tuple[str, ...] = ("support",)
    ticket_lifetime_s: float = 86_400.0
    session_lifetime_s: float = 43_200.0
    plugins: tuple[str, ...] = ()
    log_level: LogLevel = "info"

    @property
    def store_path(self) -> Path:
        """The record."""
        return self.home / "store.db"

    @property
    def models_dir(self) -> Path:
        """Where trained models lie, each beside the hash of its sources."""
        return self.home / "models"

    @property
    def logs_dir(self) -> Path:
        """One file for each process, and its rotated predecessors."""
        return self.home / "logs"

    @property
    def secrets_path(self) -> Path:
        """Keys this installation made for itself; readable by its owner only."""
        return self.home / "secrets"

    @property
    def kept_rules_path(self) -> Path:
        """The rules as they were last taken over, for a process that starts while escalation.yml is wrong."""
        return self.home / "escalation.yml"

    @property
    def rules_path(self) -> Path:
        """When to hand over, to whom, and what is said."""
        return self.root / "escalation.yml"

    @property
    def url(self) -> str:
        """Where people on this machine find the bridge."""
        return f"http://{_address(self.host)}:{self.port}"

    @property
    def engine_ports(self) -> tuple[int, ...]:
        """Where the engines listen."""
        return tuple(range(self.engine_port, self.engine_port + self.engines))

    @property
    def engine_urls(self) -> tuple[str, ...]:
        """The engines' base addresses; they are never on anything but loopback."""
        return tuple(f"http://127.0.0.1:{port}" for port in self.engine_ports)

    def as_environment(self) -> dict[str, str]:
        """The variables from which :func:`load` makes an equal value; ``WARMLINE_ROOT`` is among them."""
        variables = {PREFIX + "ROOT": str(self.root)}
        for name, field in FIELDS.items():
            variables[field.variable] = field.show(self, name)
        return variables


class Secrets(msgspec.Struct, frozen=True):
    """Keys that are never on a command line: the engine's bearer token, and the key that signs tickets and sessions."""

    engine_token: str
    ticket_key: bytes

    def __repr__(self) -> str:
        return "Secrets(...)"


class Field(msgspec.Struct, frozen=True):
    """How one setting is read. *variable* is its name in the environment; *expected* completes "must be ..."."""

    variable: str
    expected: str
    read: Callable[[Any], Any]
    show: Callable[[Settings, str], str]


def load(environ: Mapping[str, str] | None = None, *, root: Path | None = None, **chosen: Any) -> Settings:
    """
    Read the settings: *chosen* (command line options; None is "not given"), then *environ*, then warmline.toml, then
    the defaults.

    Raises:
        SettingsError: a value cannot be read; names the variable, or the file's line, and what was expected.
    """
    environ = os.environ if environ is None else environ
    root = refuse_installed((root or Path(environ.get(PREFIX + "ROOT") or project_root())).resolve())
    known = {field.variable for field in FIELDS.values()} | {PREFIX + name for name in OTHER_VARIABLES}
    for variable in environ:
        if variable.startswith(PREFIX) and variable not in known:
            raise SettingsError(f"{variable} is not a setting of Warmline; docs/operations.md lists them all.")
    values: dict[str, Any] = {"home": root / ".warmline", "hours": ALWAYS, "timezone": "UTC"}
    for name, (raw, where) in _written(root / PROJECT_FILE).items():
        values[name] = _read(FIELDS[name], raw, where)
    for name, field in FIELDS.items():
        if environ.get(field.variable, "") != "":
            values[name] = _read(field, environ[field.variable], field.variable)
    for name, value in chosen.items():
        if value is not None:
            values[name] = _read(FIELDS[name], value, "--" + name.replace("_", "-"))
    values["home"] = (root / values["home"]).resolve()
    port = values.setdefault("port", DEFAULT_PORT)
    for name, number in zip(("engine_port", "actions_port"), following_ports(port), strict=True):
        values.setdefault(name, number)
    # not resolved: the Python of an environment is a link, and only by its own path knows the environment
    values["engine_python"] = root / (values.get("engine_python") or _engine_python(root, values["home"], environ))
    if values.get("actions_requirements"):
        values["actions_requirements"] = (root / values["actions_requirements"]).resolve()
    try:
        values["hours"] = parse_hours(values["hours"], values.pop("timezone"))
    except ValueError as wrong:
        raise SettingsError(f"The setting {wrong}") from None
    settings = Settings(root=root, **values)
    if settings.engine_ports[-1] > 65535:
        raise SettingsError("The settings engine_port and engines must end at a port below 65536.")
    if settings.port == settings.actions_port or {settings.port, settings.actions_port} & {*settings.engine_ports}:
        raise SettingsError("The settings port, engine_port and actions_port must be three different numbers.")
    if settings.actions_requirements and settings.actions_url:
        raise SettingsError(
            "The settings actions_url and actions_requirements say two places for the project's actions: remove one."
        )
    if settings.own_actions_port in {settings.port, settings.actions_port, *settings.engine_ports}:
        raise SettingsError("The setting own_actions_port must be another port than those of Warmline's own.")
    return settings


def project_root(start: Path | None = None) -> Path:
    """
    The nearest folder, from *start* (default: where we are) upwards, that holds a ``warmline.toml``.

    Raises:
        SettingsError: there is none, or it is within an installed Warmline; the text says how to come to one.
    """
    try:
        start = (start or Path.cwd()).resolve()
    except OSError:
        raise SettingsError("The folder that this was started in is gone. Change to your project's.") from None
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return refuse_installed(folder)
    raise SettingsError(
        f"Neither {start} nor a folder above it has a {PROJECT_FILE}: this is no Warmline project. "
        "'warmline init NAME' makes one; in the folder of a Rasa bot, 'warmline adopt' makes it one."
    )


def following_ports(port: int, attempt: int = 0) -> tuple[int, int]:
    """
    Where the engine and the actions of a bridge at *port* are looked for: a block of 20 ports (16 engines have room in
    it) that no other *port* of the same thousand has, below the ports that systems lend to outgoing connections. Later
    attempts give other blocks.
    """
    while True:
        first = 10_000 + 20 * ((port + 137 * attempt) % 1000)
        if port not in range(first, first + 20):
            return first + 1, first
        attempt += 1


def refuse_installed(root: Path) -> Path:
    """
    *root*, unless it lies within Warmline itself or among installed packages, where nothing is ever written.

    Raises:
        SettingsError: it does.
    """
    if root.is_relative_to(environments.PACKAGE) or {"site-packages", "dist-packages"} & {*root.parts}:
        raise SettingsError(
            f"{root} belongs to an installed package, and is no project of yours. Change to your project's folder."
        )
    return root


def _engine_python(root: Path, home: Path, environ: Mapping[str, str]) -> Path:
    """
    Where the engine's Python is when nobody says: in the environment of a clone, else in one that all projects of this
    user share, in the folder where the system has users' data (the project's *home* when there is none).
    """
    if (root / ".venv-engine").is_dir():
        return root / ".venv-engine" / "bin" / "python"
    return environments.engine_folder(_user_folder(environ) or home) / "bin" / "python"


def _user_folder(environ: Mapping[str, str]) -> Path | None:
    """``~/.local/share/warmline``, as the XDG base directories have it; None for a user without a home to write in."""
    data = Path(environ.get("XDG_DATA_HOME", ""))
    if data.is_absolute():
        return data / "warmline"
    user = environ.get("HOME", "")
    return Path(user, ".local", "share", "warmline") if user and os.access(user, os.W_OK) else None


def load_secrets(settings: Settings, environ: Mapping[str, str] | None = None) -> Secrets:
    """
    The keys of this installation; made once, kept in ``home/secrets`` for its owner only. ``WARMLINE_ENGINE_TOKEN`` and
    ``WARMLINE_TICKET_KEY`` (hex) go before the file.

    Raises:
        SettingsError: the file cannot be read, written, or holds something else.
    """
    environ = os.environ if environ is None else environ
    token, key = environ.get(PREFIX + "ENGINE_TOKEN"), environ.get(PREFIX + "TICKET_KEY")
    if not (token and key):
        kept = _kept_secrets(settings.secrets_path)
        token, key = token or kept["engine_token"], key or kept["ticket_key"]
    try:
        return Secrets(engine_token=token, ticket_key=bytes.fromhex(key))
    except ValueError:
        raise SettingsError("WARMLINE_TICKET_KEY must be written in hexadecimal digits.") from None


def expand(text: str, settings: Settings, environ: Mapping[str, str] | None = None) -> str:
    """
    *text* with ``${NAME}`` and ``$NAME`` as the environment has them, beside the variables of *settings*.

    Raises:
        SettingsError: a variable is not set; names it.
    """
    variables = {**(os.environ if environ is None else environ), **settings.as_environment()}

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in variables:
            raise SettingsError(f"the environment variable {name} is not set.")
        return variables[name]

    return re.sub(r"\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))", value, text)


def inherited_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """
    What a process we start inherits: our own environment without ``WARMLINE_*`` and without what would slow Python down
    or point it elsewhere. Without ``.pyc`` files alone, importing Rasa takes four times as long (docs/measurements.md).
    """
    environ = os.environ if environ is None else environ
    unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONSTARTUP"}
    kept = {name: value for name, value in environ.items() if name not in unwanted and not name.startswith(PREFIX)}
    kept.setdefault("HOME", str(Path(kept.get("TMPDIR", "/tmp"))))  # noqa: S108 (only where no home is known at all)
    return kept


def _address(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _written(path: Path) -> dict[str, tuple[Any, str]]:
    """The settings of the file, each with the words that say where it stands."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{path.name} cannot be read: {wrong}.") from None
    if sys.version_info < (3, 11):
        raise SettingsError(f"{path.name} needs Python 3.11 to be read; the engine gets its values as variables.")
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise SettingsError(f"{path.name} is not TOML: {wrong}.") from None
    found = {}
    for name, value in table.items():
        if isinstance(value, dict):
            continue  # a table is the project's own
        line = next((n for n, row in enumerate(text.splitlines(), 1) if re.match(rf"\W*{re.escape(name)}\b", row)), 0)
        if name not in FIELDS:
            raise SettingsError(
                f"{path.name}, line {line}: '{name}' is not a setting; docs/operations.md lists them all."
            )
        found[name] = (value, f"{path.name}, line {line}: {name}")
    return found


def _kept_secrets(path: Path) -> dict[str, str]:
    fresh = {"engine_token": secrets.token_urlsafe(32), "ticket_key": secrets.token_hex(32)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(fresh))
        try:
            os.link(draft, path)  # the first of several processes wins, and the file is never seen half written
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str]) | {}
    except OSError as wrong:
        raise SettingsError(f"The keys in {path} cannot be read or made: {wrong.strerror}.") from None
    except msgspec.DecodeError:
        raise SettingsError(f"{path} does not hold Warmline's keys; remove it, and new ones are made.") from None


def _read(field: Field, raw: Any, where: str) -> Any:
    try:
        return field.read(raw)
    except (ValueError, TypeError):
        raise SettingsError(f"{where} must be {field.expected}, not {raw!r}.") from None


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip() or any(ord(char) < 32 for char in raw):
        raise ValueError
    return raw.strip()


def _line(raw: Any) -> str:
    return _text(raw) if raw != "" else ""


def _path(raw: Any) -> Path:
    return Path(_text(str(raw))).expanduser()


def _port(raw: Any) -> int:
    port = int(raw) if not isinstance(raw, (bool, float)) else -1
    if not 1 <= port <= 65535:
        raise ValueError
    return port


def _count(raw: Any) -> int:
    count = int(raw) if not isinstance(raw, (bool, float)) else 0
    if not 1 <= count <= 16:
        raise ValueError
    return count


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        if isinstance(raw, (bool, float)) or not low <= (value := int(raw)) <= high:
            raise ValueError
        return value

    return read


def _seconds(low: float, high: float) -> Callable[[Any], float]:
    def read(raw: Any) -> float:
        if isinstance(raw, bool) or not low <= (value := float(raw)) <= high:
            raise ValueError
        return value

    return read


def _flag(raw: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if isinstance(raw, bool):
        return raw
    return words[raw.strip().lower()] if isinstance(raw, str) and raw.strip().lower() in words else _refuse()


def _refuse() -> Any:
    raise ValueError


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        word = _text(raw).lower()
        return word if word in words else _refuse()

    return read


def _actions_url(raw: Any) -> str:
    """An address without a name and password, which would be logged; ``/webhook`` where no path is given."""
    url = _text(raw)
    if url.lower() == "here":
        return "here"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or re.search(r"\s", url):
        raise ValueError
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError
    return url if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/webhook"


def _python(raw: Any) -> str:
    python = _text(str(raw))
    return python if "/" in python or re.fullmatch(r"3\.\d{1,2}(\.\d{1,2})?", python) else _refuse()


def _list(item: str) -> Callable[[Any], tuple[str, ...]]:
    def read(raw: Any) -> tuple[str, ...]:
        parts = raw.split(",") if isinstance(raw, str) else raw
        values = tuple(part.strip() for part in parts if part.strip())
        if not values or any(re.fullmatch(item, value) is None for value in values):
            raise ValueError
        return values

    return read


def _networks(raw: Any) -> tuple[str, ...]:
    return tuple(str(ip_network(each)) for each in _list(r"[0-9A-Fa-f.:/]+")(raw))


def _plain(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _optional(settings: Settings, name: str) -> str:
    return str(getattr(settings, name) or "")


def _joined(settings: Settings, name: str) -> str:
    return ",".join(getattr(settings, name))


def _field(
    name: str, expected: str, read: Callable[[Any], Any], show: Callable[[Settings, str], str] = _plain
) -> Field:
    return Field(variable=PREFIX + name.upper(), expected=expected, read=read, show=show)


_ORIGIN = r"https?://[A-Za-z0-9.\-\[\]:]+"
_PLUGIN = r"[A-Za-z_][\w.]*:[A-Za-z_]\w*"
_DAY_S = 86_400.0

FIELDS: dict[str, Field] = {
    "home": _field("home", "a directory", _path),
    "host": _field("host", "an address to listen on", _text),
    "port": _field("port", "a port from 1 to 65535", _port),
    "engine_port": _field("engine_port", "a port from 1 to 65535", _port),
    "actions_port": _field("actions_port", "a port from 1 to 65535", _port),
    "actions_url": _field("actions_url", "an address that begins with http:// or https://, or 'here'", _actions_url),
    "actions_limit_s": _field("actions_limit_s", "0.1 to 30 seconds", _seconds(0.1, 30)),
    "actions_requirements": _field("actions_requirements", "a file", _path, _optional),
    "actions_python": _field("actions_python", "a version like 3.9, or the path of a Python", _python),
    "own_actions_port": _field("own_actions_port", "a port from 1 to 65535, or 0 for a free one", _whole(0, 65_535)),
    "engines": _field("engines", "1 to 16", _count),
    "engine_python": _field("engine_python", "the path of a Python", _path),
    "allowed_origins": _field(
        "allowed_origins", "origins like https://shop.example, separated by commas", _list(_ORIGIN), _joined
    ),
    "trusted_proxies": _field(
        "trusted_proxies", "addresses or networks like 10.0.0.0/8, separated by commas", _networks, _joined
    ),
    "client_burst": _field("client_burst", "1 to 100000 messages", _whole(1, 100_000)),
    "client_per_s": _field("client_per_s", "0.1 to 10000 messages a second", _seconds(0.1, 10_000)),
    "client_at_once": _field("client_at_once", "1 to 16", _count),
    "client_network_bits": _field("client_network_bits", "16 to 128 bits", _whole(16, 128)),
    "engine_limit_s": _field("engine_limit_s", "0.1 to 60 seconds", _seconds(0.1, 60)),
    "agent_grace_s": _field("agent_grace_s", "0.1 to 3600 seconds", _seconds(0.1, 3600)),
    "demo": _field("demo", "true or false", _flag),
    "team_name": _field("team_name", "a name", _text),
    "helps_with": _field("helps_with", "a few words, such as orders and accounts", _line),
    "hours": _field("hours", "opening hours", _text, lambda settings, _name: settings.hours.text),
    "timezone": _field("timezone", "a time zone", _text, lambda settings, _name: settings.hours.zone),
    "queues": _field(
        "queues",
        "names of lower-case letters, digits, - and _, separated by commas",
        _list(r"[a-z0-9_-]{1,40}"),
        _joined,
    ),
    "ticket_lifetime_s": _field("ticket_lifetime_s", "60 seconds to 30 days", _seconds(60, 30 * _DAY_S)),
    "session_lifetime_s": _field("session_lifetime_s", "60 seconds to 30 days", _seconds(60, 30 * _DAY_S)),
    "plugins": _field(
        "plugins",
        "names like package.module:function, separated by commas",
        _list(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*"),
        _joined,
    ),
    "log_level": _field("log_level", f"one of {', '.join(LOG_LEVELS)}", _one_of(*LOG_LEVELS)),
}
"""How each setting is read, by its name in warmline.toml; *timezone* ends up in *hours*."""

OTHER_VARIABLES = ("ROOT", "ENGINE_TOKEN", "TICKET_KEY")
"""Variables that are not settings: where the project lies, and the keys, which belong into no file that is shared."""
