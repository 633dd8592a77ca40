"""DKIM and DMARC records as they were pasted: the key of signatures, and the policy. Nothing is asked."""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils.translation import gettext as _t

PASS, WARN, FAIL = "pass", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: of which record, how it stands, why, and what to do about it ("": nothing)."""

    record: str
    level: str
    text: str
    fix: str = ""


def tags_of(record: str) -> dict[str, str] | None:
    """Return the tags of a DKIM or DMARC record ("k=v; k=v"); None for what is no such list."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if not part.strip():
            continue
        if not equals or not re.fullmatch(r"[a-z][a-z0-9_]*", name.strip(), re.I) or name.strip().lower() in found:
            return None
        found[name.strip().lower()] = value.strip()
    return found


def of_dkim(records: list[str]) -> list[Finding]:
    """Return what is said by the key with which receivers check signatures."""
    if not records:
        return [
            Finding(
                "DKIM",
                FAIL,
                _t("There is no key: mail goes out unsigned, or nobody can check it."),
                _t("Switch DKIM on at your mail provider and paste the record that it shows."),
            )
        ]
    record = "".join(records) if len(records) > 1 and not any("p=" in one for one in records[1:]) else records[0]
    tags = tags_of(record)
    if tags is None or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return [
            Finding(
                "DKIM",
                FAIL,
                _t("This is no DKIM record: it reads like v=DKIM1; k=rsa; p=…"),
                _t("Paste the TXT record of <selector>._domainkey of your domain."),
            )
        ]
    if not tags["p"]:
        return [
            Finding(
                "DKIM",
                FAIL,
                _t("The key is empty (p=): it was withdrawn."),
                _t("Make a new key at your mail provider."),
            )
        ]
    found = [_dkim_key(tags.get("k", "rsa").lower(), re.sub(r"\s", "", tags["p"]))]
    if "y" in tags.get("t", "").split(":"):
        found.append(
            Finding(
                "DKIM",
                WARN,
                _t("The record says that DKIM is only being tried (t=y)."),
                _t("Remove t=y once mail arrives signed."),
            )
        )
    return found


def _dkim_key(kind: str, text: str) -> Finding:
    broken = Finding(
        "DKIM",
        FAIL,
        _t("The key can't be read: a part of it is missing or changed."),
        _t("Copy the record again, whole."),
    )
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return broken
    if kind == "ed25519":
        fine = Finding(
            "DKIM",
            WARN,
            _t("The key is Ed25519, which many receivers don't check yet."),
            _t("Sign with an RSA key of 2048 bits as well."),
        )
        return fine if len(data) == 32 else broken
    try:
        key = load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return broken
    if kind != "rsa" or not isinstance(key, RSAPublicKey):
        return broken
    text = _t("The key has {n} bits.").format(n=key.key_size)
    fix = _t("Make a key of 2048 bits at your mail provider.")
    if key.key_size < 1024:
        return Finding("DKIM", FAIL, text, fix)
    return Finding("DKIM", PASS, text) if key.key_size >= 2048 else Finding("DKIM", WARN, text, fix)


def of_dmarc(records: list[str], domain: str) -> list[Finding]:
    """Return what is said by the policy for mail that passes neither check."""
    found = [one for one in records if re.match(r"v\s*=\s*DMARC1\s*(;|$)", one)]
    example = f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}"
    if not found:
        return [
            Finding(
                "DMARC",
                FAIL,
                _t("There is no record that begins with v=DMARC1."),
                _t("Add a TXT record to _dmarc.{domain}: {record}").format(domain=domain, record=example),
            )
        ]
    if len(found) > 1:
        return [
            Finding(
                "DMARC",
                FAIL,
                _t("There are {n} DMARC records; receivers then take none.").format(n=len(found)),
                _t("Keep one."),
            )
        ]
    tags = tags_of(found[0])
    if tags is None or tags.get("p", "").lower() not in ("none", "quarantine", "reject"):
        return [
            Finding(
                "DMARC",
                FAIL,
                _t("It needs a policy: p=none, p=quarantine or p=reject."),
                _t("Write it like {record}").format(record=example),
            )
        ]
    return [*_dmarc_policy(tags), *_dmarc_reports(tags, domain), *_dmarc_alignment(tags, domain)]


def _dmarc_policy(tags: dict[str, str]) -> list[Finding]:
    policy, share = tags["p"].lower(), tags.get("pct", "100")
    found = [
        Finding(
            "DMARC",
            WARN,
            _t("p=none only watches: forged mail in your name is delivered."),
            _t("Change it to p=quarantine when reports show that your own mail passes."),
        )
        if policy == "none"
        else Finding("DMARC", PASS, _t("Forged mail is refused or set aside (p={policy}).").format(policy=policy))
    ]
    if not share.isascii() or not share.isdigit() or int(share[:9]) > 100:
        found.append(
            Finding("DMARC", FAIL, _t("pct must be a number from 0 to 100."), _t("Remove it, or correct it."))
        )
    elif int(share) < 100:
        found.append(Finding("DMARC", WARN, _t("It holds for {n}% of mail only.").format(n=share), _t("Remove pct.")))
    return found


def _dmarc_reports(tags: dict[str, str], domain: str) -> list[Finding]:
    wanted = _t("Add rua=mailto:dmarc@{domain}").format(domain=domain)
    if not tags.get("rua"):
        return [Finding("DMARC", WARN, _t("Nobody gets reports (rua is missing): you won't see what fails."), wanted)]
    if not all(re.fullmatch(r"mailto:[^@\s]+@[^@\s]+", one.strip(), re.I) for one in tags["rua"].split(",")):
        return [Finding("DMARC", FAIL, _t("The address of the reports (rua) is no mailto: address."), wanted)]
    return [Finding("DMARC", PASS, _t("Reports go to {address}.").format(address=tags["rua"][:120]))]


def _dmarc_alignment(tags: dict[str, str], domain: str) -> list[Finding]:
    strict = [name for name in ("adkim", "aspf") if tags.get(name, "r").lower() == "s"]
    if strict:
        return [
            Finding(
                "DMARC",
                WARN,
                _t("{tags}: the signing or the bounce domain must be exactly {domain}.").format(
                    tags=", ".join(strict), domain=domain
                ),
                _t("Remove it, unless your provider signs with exactly this domain."),
            )
        ]
    return [
        Finding(
            "DMARC",
            PASS,
            _t("The signature (d=) or the bounce domain must be {domain} or lie below it.").format(domain=domain),
        )
    ]
