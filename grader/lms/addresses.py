"""Which IP addresses are on the public internet: none of the blocks that IANA has put aside for something else."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SPECIAL_V4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local, and most clouds' metadata
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments, and a cloud's metadata at .192
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # multicast tunnels
    "192.88.99.0/24",  # relays of 6to4 and 6a44
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
"""https://www.iana.org/assignments/iana-ipv4-special-registry with multicast; also what is reachable there is no LMS."""

SPECIAL_V6 = (
    "::/128",  # no address
    "::1/128",  # loopback
    "::ffff:0:0/96",  # IPv4 in disguise: judged as IPv4, see `unwrapped`
    "64:ff9b::/96",  # NAT64: an IPv4 address behind a translator
    "64:ff9b:1::/48",  # NAT64 of one's own
    "100::/64",  # discarded
    "100:0:0:1::/64",  # dummy
    "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, tunnels, AS112
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: an IPv4 address behind a relay
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
    "5f00::/16",  # segment routing
    "fc00::/7",  # private
    "fe80::/10",  # link-local
    "fec0::/10",  # site-local, as it was once
    "ff00::/8",  # multicast
)
"""https://www.iana.org/assignments/iana-ipv6-special-registry with multicast."""

METADATA = ("168.63.129.16/32",)
"""What clouds have put on public addresses."""

GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
"""All that was ever given out for hosts on the internet."""

_SPECIAL = tuple(ipaddress.ip_network(one) for one in (*SPECIAL_V4, *SPECIAL_V6, *METADATA))


def is_public(address: Address) -> bool:
    """Whether this is a global unicast address that leads to no translator and to no metadata service."""
    one = unwrapped(address)
    if not one.is_global or any(one in network for network in _SPECIAL):
        return False
    return isinstance(one, ipaddress.IPv4Address) or one in GLOBAL_V6


def read_networks(text: str) -> tuple[Network, ...]:
    """`127.0.0.0/8, 10.1.0.0/16` → networks; ValueError for anything else."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def unwrapped(address: Address) -> Address:
    """::ffff:127.0.0.1 is 127.0.0.1."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped
