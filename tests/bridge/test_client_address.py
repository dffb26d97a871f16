"""Whose address counts behind proxies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.bridge.client_address import client_address, counted_as, networks

TRUSTED = networks(["10.0.0.0/8", "::1/128", "127.0.0.1/32"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.7", ["203.0.113.5"], "192.0.2.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("::ffff:127.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.5, 10.1.2.3"], "203.0.113.5"),
        ("127.0.0.1", ["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("::1", ["2001:db8::5"], "2001:db8::5"),
        ("unknown", ["203.0.113.5"], "unknown"),
    ],
)
def test_the_last_hop_that_no_trusted_proxy_is_counts(peer: str, forwarded: list[str], expected: str) -> None:
    """What a client writes into the header itself stands further left and is never believed."""
    assert client_address(peer, forwarded, TRUSTED) == expected


@given(st.text(alphabet="0123456789abcdef:., x%", max_size=60))
def test_no_header_raises(header: str) -> None:
    """The header is the client's to write."""
    assert client_address("127.0.0.1", [header], TRUSTED)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_whole_network_of_ipv6_is_one_client(address: str, counted: str) -> None:
    """Whoever has one of its addresses has them all."""
    assert counted_as(address, 64) == counted
