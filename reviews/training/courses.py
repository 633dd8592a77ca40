"""Writes of the catalogue: courses made, changed, archived, and the ready ones."""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import get_currency_precision
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import DomainError, NotFound
from reviews.models import Course

PACK = Path(__file__).with_name("pack.json")


@dataclass(frozen=True)
class CourseDraft:
    """What is said about a course; `cost` for a person, in major units of the workspace's currency."""

    code: str
    name_zh: str
    name_en: str
    topic: str
    hours: Decimal
    description_zh: str = ""
    description_en: str = ""
    cost: Decimal | None = None
    pass_mark: int | None = None
    needs_approval: bool = False

    def columns(self, currency: str) -> dict[str, Any]:
        """Return the columns, the cost in minor units of a currency."""
        plain = {name: value for name, value in vars(self).items() if name != "cost"}
        return plain | {"cost_minor": to_minor(self.cost, currency), "currency": currency}


def to_minor(amount: Decimal | None, currency: str) -> int | None:
    """Return an amount in minor units of a currency, rounded half away from zero (RULES.md section 1)."""
    if amount is None:
        return None
    return int(amount.scaleb(get_currency_precision(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@transaction.atomic
def save_course(course_id: int | None, draft: CourseDraft, *, currency: str) -> Course:
    """Make or change a course. Raises NotFound, DomainError: no name (`no_name`), a code in use (`code_taken`)."""
    if not draft.name_zh and not draft.name_en:
        raise DomainError(_("Give it a name in one language at least."), code="no_name")
    found = Course()
    if course_id is not None:
        found = _locked(course_id)
    if Course.objects.filter(code__iexact=draft.code).exclude(pk=found.pk).exists():
        raise DomainError(_("Another course has this code."), code="code_taken")
    for name, value in draft.columns(currency).items():
        setattr(found, name, value)
    found.save()
    return found


@transaction.atomic
def archive_course(course_id: int, *, archived: bool) -> Course:
    """Archive a course, or bring it back; what was taken stays. Twice is once. Raises NotFound."""
    found = _locked(course_id)
    if (found.archived_at is not None) != archived:
        found.archived_at = timezone.now() if archived else None
        found.save(update_fields=["archived_at"])
    return found


def _locked(course_id: int) -> Course:
    found = Course.objects.select_for_update().filter(pk=course_id).first()
    if found is None:
        raise NotFound
    return found


@cache
def pack() -> list[dict[str, Any]]:
    """Return the ready courses as data."""
    found: list[dict[str, Any]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


def install_pack() -> int:
    """Add the ready courses that are missing; return how many came. What has the code already stays as it is."""
    known = set(Course.objects.values_list("code", flat=True))
    missing = [entry for entry in pack() if entry["code"] not in known]
    Course.objects.bulk_create([_ready(entry) for entry in missing], ignore_conflicts=True)
    return len(missing)


def _ready(entry: dict[str, Any]) -> Course:
    return Course(
        code=entry["code"], topic=entry["topic"], name_zh=entry["name"]["zh"], name_en=entry["name"]["en"],
        description_zh=entry["description"]["zh"], description_en=entry["description"]["en"],
        hours=Decimal(entry["hours"]), pass_mark=entry.get("pass_mark"),
        needs_approval=entry.get("needs_approval", False),
    )  # fmt: skip
