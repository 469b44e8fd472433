//! Which addresses each tier opens, in every spelling.
//! Never opens a connection.

use super::*;

fn policy(change: impl FnOnce(&mut OutboundConfig)) -> AddressPolicy {
    let mut config = OutboundConfig::default();
    change(&mut config);
    AddressPolicy::new(&config, false, vec![("127.0.0.1".into(), 8080), ("db.lan".into(), 5432)]).expect("the settings hold")
}

fn hosts(entries: &[&str]) -> AddressPolicy {
    policy(|config| config.allowed_hosts = entries.iter().map(|entry| (*entry).to_owned()).collect())
}

fn refusal(policy: &AddressPolicy, url: &str) -> Option<String> {
    policy.check_url(url).err().map(|refused| refused.message)
}

fn resolved(policy: &AddressPolicy, url: &str, ip: &str) -> Result<(), Refused> {
    let (_, target) = policy.check_url(url).expect("the text of the URL is fine");
    policy.judge(&target, ip.parse().expect("an address"))
}

/// Every spelling here leads to an address that is closed from the start.
const CLOSED: &[&str] = &[
    "http://127.0.0.1/",
    "http://127.0.0.1:80/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0x7F.0x0.0x0.0x1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0177.1/",
    "http://127.0.0.1./",
    "http://127.0.0.1%2e/",
    "http://%31%32%37.0.0.1/",
    "http://127。0。0。1/",
    "http://１２７.0.0.1/",
    "http:127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "HTTP://127.0.0.1/",
    "ht\ntp://127.0.0.1/",
    " http://127.0.0.1/ ",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:10.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::10.0.0.7]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2002:c0a8:101::1]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "http://[2001::f5ff:fff8]/",
    "http://10.0.0.7/",
    "http://10.255.255.255:9000/",
    "http://012.0.0.7/",
    "http://0xa.7/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://3232235521/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://169.16689662/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fd20:ce::254]/",
    "http://[fc00::1]/",
    "http://[fdff::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://0.1.2.3/",
    "http://224.0.0.1/",
    "http://239.255.255.255/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
];

#[test]
fn a_url_that_comes_again_is_read_as_before_and_another_anew() {
    let policy = policy(|_| {});
    let read = |text: &str| policy.check_url(text).map(|(url, target)| (url.to_string(), target.port)).unwrap();
    for _ in 0..2 {
        assert_eq!(read("http://example.com:8080/a"), ("http://example.com:8080/a".to_owned(), 8080));
        assert_eq!(read("http://EXAMPLE.com:8080/a"), ("http://example.com:8080/a".to_owned(), 8080));
        assert_eq!(read("http://example.com:81/a"), ("http://example.com:81/a".to_owned(), 81));
        assert!(policy.check_url("http://[::bad/").is_err());
    }
}

#[test]
fn whatever_was_read_before_a_url_is_read_as_if_it_were_the_first() {
    let origins = [
        "http://example.com",
        "http://example.com:8080",
        "http://example.com:80",
        "http://EXAMPLE.com",
        "http://user:word@example.com",
        "https://bücher.example",
        "http://127.0.0.1:9",
        "http://[::1]:9",
        "http:/example.com",
        "file://example.com",
        "file://",
        "data:",
    ];
    let paths = [
        "",
        "/",
        "/1",
        "/a/b-c_d.e/",
        "//",
        "/a//b",
        "//other/x",
        "/.",
        "/./a",
        "/..",
        "/a/../b",
        "/a/.b",
        "/a.",
        "/%2e%2e/a",
        "/a b",
        "/ü",
        "/a\\b",
        "/a?b=1",
        "?b",
        "#c",
        "/a#c",
        "/a;b",
        "/a:b@c",
        "/C:/x",
        ".net/",
        ":81/",
        "@other/",
        "/a\tb",
        " ",
    ];
    let texts = || origins.iter().flat_map(|origin| paths.iter().map(move |path| format!("{origin}{path}")));
    // All that is seen of a URL, and where its parts begin.
    let whole = |url: Result<Url, url::ParseError>| url.map(|url| (format!("{url:?}"), url[Position::BeforePath..].to_owned()));
    for before in texts() {
        for text in texts() {
            LAST.set(None);
            let _ = read(&before);
            assert_eq!(whole(read(&text)), whole(Url::parse(&text)), "{text} behind {before}");
        }
    }
}

