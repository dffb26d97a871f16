"""Where a client is: the address of its socket, or what a proxy that we trust says about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]


def networks(texts: Iterable[str]) -> Networks:
    """The setting ``trusted_proxies``, read. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)


def client_address(peer: str, forwarded: Iterable[str], trusted: Networks) -> str:
    """
    The address to count a client under. *peer* is the socket's other end, *forwarded* the values of X-Forwarded-For in
    the order they came.

    Each proxy adds whom it heard from at the right. So the list is read from there, as long as trusted proxies wrote
    it: what stands further left the client may have invented. An untrusted peer's header counts for nothing.
    """
    address = peer
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    while hops and _is_in(address, trusted):
        said = hops.pop()
        if not _is_address(said):
            break
        address = said
    return address


def counted_as(address: str, ipv6_prefix: int) -> str:
    """
    What *address* is counted under: an IPv6 one under its network of *ipv6_prefix* bits, because whoever has one
    address there has the whole network; an IPv4 one under itself, over an IPv6 socket too.
    """
    if not _is_address(address):
        return address
    found = ip_address(str(_plain(address)).partition("%")[0])
    if found.version == 4:
        return str(found)
    return str(ip_network((found, ipv6_prefix), strict=False))


def _is_in(address: str, trusted: Networks) -> bool:
    return _is_address(address) and any(_plain(address) in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _plain(address: str) -> object:
    """An IPv4 address that came over an IPv6 socket is an IPv4 address."""
    found = ip_address(address)
    return getattr(found, "ipv4_mapped", None) or found
