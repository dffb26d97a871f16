"""The shop's own settings, and what doctor says of the shop."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from actions.backend.demo import DemoShop
from actions.plugin import check
from actions.settings import ShopSettings, load_backend_token
from tests.actions.backend.reference import Reference, serving
from warmline.core.errors import SettingsError
from warmline.plugins import load_plugins
from warmline.settings import load


def chosen(root: Path, **variables: str) -> ShopSettings:
    return ShopSettings.of(load({}, root=root), {f"SHOP_{name.upper()}": value for name, value in variables.items()})


def test_a_shop_over_http_needs_its_address(tmp_path: Path) -> None:
    """Told at the start, not to the first customer; variables go before the file."""
    with pytest.raises(SettingsError, match="SHOP_BACKEND_URL"):
        chosen(tmp_path, backend="http")
    (tmp_path / "warmline.toml").write_text(
        '[shop]\nbackend = "http"\nbackend_url = "https://shop.example/v1/"\nbackend_ca_file = "ca.pem"\n'
    )
    found = chosen(tmp_path)
    assert found.backend_url == "https://shop.example/v1"
    assert found.backend_ca_file == tmp_path / "ca.pem"
    assert found.backend_token_file == tmp_path / ".warmline" / "backend-token"
    assert chosen(tmp_path, backend_url="https://other.example").backend_url == "https://other.example"
    assert ShopSettings.of(load({"WARMLINE_DEMO": "1"}, root=tmp_path), {}).backend == "demo"


@pytest.mark.parametrize(
    "wrong",
    [
        {"backend": "ftp"},
        {"backend_url": "http://shop.example"},
        {"backend_url": "shop.example"},
        {"backend_url": "https://user:password@shop.example/v1"},
        {"backend_url": "https://shop.example/v1?token=x"},
        {"backend_limit_s": "0"},
        {"backend_limit_s": "soon"},
        {"bakend": "demo"},
        {"home": "/tmp/elsewhere"},
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """With the name, and what was expected."""
    with pytest.raises(SettingsError, match=next(iter(wrong)).replace("_", ".") + "|" + next(iter(wrong)).upper()):
        chosen(tmp_path, **wrong)


def test_the_shop_s_token_comes_from_its_own_file_only(tmp_path: Path) -> None:
    """Whitespace around it does not matter; nothing, two lines or no file are told with the file's name."""
    file = chosen(tmp_path).backend_token_file
    with pytest.raises(SettingsError, match="backend-token"):
        load_backend_token(file)
    file.parent.mkdir()
    file.write_text(" the-token-of-the-shop\n")
    assert load_backend_token(file) == "the-token-of-the-shop"
    for wrong in ("", "two words", "one-line-\nand-another", "short"):
        file.write_text(wrong)
        with pytest.raises(SettingsError, match="one line"):
            load_backend_token(file)


def over_http(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SHOP_BACKEND", "http")
    monkeypatch.setenv("SHOP_BACKEND_URL", address)


def test_a_shop_that_cannot_be_used_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, a closed port, a token that others can read: each with what to do; the demo shop is one word."""
    settings = load({}, root=tmp_path)
    assert check(settings)[0] == "warn"
    assert check(load({"WARMLINE_DEMO": "1"}, root=tmp_path))[0] == "ok"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        over_http(monkeypatch, f"http://127.0.0.1:{taken.getsockname()[1]}/warmline/v1")
        token = settings.home / "backend-token"
        level, text = check(settings)
        assert (level, str(token) in text) == ("fail", True)
        settings.home.mkdir()
        token.write_text("a-token-for-the-shop\n")
        level, text = check(settings)
    assert (level, "/health: it cannot be reached" in text) == ("fail", True)


async def test_a_shop_that_answers_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for real, with the token of the file; with another token it says that the token is why."""
    demo = DemoShop(tmp_path / "shop.db", 1.0)
    settings = load({}, root=tmp_path)
    async with serving(Reference(demo, "a-token-for-the-shop").handle) as address:
        over_http(monkeypatch, address)
        settings.home.mkdir()
        file = settings.home / "backend-token"
        found = {}
        for token in ("a-token-for-the-shop", "another-token"):
            file.write_text(token)
            file.chmod(0o600)
            found[token] = await asyncio.to_thread(check, settings)
        file.write_text("a-token-for-the-shop")
        file.chmod(0o644)
        open_to_all = await asyncio.to_thread(check, settings)
    await demo.close()
    assert found["a-token-for-the-shop"][0] == "ok"
    assert "does not accept our token" in found["another-token"][1]
    assert (open_to_all[0], "chmod 600" in open_to_all[1]) == ("warn", True)


def test_the_shop_is_a_plugin_of_the_project() -> None:
    """Named in the root's own warmline.toml: services, the demo page with its files, and the check."""
    found = load_plugins(load({}, root=Path(__file__).resolve().parents[2]))
    assert found.services is not None
    assert found.demo is not None
    assert [name for name, _ in found.checks] == ["shop"]
