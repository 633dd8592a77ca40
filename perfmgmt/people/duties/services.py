"""Writes of job descriptions: duties in their order, whose shares of time sum to 100 at most."""

import json
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Duty, Position
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.events import publish

PACK = Path(__file__).with_name("pack.json")
WHOLE = 100
MOST = 40


class TooMuchTime(DomainError):
    """The duties would take more than the whole time."""

    code = "shares_over_100"
    message = _("The shares would sum to {sum}%. The other duties leave {left}%.")


@transaction.atomic
def save_duty(
    *,
    position_id: int,
    place: int | None,
    text_zh: str,
    text_en: str,
    category: str,
    priority: str,
    share: int,
    duty_id: int | None = None,
) -> Duty:
    """Add a duty to a position, or change one; the others make room, without a place it comes last.

    Raises NotFound for a position or duty that isn't there, TooMuchTime when the shares would exceed 100, DomainError
    without any text or with too many duties.
    """
    duties = _locked(position_id)
    duty = Duty(position_id=position_id)
    if duty_id is not None:
        duty = next((each for each in duties if each.pk == duty_id), duty)
        if duty.pk is None:
            raise NotFound
    others = [each for each in duties if each.pk != duty_id]
    if not text_zh and not text_en:
        raise DomainError(_("Write the duty in Chinese, in English, or in both."), code="duty_without_text")
    if len(others) >= MOST:
        raise DomainError(_("A position has {n} duties at most."), code="too_many_duties", n=MOST)
    taken = sum(each.share for each in others)
    if taken + share > WHOLE:
        raise TooMuchTime(sum=taken + share, left=WHOLE - taken)
    duty.text_zh, duty.text_en, duty.category, duty.priority, duty.share = text_zh, text_en, category, priority, share
    at = len(others) if place is None else min(max(place, 1), len(others) + 1) - 1
    _number([*others[:at], duty, *others[at:]])
    return duty


@transaction.atomic
def remove_duty(*, position_id: int, duty_id: int) -> None:
    """Remove a duty; those behind it move up. Raises NotFound."""
    duties = _locked(position_id)
    gone = next((each for each in duties if each.pk == duty_id), None)
    if gone is None:
        raise NotFound
    rest = [each for each in duties if each is not gone]
    gone.delete()
    _number(rest)


def pack() -> list[dict[str, Any]]:
    """Return the ready-made positions with their duties."""
    found: list[dict[str, Any]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


@transaction.atomic
def install_pack() -> tuple[int, int]:
    """Add the ready-made positions and job descriptions that are missing; return how many (positions, duties) came.

    A position of the same code or name is taken as it is, and one that has duties keeps them. Twice changes nothing.
    """
    positions = duties = 0
    for entry in pack():
        position = _same(entry)
        if position is None:
            position, made = _made(entry)
            positions += made
        if not _locked(position.pk):
            rows = [Duty(position=position, place=at, **duty) for at, duty in enumerate(entry["duties"], 1)]
            made_now = Duty.objects.bulk_create(rows)
            duties += len(made_now)
            publish("people.duties_installed", code=entry["code"], duties=made_now)
    return positions, duties


def _made(entry: dict[str, Any]) -> tuple[Position, bool]:
    """Return the position, and whether it was made: somebody may have made it at the same moment."""
    try:
        with transaction.atomic():
            return Position.objects.create(name=entry["name"], name_en=entry["name_en"], code=entry["code"]), True
    except IntegrityError as error:
        position = _same(entry)
        if position is None:
            raise Conflict from error
        return position, False


def _same(entry: dict[str, Any]) -> Position | None:
    """Return the position that an entry means: by name, else by code."""
    by_name = Position.objects.filter(name=entry["name"]).first()
    return by_name or Position.objects.filter(code=entry["code"]).first()


def _locked(position_id: int) -> list[Duty]:
    """Return a position's duties; nobody else writes them until the transaction ends."""
    if Position.objects.select_for_update().filter(pk=position_id).first() is None:
        raise NotFound
    return list(Duty.objects.filter(position_id=position_id))


def _number(duties: list[Duty]) -> None:
    """Save duties at places 1, 2, ..."""
    for place, duty in enumerate(duties, 1):
        duty.place = place
        duty.save()
