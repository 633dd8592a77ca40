"""Addresses that get no more surveys: they don't exist, or their people complained.

Kept as hashes: the list must outlive the contact, whose address may be erased, and can't be read as a list of mail
addresses. Mail that somebody waits for (an invitation to sign in) goes out all the same.
"""

import hashlib
import re
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.models import SuppressedAddress, SuppressionReason
from perfmgmt.tenants.errors import DomainError

# The second and third number of an enhanced status (RFC 3463): what says that there is no such mailbox.
_GONE = re.compile(r"(?<![\d.])5\.(?:1\.(?:1|2|3|6|10)|2\.1)(?![\d.])")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
# Servers that give no enhanced status refuse a sender they don't trust with the same codes.
_DISTRUST = re.compile(
    r"spam|policy|block|blacklist|reputation|spf|dkim|dmarc|denied|relay|authenticat|greylist|rate", re.I
)


def hash_of(address: str) -> str:
    """Return the hash by which an address is kept."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def hint_of(address: str) -> str:
    """Return an address with its first letter and its domain only."""
    name, _at, domain = address.strip().lower().rpartition("@")
    return f"{name[:1]}…@{domain}"[:254] if domain else ""


def is_address_gone(code: int, words: str) -> bool:
    """Return whether a server's refusal of a recipient says that there is no such mailbox, and never will be.

    A full mailbox, a suspicion of spam or a refusal to relay says nothing about the address.
    """
    if _STATUS.search(words):
        return bool(_GONE.search(words))
    return code in (550, 551, 553) and not _DISTRUST.search(words)


def suppress(address: str, *, reason: str, detail: str = "") -> bool:
    """Write to an address of the open workspace no more; return False when that was so before.

    The address itself is left out of `detail`. Raises DomainError for what is no address.
    """
    if "@" not in address.strip().strip("@") or reason not in SuppressionReason.values:
        raise DomainError(_("Enter an email address."), code="address")
    kept = re.sub(re.escape(address.strip()), "…", detail, flags=re.I)
    _row, made = SuppressedAddress.objects.get_or_create(
        address_hash=hash_of(address),
        defaults={"hint": hint_of(address), "reason": reason, "detail": " ".join(kept.split())[:300]},
    )
    return made


def suppressed_addresses(addresses: Iterable[str]) -> set[str]:
    """Return those of some addresses, as they were given, that get no more surveys; one query."""
    by_hash: dict[str, set[str]] = {}
    for address in addresses:
        by_hash.setdefault(hash_of(address), set()).add(address)
    found = SuppressedAddress.objects.filter(address_hash__in=by_hash).values_list("address_hash", flat=True)
    return {address for each in found for address in by_hash[each]}


def lift(suppressed_id: int) -> None:
    """Take an address from the list: it may be asked again. The trail keeps who did it and why; no row, no harm."""
    SuppressedAddress.objects.filter(pk=suppressed_id).delete()


def forget_hint(address: str) -> None:
    """Forget how an address looks, whose person is erased; that it gets no mail stays."""
    SuppressedAddress.objects.filter(address_hash=hash_of(address)).update(hint="", detail="")


def listed(*, search: str = "", reason: str = "", sort: str = "-at") -> QuerySet[SuppressedAddress]:
    """Return the list: `search` is a whole address, or a part of what is shown of one."""
    found = SuppressedAddress.objects.order_by(*SORTS.get(sort, SORTS["-at"]))
    if reason:
        found = found.filter(reason=reason)
    if search and "@" in search.strip("@"):
        found = found.filter(address_hash=hash_of(search))
    elif search:
        found = found.filter(hint__icontains=search)
    return found


SORTS = {"at": ("at", "pk"), "-at": ("-at", "-pk"), "address": ("hint", "pk"), "-address": ("-hint", "pk")}
