"""Settings: where they come from, what is refused, and how they reach another process."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.core.errors import SettingsError
from warmline.environments import PACKAGE
from warmline.settings import (
    DEFAULT_PORT,
    FIELDS,
    following_ports,
    inherited_environment,
    load,
    load_secrets,
    project_root,
)


def written(root: Path, text: str) -> Path:
    (root / "warmline.toml").write_text(text, encoding="utf-8")
    return root


def test_options_go_before_variables_before_the_file_before_defaults(tmp_path: Path) -> None:
    """Four sources, one order."""
    root = written(tmp_path, "port = 9001\nengine_port = 9002\nactions_port = 9003\n")
    settings = load({"WARMLINE_PORT": "9101", "WARMLINE_ENGINE_PORT": "9102"}, root=root, port=9201)
    assert (settings.port, settings.engine_port, settings.actions_port) == (9201, 9102, 9003)
    assert settings.host == "127.0.0.1"


def test_an_option_not_given_and_an_empty_variable_change_nothing(tmp_path: Path) -> None:
    """None and the empty text mean "not given"."""
    assert load({"WARMLINE_PORT": ""}, root=tmp_path, port=None, demo=None) == load({}, root=tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WARMLINE_PORT", "http"),
        ("WARMLINE_PORT", "0"),
        ("WARMLINE_PORT", "65536"),
        ("WARMLINE_ENGINE_LIMIT_S", "nan"),
        ("WARMLINE_ENGINE_LIMIT_S", "-1"),
        ("WARMLINE_AGENT_GRACE_S", "soon"),
        ("WARMLINE_DEMO", "maybe"),
        ("WARMLINE_LOG_LEVEL", "loud"),
        ("WARMLINE_TEAM_NAME", "two\nlines"),
        ("WARMLINE_ALLOWED_ORIGINS", "shop.example"),
        ("WARMLINE_ALLOWED_ORIGINS", "https://shop.example/path"),
        ("WARMLINE_QUEUES", "Two Words"),
        ("WARMLINE_QUEUES", ","),
        ("WARMLINE_TICKET_LIFETIME_S", "1"),
        ("WARMLINE_ENGINES", "0"),
        ("WARMLINE_ENGINES", "1.5"),
        ("WARMLINE_TRUSTED_PROXIES", "proxy.example"),
        ("WARMLINE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("WARMLINE_ACTIONS_URL", "ftp://team.example/webhook"),
        ("WARMLINE_ACTIONS_URL", "team.example:5055"),
        ("WARMLINE_ACTIONS_URL", "http://me:secret@team.example/webhook"),
        ("WARMLINE_ACTIONS_URL", "http://team.example/webhook?token=x"),
        ("WARMLINE_ACTIONS_LIMIT_S", "0"),
        ("WARMLINE_ACTIONS_PYTHON", "2.7"),
        ("WARMLINE_ACTIONS_PYTHON", "python"),
        ("WARMLINE_OWN_ACTIONS_PORT", "-1"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(tmp_path: Path, variable: str, value: str) -> None:
    """The sentence names the variable, the value, and what was expected."""
    with pytest.raises(SettingsError) as refused:
        load({variable: value}, root=tmp_path)
    assert refused.value.text.startswith(f"{variable} must be ")
    assert repr(value) in refused.value.text


@pytest.mark.parametrize("hours", ["9-17", "mon 9:00", "mon 17:00-09:00", "fri-mon 08:00-18:00", "mon 08:00-24:30", ""])
def test_hours_that_make_no_sense_are_refused(tmp_path: Path, hours: str) -> None:
    """Each kind of slip is told with an example of how it is written (an empty text is "not given")."""
    if not hours:
        assert load({"WARMLINE_HOURS": hours}, root=tmp_path).hours.text == "always"
        return
    with pytest.raises(SettingsError, match="mon-fri 08:00-18:00"):
        load({"WARMLINE_HOURS": hours}, root=tmp_path)


def test_a_time_zone_that_is_not_known_is_refused(tmp_path: Path) -> None:
    """The sentence shows what one looks like."""
    with pytest.raises(SettingsError, match="Europe/Berlin"):
        load({"WARMLINE_TIMEZONE": "Mars/Olympus"}, root=tmp_path)


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    """File, line and setting; a name that is no setting too; and what is no TOML at all."""
    with pytest.raises(SettingsError, match=r"^warmline\.toml, line 3: port must be a port"):
        load({}, root=written(tmp_path, '# ports\n\nport = "x"\n'))
    with pytest.raises(SettingsError, match=r"^warmline\.toml, line 2: 'prot' is not a setting"):
        load({}, root=written(tmp_path, "demo = true\nprot = 1\n"))
    with pytest.raises(SettingsError, match=r"line 1"):
        load({}, root=written(tmp_path, "port 8750\n"))


def test_a_variable_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    """A misspelt variable would otherwise be ignored without a word."""
    with pytest.raises(SettingsError, match="WARMLINE_PROT"):
        load({"WARMLINE_PROT": "1"}, root=tmp_path)


def test_two_processes_cannot_share_a_port(tmp_path: Path) -> None:
    """The three ports differ."""
    with pytest.raises(SettingsError, match="three different"):
        load({"WARMLINE_PORT": "5105", "WARMLINE_ENGINE_PORT": "5105"}, root=tmp_path)


@given(port=st.integers(1, 65_535), attempt=st.integers(0, 999))
def test_one_port_is_enough_for_an_instance(port: int, attempt: int) -> None:
    """The others follow from it: other numbers, with room for 16 engines, below those of outgoing connections."""
    engine, actions = following_ports(port, attempt)
    assert {port, actions}.isdisjoint(range(engine, engine + 16))
    assert 1024 < actions < engine < engine + 16 < 32_768
    assert port not in range(actions, engine + 16)


def test_instances_side_by_side_have_ports_of_their_own(tmp_path: Path) -> None:
    """A thousand neighbouring ports, and no two of their engines or actions meet."""
    taken = [
        number
        for port in range(8000, 9000)
        for settings in [load({"WARMLINE_PORT": str(port), "WARMLINE_ENGINES": "16"}, root=tmp_path)]
        for number in (*settings.engine_ports, settings.actions_port)
    ]
    assert len(taken) == len(set(taken))


def test_the_engines_python_is_found(tmp_path: Path) -> None:
    """One for all projects of a user; a clone has its own; a user without a home has it in the project."""
    home, project = tmp_path / "user", tmp_path / "project"
    for folder in (home, project):
        folder.mkdir()
    shared = load({"HOME": str(home)}, root=project).engine_python
    assert shared.is_relative_to(home / ".local" / "share" / "warmline")
    assert load({"HOME": str(home)}, root=tmp_path).engine_python == shared
    elsewhere = load({"HOME": str(home), "XDG_DATA_HOME": str(tmp_path / "data")}, root=project).engine_python
    assert elsewhere.is_relative_to(tmp_path / "data" / "warmline")
    assert load({"HOME": "/nowhere"}, root=project).engine_python.is_relative_to(project / ".warmline")
    assert load({"WARMLINE_ENGINE_PYTHON": "mine/python"}, root=project).engine_python == project / "mine" / "python"
    (project / ".venv-engine").mkdir()
    assert load({"HOME": str(home)}, root=project).engine_python == project / ".venv-engine" / "bin" / "python"


def test_the_project_is_the_nearest_folder_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From anywhere within it; outside of one it is said how to come to one."""
    inner = tmp_path / "shop" / "data" / "nlu"
    inner.mkdir(parents=True)
    with pytest.raises(SettingsError, match=r"'warmline init NAME' makes one.*'warmline adopt'"):
        project_root(inner)
    written(tmp_path, "")
    assert project_root(inner) == tmp_path
    written(tmp_path / "shop", "")
    assert project_root(inner) == tmp_path / "shop"
    monkeypatch.chdir(inner)
    assert load({}).root == tmp_path / "shop"