#[test]
fn no_spelling_of_a_closed_address_gets_through() {
    let policy = policy(|_| {});
    for url in CLOSED {
        assert!(refusal(&policy, url).is_some(), "{url} got through");
    }
}

#[test]
fn public_addresses_and_names_are_open() {
    let policy = policy(|_| {});
    let open = [
        "http://1.1.1.1/",
        "https://8.8.8.8:8443/x?token=1",
        "http://[2606:4700:4700::1111]/",
        "http://[64:ff9b::8.8.8.8]/",
        "http://[2002:808:808::1]/",
        "http://172.15.0.1/",
        "http://172.32.0.1/",
        "http://100.63.0.1/",
        "http://100.128.0.1/",
        "http://169.253.0.1/",
        "http://192.167.0.1/",
        "http://223.255.255.255/",
        "https://hooks.example.com/x",
    ];
    for url in open {
        assert_eq!(refusal(&policy, url), None, "{url}");
    }
}

#[test]
fn what_is_no_plain_web_url_is_refused() {
    let policy = policy(|_| {});
    let long = format!("http://a.example/{}", "x".repeat(URL_BYTES_MAX));
    let odd = [
        "",
        "a.example",
        "/x",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "javascript:1",
        "http://",
        "http://u@a.example/",
        "http://u:p@a.example/",
        "http://:p@a.example/",
        "http://a b/",
        "http://./",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://a.example:99999/",
        long.as_str(),
    ];
    for url in odd {
        assert!(refusal(&policy, url).is_some(), "{url} got through");
    }
    assert!(!refusal(&policy, "http://user:hidden@a.example/").unwrap_or_default().contains("hidden"));
}

#[test]
fn the_refusal_says_which_setting_would_allow_it() {
    let policy = policy(|_| {});
    let message = |result: Result<(), Refused>| result.map_err(|refused| refused.message);
    assert_eq!(
        message(resolved(&policy, "http://n8n.lan:5678/webhook/x", "10.0.0.7")),
        Err("n8n.lan resolves to 10.0.0.7, a private address. To allow it, set outbound.allowed_hosts = [\"n8n.lan:5678\"]."
            .into())
    );
    assert_eq!(
        refusal(&policy, "http://10.0.0.7/x").as_deref(),
        Some("10.0.0.7 is a private address. To allow it, set outbound.allowed_hosts = [\"10.0.0.7:80\"].")
    );
    assert_eq!(
        refusal(&policy, "http://[fd00::7]:81/x").as_deref(),
        Some("fd00::7 is a private address. To allow it, set outbound.allowed_hosts = [\"[fd00::7]:81\"].")
    );
}

#[test]
fn the_setting_that_a_refusal_names_does_allow_it() {
    for url in CLOSED.iter().filter(|url| !url.contains("%2e")) {
        let message = refusal(&policy(|_| {}), url).expect("closed at first");
        let Some((_, entry)) = message.split_once("[\"") else { panic!("{url}: {message}") };
        let entry = entry.trim_end_matches("\"].");
        assert_eq!(refusal(&hosts(&[entry]), url), None, "{url} with {entry}");
    }
}

#[test]
fn a_private_name_is_opened_by_host_with_or_without_port() {
    for (entry, fine) in [("n8n.lan:5678", true), ("N8N.lan.", true), ("n8n.lan", true), ("n8n.lan:80", false), ("lan", false)] {
        let policy = hosts(&[entry]);
        assert_eq!(resolved(&policy, "http://n8n.lan:5678/", "10.0.0.7").is_ok(), fine, "{entry}");
        assert_eq!(resolved(&policy, "http://n8n.lan.:5678/", "10.0.0.7").is_ok(), fine, "{entry}, with a dot");
    }
    assert!(resolved(&hosts(&["n8n.lan:5678"]), "http://other.lan:5678/", "10.0.0.7").is_err());
}

#[test]
fn a_host_entry_never_opens_what_is_closed_for_good() {
    let policy = hosts(&["meta.lan", "meta.lan:80", "169.254.169.254"]);
    assert!(resolved(&policy, "http://meta.lan/", "169.254.169.254").is_err());
    assert!(refusal(&policy, "http://169.254.169.254/").is_some());
    let exact = hosts(&["169.254.169.254:80"]);
    assert_eq!(refusal(&exact, "http://169.254.169.254/"), None);
    assert!(refusal(&exact, "http://169.254.169.254:8080/").is_some());
    let all = self::policy(|config| config.allowed_ranges = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()]);
    assert_eq!(refusal(&all, "http://10.0.0.7/"), None);
    assert!(refusal(&all, "http://169.254.169.254/").is_some());
}

