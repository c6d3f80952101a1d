import pytest

from db.contracts.webhook_address import (
    AllowList,
    ForbiddenAddressError,
    check_address,
    check_url,
    is_public,
)

NOWHERE = AllowList()
LOOPBACK = AllowList(["127.0.0.0/8", "::1/128"])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db9::1",
        "2003::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
    ],
)
def test_an_address_beside_the_special_ones_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0177.0.0.1", "1.2.3.4.5"])
def test_text_that_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c#d",
        "https://hooks.example.com.:8443/",
        "HTTPS://Hooks.Example.COM/%7Euser",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:443/",
        "https://xn--strae-oqa.example/",
        "https://under_score.example:80/",
    ],
)
def test_a_public_https_url_passes(url: str) -> None:
    check_url(url, allow=NOWHERE)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/", "https://"),
        ("ftp://hooks.example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("//hooks.example.com/", "https://"),
        ("hooks.example.com", "https://"),
        ("https://user@hooks.example.com/", "user name"),
        ("https://user:word@hooks.example.com/", "user name"),
        ("https://@hooks.example.com/", "user name"),
        ("https://hooks.example.com:22/", "port 22"),
        ("https://hooks.example.com:6379/", "port 6379"),
        ("https://hooks.example.com:0/", "port"),
        ("https://hooks.example.com:99999/", "no URL"),
        ("https://hooks.example.com:x/", "no URL"),
        ("https://", "needs a host"),
        ("https:///path", "needs a host"),
        ("https://:443/", "needs a host"),
        ("https://hooks.example.com/" + "a" * 2048, "longer than"),
        ("https://[::1", "no URL"),
        ("https://[fe80::1%25eth0]/", "no host name"),
        ("https://a..b/", "no host name"),
        ("https://-a.example/", "no host name"),
        ("https://a%2eexample/", "no host name"),
        (f"https://{'a' * 64}.example/", "no host name"),
        ("https://hooks.example.com\\@127.0.0.1/", "characters"),
        ("https://hooks.example.com/\r\nHost: x", "characters"),
        ("https://hooks.example.com /", "characters"),
        ("https://127。0。0。1/", "characters"),
        ("https://\u212aube.example/", "characters"),
        ("", "characters"),
    ],
)
def test_a_url_that_goes_nowhere_good_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ForbiddenAddressError, match=reason):
        check_url(url, allow=NOWHERE)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7F.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.16689662",
        "[::ffff:a9fe:a9fe]",
        "[0:0:0:0:0:ffff:169.254.169.254]",
        "[::ffff:0:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:a9fe:a9fe::1]",
        "[::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "10.0.0.1",
        "10.1",
        "0xc0a80001",
        "255.255.255.255",
    ],
)
def test_a_private_address_in_any_spelling_is_refused(host: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="WEBHOOK_ALLOW_CIDRS"):
        check_url(f"https://{host}/", allow=NOWHERE)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/hook",
        "http://127.1:9000/hook",
        "http://localhost:9000/hook",
        "http://[::1]:9000/hook",
        "http://[::ffff:127.0.0.1]:9000/hook",
        "http://receiver.internal:9000/hook",
    ],
)
def test_an_allowed_network_opens_plain_http_and_every_port(url: str) -> None:
    check_url(url, allow=LOOPBACK)


def test_an_allowed_network_opens_no_other() -> None:
    with pytest.raises(ForbiddenAddressError, match="not a public address"):
        check_url("https://10.0.0.1/", allow=LOOPBACK)


def test_an_allowed_network_does_not_open_plain_http_elsewhere() -> None:
    with pytest.raises(ForbiddenAddressError, match="https://"):
        check_address("8.8.8.8", scheme="http", port=80, allow=LOOPBACK)


def test_an_address_of_this_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.contracts.webhook_address.is_public", lambda _: True)
    with pytest.raises(ForbiddenAddressError, match="not a public address"):
        check_address("127.0.0.1", scheme="https", port=443, allow=NOWHERE)


def test_an_allow_list_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"WEBHOOK_ALLOW_CIDRS: .*write networks"):
        AllowList(["127.0.0.1/8"])
