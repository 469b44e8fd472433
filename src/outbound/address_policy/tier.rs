//! Which tier an address belongs to.
//! Never looks at settings; see the folder's `mod` for what unlocks a tier.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address is closed, with what it is called in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Unlocked by an exact address with port only.
    Never(&'static str),
    Loopback,
    Private(&'static str),
    Public,
}

const LINK_LOCAL: &str = "a link-local address, where clouds keep their metadata";
const METADATA: &str = "an address of cloud metadata";
const RESERVED: &str = "a reserved address";
const PRIVATE: &str = "a private address";
const MULTICAST: &str = "a multicast address";

/// Addresses where clouds answer about the machine and its credentials, beside the link-local ones.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200)];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0x0ce, 0, 0, 0, 0, 0, 0x254)];

/// The tier of an address; IPv4 inside IPv6 is judged by the address inside.
pub fn tier_of(ip: IpAddr) -> Tier {
    match inner(ip) {
        IpAddr::V4(v4) => tier_of_v4(v4),
        IpAddr::V6(v6) => tier_of_v6(v6),
    }
}

/// The IPv4 address that an IPv6 address leads to (mapped, NAT64, 6to4, Teredo), else the address itself.
pub fn inner(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let s = v6.segments();
    let from = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => from(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => from(high, low),
        [0x2002, high, low, ..] => from(high, low),
        // Teredo hides the client's address behind an exclusive or.
        [0x2001, 0, _, _, _, _, high, low] => from(!high, !low),
        _ => ip,
    }
}

fn tier_of_v4(ip: Ipv4Addr) -> Tier {
    if METADATA_V4.contains(&ip) {
        return Tier::Never(METADATA);
    }
    match ip.octets() {
        [0, ..] => Tier::Never(RESERVED),
        [127, ..] => Tier::Loopback,
        [169, 254, ..] => Tier::Never(LINK_LOCAL),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Tier::Private(PRIVATE),
        [100, 64..=127, ..] => Tier::Private("a shared address of a carrier's network"),
        [198, 18..=19, ..] => Tier::Private("a benchmarking address"),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => Tier::Never(RESERVED),
        [224..=239, ..] => Tier::Never(MULTICAST),
        [255, 255, 255, 255] => Tier::Never("the broadcast address"),
        [240..=255, ..] => Tier::Never(RESERVED),
        _ => Tier::Public,
    }
}

fn tier_of_v6(ip: Ipv6Addr) -> Tier {
    if METADATA_V6.contains(&ip) {
        return Tier::Never(METADATA);
    }
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Tier::Loopback,
        [0xfe80..=0xfebf, ..] => Tier::Never(LINK_LOCAL),
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Tier::Private(PRIVATE),
        [0xff00..=0xffff, ..] => Tier::Never(MULTICAST),
        // Addresses that a network translates to IPv4 by rules of its own.
        [0x64, 0xff9b, 1, ..] => Tier::Private("an address that a local gateway translates"),
        // Protocol assignments and documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Tier::Never(RESERVED),
        [0x2000..=0x3fff, ..] => Tier::Public,
        _ => Tier::Never(RESERVED),
    }
}