#[test]
fn ranges_hold_for_addresses_inside_others() {
    let policy = policy(|config| config.allowed_ranges = vec!["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(refusal(&policy, "http://10.1.2.3/"), None);
    assert_eq!(refusal(&policy, "http://[::ffff:10.1.2.3]/"), None);
    assert!(refusal(&policy, "http://192.168.0.1/").is_some());
}

#[test]
fn loopback_follows_its_setting() {
    let config = |loopback| OutboundConfig { loopback, ..OutboundConfig::default() };
    let open = |loopback, auto| {
        let policy = AddressPolicy::new(&config(loopback), auto, Vec::new()).expect("fine");
        refusal(&policy, "http://127.0.0.1:5678/").is_none() && refusal(&policy, "http://[::1]:5678/").is_none()
    };
    assert!(open(LoopbackMode::Auto, true) && !open(LoopbackMode::Auto, false));
    assert!(open(LoopbackMode::Open, false) && !open(LoopbackMode::Closed, true));
}

#[test]
fn our_own_listener_and_database_stay_closed_when_loopback_is_open() {
    let policy = AddressPolicy::new(
        &OutboundConfig { allowed_hosts: vec!["localhost:8080".into(), "db.lan".into()], ..OutboundConfig::default() },
        true,
        vec![("0.0.0.0".into(), 8080), ("db.lan".into(), 5432), ("10.0.0.9".into(), 5433)],
    )
    .expect("fine");
    for url in ["http://127.0.0.1:8080/", "http://127.9.9.9:8080/", "http://[::1]:8080/", "http://[::ffff:127.0.0.1]:8080/"] {
        assert!(refusal(&policy, url).is_some(), "{url}");
    }
    assert!(resolved(&policy, "http://localhost:8080/", "127.0.0.1").is_err());
    assert!(refusal(&policy, "http://db.lan:5432/").is_some());
    assert_eq!(refusal(&policy, "http://127.0.0.1:8081/"), None);
    assert_eq!(refusal(&policy, "http://db.lan:80/"), None);
    assert!(policy.forbidden_names(5432).eq(["db.lan"]));
    let (_, target) = policy.check_url("http://alias.lan:5432/").expect("nobody knows yet");
    let ip = "8.8.4.4".parse().expect("an address");
    assert!(policy.judge_resolved(&target, ip, &[ip]).is_err());
}

#[test]
fn an_allowlist_closes_everything_else() {
    let policy = policy(|config| {
        config.allowlist_only = true;
        config.allowed_hosts = vec!["hooks.example.com:443".into()];
        config.allowed_ranges = vec!["9.9.9.0/24".parse().unwrap()];
    });
    assert_eq!(resolved(&policy, "https://hooks.example.com/", "93.184.216.34"), Ok(()));
    assert!(resolved(&policy, "http://hooks.example.com/", "93.184.216.34").is_err());
    assert_eq!(refusal(&policy, "http://9.9.9.9/"), None);
    assert_eq!(
        refusal(&policy, "http://1.1.1.1/").as_deref(),
        Some(
            "1.1.1.1 is not on the list that outbound.mode = \"allowlist\" asks for. \
             To allow it, set outbound.allowed_hosts = [\"1.1.1.1:80\"]."
        )
    );
}

#[test]
fn an_entry_that_is_no_host_is_told() {
    for entry in ["", "a b", "host:port", "host:99999", "http://a.example"] {
        let config = OutboundConfig { allowed_hosts: vec![entry.to_owned()], ..OutboundConfig::default() };
        assert!(AddressPolicy::new(&config, true, Vec::new()).is_err(), "{entry}");
    }
    for entry in ["a.example", "a.example:1", "::1", "[::1]", "[::1]:80", "127.0.0.1:80", "0x7f.1"] {
        let config = OutboundConfig { allowed_hosts: vec![entry.to_owned()], ..OutboundConfig::default() };
        assert!(AddressPolicy::new(&config, true, Vec::new()).is_ok(), "{entry}");
    }
}
