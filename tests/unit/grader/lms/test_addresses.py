"""What is on the public internet, and what is not, however it is written."""

from __future__ import annotations

import ipaddress

import pytest

from grader.lms.addresses import METADATA, SPECIAL_V4, SPECIAL_V6, is_public


@pytest.mark.parametrize("block", [*SPECIAL_V4, *METADATA])
def test_no_address_of_a_special_block_of_ipv4_is_public_in_any_form(block: str) -> None:
    network = ipaddress.IPv4Network(block)
    for one in (network[0], network[network.num_addresses // 2], network[-1]):
        assert not is_public(one)
        assert not is_public(ipaddress.IPv6Address(f"::ffff:{one}"))
        assert not is_public(ipaddress.IPv6Address(f"64:ff9b::{one}"))
        assert not is_public(ipaddress.IPv6Address(f"64:ff9b:1::{one}"))
        assert not is_public(ipaddress.IPv6Address(f"::{one}"))
        assert not is_public(ipaddress.IPv6Address(0x2002 << 112 | int(one) << 80 | 1))


@pytest.mark.parametrize("block", [one for one in SPECIAL_V6 if one != "::ffff:0:0/96"])
def test_no_address_of_a_special_block_of_ipv6_is_public(block: str) -> None:
    network = ipaddress.IPv6Network(block)
    for one in (network[0], network[network.num_addresses // 2], network[-1]):
        assert not is_public(one)


@pytest.mark.parametrize("last", [0, 8, 9, 10, 29, 100, 170, 171, 192, 255])
def test_nothing_of_the_protocol_assignments_is_public(last: int) -> None:
    """Python says of most of them that they are; .192 was a cloud's metadata."""
    assert not is_public(ipaddress.IPv4Address(f"192.0.0.{last}"))


@pytest.mark.parametrize("block", [*SPECIAL_V4[1:-1], *SPECIAL_V6[5:9]])
def test_blocks_end_where_they_end(block: str) -> None:
    """What lies just outside is judged by its own block, not by this one."""
    network = ipaddress.ip_network(block)
    blocks = [ipaddress.ip_network(one) for one in (*SPECIAL_V4, *SPECIAL_V6, *METADATA)]
    for number in (int(network[0]) - 1, int(network[-1]) + 1):
        one = type(network[0])(number)
        special = any(one in other for other in blocks)
        assert is_public(one) is (
            not special and (one.version == 4 or one in ipaddress.IPv6Network("2000::/3"))
        )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "100.127.255.255", "0.0.0.0", "255.255.255.255",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1", "168.63.129.16",
        "::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:808:808::", "2001::1", "2001:db8::1", "3fff::1", "::127.0.0.1",
        "::ffff:0:127.0.0.1", "5f00::1", "100::1",
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2a00:1450::1"]
)
def test_what_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
