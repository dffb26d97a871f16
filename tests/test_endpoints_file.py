"""endpoints.yml: where the team's action server is, and with what it is called, as Rasa reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmline.actions.server import find_team
from warmline.core.errors import SettingsError
from warmline.endpoints_file import ActionEndpoint, load_action_endpoint
from warmline.settings import load

ROOT = Path(__file__).resolve().parent.parent


def read(root: Path, text: str, **environ: str) -> ActionEndpoint | None:
    (root / "endpoints.yml").write_text(text, encoding="utf-8")
    settings = load({}, root=root)
    return load_action_endpoint(settings, engine_token="the-engine-s-token", environ=environ)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tracker_store:\n  type: x\n",
        "action_endpoint:\n",
        "action_endpoint:\n  url: http://127.0.0.1:${WARMLINE_ACTIONS_PORT}/webhook\n",
        "action_endpoint:\n  url: http://localhost:25000/webhook\n",
        "action_endpoint:\n  url: http://0.0.0.0:25000/webhook\n",
    ],
)
def test_no_endpoint_or_our_own_is_no_team_s(tmp_path: Path, text: str) -> None:
    """The actions run here then."""
    assert read(tmp_path, text) is None


def test_a_project_without_the_file_has_none(tmp_path: Path) -> None:
    """As Rasa runs without it, too."""
    assert load_action_endpoint(load({}, root=tmp_path)) is None


def test_the_demo_shop_s_points_to_ours() -> None:
    """Its headers hold our token, and go nowhere else."""
    assert load_action_endpoint(load({}, root=ROOT), environ={}) is None


def test_all_that_rasa_sends_along_is_read(tmp_path: Path) -> None:
    """Variables where there are no quotes; the token as a parameter of the address, under its own name."""
    (tmp_path / "ca.pem").write_text("")
    endpoint = read(
        tmp_path,
        "action_endpoint:\n  url: https://${HOST}/webhook\n  token: ${TOKEN}\n  token_name: key\n  params: {a: 1}\n"
        "  headers:\n    X-One: '${TOKEN}'\n    X-Two: $TOKEN and ${TOKEN}\n    X-Three: 3\n"
        "  basic_auth:\n    username: me\n    password: ${TOKEN}\n  cafile: ca.pem\n",
        HOST="team.example",
        TOKEN="t0ken",
    )
    assert endpoint == ActionEndpoint(
        url="https://team.example/webhook",
        headers={"X-One": "${TOKEN}", "X-Two": "t0ken and t0ken", "X-Three": "3"},
        params={"a": "1", "key": "t0ken"},
        basic_auth=("me", "t0ken"),
        cafile=tmp_path / "ca.pem",
    )
    assert "t0ken" not in repr(endpoint)


def test_a_name_and_password_in_the_address_are_not_shown() -> None:
    """Where it is told to people, and to the log."""
    assert ActionEndpoint("https://me:secret@team.example:8/webhook?token=x").where == "https://team.example:8/webhook"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("url: ftp://team.example", "must begin with http:// or https://"),
        ("url: team.example:5055", "must begin with http:// or https://"),
        ("url: http://team.example:port/", "url is no address"),
        ("url: http://${NO_SUCH_VARIABLE}/", "the environment variable NO_SUCH_VARIABLE is not set"),
        ("url: http://team.example\n  headers: [a]", "names with their values"),
        ('url: http://team.example\n  headers: {X: "a\\nb"}', "'X' cannot be sent"),
        ("url: http://team.example\n  headers: {A: Bearer the-engine-s-token}", "the engine's own token"),
        ("url: http://team.example\n  token: the-engine-s-token", "the engine's own token"),
        ("url: http://team.example\n  cafile: no.pem", "is not there"),
    ],
)
def test_a_mistake_names_the_line(tmp_path: Path, written: str, said: str) -> None:
    """And what is wrong there."""
    with pytest.raises(SettingsError) as wrong:
        read(tmp_path, f"# a comment\n\naction_endpoint:\n  {written}\n")
    assert wrong.value.text.startswith("endpoints.yml, line 3: action_endpoint: ")
    assert said in wrong.value.text


def test_what_is_no_yaml_names_the_line(tmp_path: Path) -> None:
    """As for escalation.yml."""
    with pytest.raises(SettingsError, match=r"endpoints\.yml, line 2 cannot be read"):
        read(tmp_path, "action_endpoint:\n  url: ]\n")


def test_the_setting_goes_before_the_file_and_keeps_what_is_sent_along(tmp_path: Path) -> None:
    """``here`` means ours, whatever the file says."""
    (tmp_path / "endpoints.yml").write_text("action_endpoint:\n  url: http://a.example/\n  token: t\n")
    assert find_team(load({}, root=tmp_path)) == ActionEndpoint("http://a.example/", params={"token": "t"})
    there = load({"WARMLINE_ACTIONS_URL": "https://b.example"}, root=tmp_path)
    assert find_team(there) == ActionEndpoint("https://b.example/webhook", params={"token": "t"})
    assert find_team(load({"WARMLINE_ACTIONS_URL": "here"}, root=tmp_path)) is None


def test_our_own_token_is_not_carried_to_the_setting_s_server(tmp_path: Path) -> None:
    """endpoints.yml made for ours has it in a header."""
    (tmp_path / "endpoints.yml").write_text((ROOT / "endpoints.yml").read_text())
    there = load({"WARMLINE_ACTIONS_URL": "https://b.example"}, root=tmp_path)
    assert find_team(there, "the-engine-s-token") == ActionEndpoint("https://b.example/webhook")
