"""What is wrong with SPF, DKIM and DMARC records, as the operator pasted them."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import override

from perfmgmt.notify.dns_advice import advise
from perfmgmt.notify.dns_signing import FAIL, PASS, WARN, Finding, tags_of


def key(bits: int = 2048) -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


GOOD = {
    "domain": "perf.example",
    "host": "smtp.exmail.qq.com",
    "spf": "v=spf1 include:spf.mail.qq.com -all",
    "dkim": f"v=DKIM1; k=rsa; p={key()}",
    "dmarc": "v=DMARC1; p=reject; rua=mailto:dmarc@perf.example",
}


def worst(record: str, **changes: Any) -> tuple[str, str]:
    """The worst finding about a record: its level and its words."""
    found: list[Finding] = [one for one in advise(**{**GOOD, **changes}) if one.record == record]
    order = (FAIL, WARN, PASS)
    one = min(found, key=lambda each: order.index(each.level))
    assert one.level == PASS or one.fix
    return one.level, one.text + " " + one.fix


def test_what_is_right_passes_whole() -> None:
    assert {one.level for one in advise(**GOOD)} == {PASS}
    assert {one.record for one in advise(**GOOD)} == {"From", "SPF", "DKIM", "DMARC"}


@pytest.mark.parametrize(
    ("spf", "level", "words"),
    [
        ("", FAIL, "no record"),
        ("google-site-verification=x", FAIL, "no record"),
        ("v=spf1 mx -all\nv=spf1 a -all", FAIL, "2 SPF records"),
        ("v=spf1 inclued:x.com -all", FAIL, "inclued:x.com"),
        ("v=spf1 include:spf.mail.qq.com ip4:1.2.3.999 -all", FAIL, "not understood"),
        ("v=spf1 include:spf.mail.qq.com +all", FAIL, "every server"),
        ("v=spf1 include:spf.mail.qq.com all", FAIL, "every"),
        ("v=spf1 include:spf.mail.qq.com ?all", WARN, "says nothing"),
        ("v=spf1 include:spf.mail.qq.com", WARN, "all other"),
        ("v=spf1 -all include:spf.mail.qq.com", WARN, "never read"),
        ("v=spf1 include:_spf.google.com -all", FAIL, "Add include:spf.mail.qq.com"),
        ("v=spf1 include:spf.mail.qq.com ptr ~all", WARN, "ptr"),
        ("v=spf1 include:spf.mail.qq.com ~all", PASS, ""),
        (
            "v=spf1 include:spf.mail.qq.com " + " ".join(f"a:h{n}.x.com" for n in range(10)) + " -all",
            FAIL,
            "11 look-ups",
        ),
        (
            "v=spf1 include:spf.mail.qq.com " + " ".join(f"a:h{n}.x.com" for n in range(8)) + " -all",
            WARN,
            "9 look-ups",
        ),
        ('"v=spf1 include:spf.mail" ".qq.com -all"', PASS, ""),
        ("V=SPF1 include:spf.mail.qq.com exp=e.x.com -all", PASS, ""),
    ],
)
def test_spf(spf: str, level: str, words: str) -> None:
    found = worst("SPF", spf=spf)
    assert found[0] == level and words in found[1], found


@pytest.mark.parametrize(
    ("host", "spf", "level"),
    [
        ("mail.perf.example", "v=spf1 mx -all", PASS),
        ("198.51.100.7", "v=spf1 ip4:198.51.100.0/24 -all", PASS),
        ("198.51.100.7", "v=spf1 ip4:203.0.113.0/24 -all", WARN),
        ("smtp.other.example", "v=spf1 mx -all", WARN),
        ("smtp.other.example", "v=spf1 include:_spf.other.example -all", PASS),
        ("", "v=spf1 mx -all", PASS),
        ("email-smtp.eu-west-1.amazonaws.com", "v=spf1 include:amazonses.com -all", PASS),
    ],
)
def test_spf_must_name_the_server_that_sends(host: str, spf: str, level: str) -> None:
    assert worst("SPF", host=host, spf=spf)[0] == level


@pytest.mark.parametrize(
    ("dkim", "level", "words"),
    [
        ("", FAIL, "no key"),
        ("v=DKIM1; k=rsa; p=", FAIL, "withdrawn"),
        ("hello", FAIL, "no DKIM record"),
        ("v=DKIM1; p=AAAA", FAIL, "can't be read"),
        ("v=DKIM1; p=ä", FAIL, "can't be read"),
        (f"v=DKIM1; k=rsa; p={key(1024)}", WARN, "1024 bits"),
        (f"k=rsa; t=y; p={key()}", WARN, "only being tried"),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}", WARN, "Ed25519"),
        (f'"v=DKIM1; k=rsa; " "p={key()}"', PASS, ""),
        (f"v=DKIM1\\; k=rsa\\; p={key()}", PASS, ""),
        (f"v=DKIM1; k=ed25519; p={key()}", FAIL, "can't be read"),
        ("v=DKIM1; p=x; p=y", FAIL, "no DKIM record"),
    ],
    ids=lambda value: value[:20],  # a key is made anew by each worker
)
def test_dkim(dkim: str, level: str, words: str) -> None:
    found = worst("DKIM", dkim=dkim)
    assert found[0] == level and words in found[1], found


@pytest.mark.parametrize(
    ("dmarc", "level", "words"),
    [
        ("", FAIL, "no record"),
        ("v=DMARC1", FAIL, "policy"),
        ("v=DMARC1; p=maybe", FAIL, "policy"),
        ("v=DMARC1; p=none; rua=mailto:a@b.c", WARN, "only watches"),
        ("v=DMARC1; p=reject", WARN, "rua"),
        ("v=DMARC1; p=reject; rua=a@b.c", FAIL, "mailto"),
        ("v=DMARC1; p=reject; rua=mailto:a@b.c; pct=50", WARN, "50%"),
        ("v=DMARC1; p=reject; rua=mailto:a@b.c; pct=x", FAIL, "pct"),
        ("v=DMARC1; p=reject; rua=mailto:a@b.c; adkim=s", WARN, "exactly perf.example"),
        ("v=DMARC1; p=reject\nv=DMARC1; p=none", FAIL, "2 DMARC records"),
        ("p=reject; v=DMARC1", FAIL, "no record"),
        ("v=DMARC1;p=quarantine;rua=mailto:a@b.c,mailto:d@e.f;", PASS, ""),
    ],
)
def test_dmarc(dmarc: str, level: str, words: str) -> None:
    found = worst("DMARC", dmarc=dmarc)
    assert found[0] == level and words in found[1], found


@pytest.mark.parametrize(
    ("domain", "level"),
    [("localhost", FAIL), ("gmail.com", FAIL), ("a b", FAIL), ("Perf.Example.", PASS), ("", FAIL)],
)
def test_the_from_domain_must_be_ones_own(domain: str, level: str) -> None:
    assert worst("From", domain=domain)[0] == level


@pytest.mark.parametrize(
    "text",
    ["\0" * 50, "v=spf1 " + "a:" * 9000, "v=DMARC1; " + "=;" * 500, '"' * 99, "{x} {0} %s"],
    ids=["nul", "spf", "dmarc", "quotes", "braces"],
)
def test_nonsense_is_answered_too(text: str) -> None:
    assert advise(domain=text, host=text, spf=text, dkim=text, dmarc=text)
    assert tags_of("a=1; b") is None


def test_it_speaks_chinese() -> None:
    with override("zh-hans"):
        assert "记录" in worst("SPF", spf="")[1]