@pytest.mark.parametrize("place", ["lib/python3.12/site-packages/bot", "dist-packages"])
def test_nothing_installed_is_ever_a_project(tmp_path: Path, place: str) -> None:
    """Neither what pip has put somewhere, nor Warmline's own folder, whatever lies there."""
    folder = tmp_path / place
    folder.mkdir(parents=True)
    with pytest.raises(SettingsError, match="installed package"):
        project_root(written(folder, ""))
    with pytest.raises(SettingsError, match="installed package"):
        load({}, root=PACKAGE / "templates")


words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=20)


@given(
    ports=st.lists(st.integers(1, 65535), min_size=3, max_size=3, unique=True),
    limit=st.floats(0.1, 60),
    demo=st.booleans(),
    queues=st.lists(words, min_size=1, max_size=4),
    origins=st.lists(st.sampled_from(["https://a.example", "http://localhost:3000"]), max_size=2),
    proxies=st.lists(st.sampled_from(["127.0.0.1", "10.0.0.0/8", "::1"]), max_size=2),
    team=st.text(st.characters(min_codepoint=33, exclude_categories=("C", "Z")), min_size=1, max_size=20),
    hours=st.sampled_from(["always", "mon-fri 08:00-18:00", "mon 00:00-24:00, sat 10:00-14:30"]),
)
def test_settings_survive_the_way_into_another_process(
    ports: list[int],
    limit: float,
    demo: bool,
    queues: list[str],
    origins: list[str],
    proxies: list[str],
    team: str,
    hours: str,
) -> None:
    """What load() makes of as_environment() is equal, whatever the settings are."""
    settings = load(
        {},
        root=Path("/nowhere"),
        home="state",
        port=ports[0],
        engine_port=ports[1],
        actions_port=ports[2],
        engine_limit_s=limit,
        demo=demo,
        queues=queues,
        allowed_origins=origins or None,
        trusted_proxies=proxies or None,
        team_name=team,
        hours=hours,
        timezone="UTC",
    )
    assert load(settings.as_environment()) == settings
    assert len(settings.as_environment()) == len(FIELDS) + 1


def test_several_engines_have_the_ports_after_the_first_and_share_none(tmp_path: Path) -> None:
    """Each is on loopback; where they run into another process's port, or past the last, it is told."""
    settings = load({"WARMLINE_ENGINES": "3", "WARMLINE_ENGINE_PORT": "9000"}, root=tmp_path)
    assert settings.engine_urls == tuple(f"http://127.0.0.1:{port}" for port in (9000, 9001, 9002))
    for first in (settings.port - 2, settings.actions_port - 1, 65534):
        with pytest.raises(SettingsError):
            load({"WARMLINE_ENGINES": "3", "WARMLINE_ENGINE_PORT": str(first)}, root=tmp_path)


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    """The second load finds what the first made; nobody else may read the file; the keys do not print."""
    settings = load({}, root=tmp_path)
    first = load_secrets(settings, {})
    assert load_secrets(settings, {}) == first
    assert stat.S_IMODE(settings.secrets_path.stat().st_mode) == 0o600
    assert first.engine_token not in repr(first)
    assert len(first.ticket_key) == 32
    assert os.listdir(settings.home) == ["secrets"]


def test_given_keys_go_before_the_file(tmp_path: Path) -> None:
    """With both given, no file is made; a key that is not hexadecimal is refused."""
    settings = load({}, root=tmp_path)
    given = load_secrets(settings, {"WARMLINE_ENGINE_TOKEN": "t", "WARMLINE_TICKET_KEY": "00ff"})
    assert (given.engine_token, given.ticket_key) == ("t", b"\x00\xff")
    assert not settings.secrets_path.exists()
    with pytest.raises(SettingsError, match="hexadecimal"):
        load_secrets(settings, {"WARMLINE_ENGINE_TOKEN": "t", "WARMLINE_TICKET_KEY": "secret"})


def test_a_file_that_holds_no_keys_is_told(tmp_path: Path) -> None:
    """It is neither used nor overwritten."""
    settings = load({}, root=tmp_path)
    settings.home.mkdir()
    settings.secrets_path.write_text("nothing")
    with pytest.raises(SettingsError, match="remove it"):
        load_secrets(settings, {})
    assert settings.secrets_path.read_text() == "nothing"


def test_children_inherit_neither_our_settings_nor_what_slows_them_down() -> None:
    """Only what belongs to the machine is passed on; a home is always there."""
    ours = {"PATH": "/bin", "PYTHONDONTWRITEBYTECODE": "1", "VIRTUAL_ENV": "/x", "WARMLINE_PORT": "1"}
    assert inherited_environment(ours) == {"PATH": "/bin", "HOME": "/tmp"}
    assert inherited_environment({"HOME": "/home/mara"}) == {"HOME": "/home/mara"}


def test_the_project_s_actions_have_one_place(tmp_path: Path) -> None:
    """An address and requirements at once is a contradiction, and ports are never shared."""
    with pytest.raises(SettingsError, match="remove one"):
        load({"WARMLINE_ACTIONS_URL": "http://a.example", "WARMLINE_ACTIONS_REQUIREMENTS": "r.txt"}, root=tmp_path)
    with pytest.raises(SettingsError, match="another port"):
        load({"WARMLINE_OWN_ACTIONS_PORT": str(following_ports(DEFAULT_PORT)[1])}, root=tmp_path)
    settings = load({"WARMLINE_ACTIONS_REQUIREMENTS": "r.txt"}, root=tmp_path)
    assert settings.actions_requirements == tmp_path / "r.txt"
    assert load(settings.as_environment()) == settings
