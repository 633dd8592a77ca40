"""Writes of units and positions."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Assignment, Position, Unit
from perfmgmt.people.services import move_unit
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound


class NameTaken(Conflict):
    """There is one of that name already."""

    code = "name_taken"
    message = _("There is one of this name already. Choose another name.")


@transaction.atomic
def create_unit(name: str, *, parent: Unit | None) -> Unit:
    """Make a unit below another one, or at the top. Raises NameTaken, DomainError below an archived one."""
    if parent is not None and parent.archived_on is not None:
        raise DomainError(_("The unit “{unit}” is archived."), code="unit_archived", unit=parent.name)
    unit = Unit(name=name, parent=parent)
    _save(unit)
    return unit


@transaction.atomic
def rename_unit(unit_id: int, name: str) -> Unit:
    """Call a unit something else. Raises NameTaken."""
    unit = _locked(unit_id)
    unit.name = name
    _save(unit)
    return unit


@transaction.atomic
def move(unit_id: int, *, parent: Unit | None, shown_parent_id: int | None) -> Unit:
    """Hang a unit somewhere else; the figures of all units follow (event `people.units_changed`).

    Raises Conflict when it moved since it was shown or would hang below itself, NameTaken when the new parent has
    one of that name, DomainError below an archived one.
    """
    unit = _locked(unit_id)
    if unit.parent_id != shown_parent_id:
        raise Conflict
    if parent is not None and parent.archived_on is not None:
        raise DomainError(_("The unit “{unit}” is archived."), code="unit_archived", unit=parent.name)
    try:
        with transaction.atomic():
            return move_unit(unit, parent=parent)
    except IntegrityError as error:
        raise NameTaken from error


@transaction.atomic
def archive_unit(unit_id: int, *, on: date) -> Unit:
    """Close a unit that nobody belongs to any more; its past figures stay.

    Raises Conflict while people have an assignment in it on that day or later, or units below it are open.
    """
    unit = _locked(unit_id)
    people = Assignment.objects.filter(unit=unit, valid_to__gte=on).values("employee_id").distinct().count()
    if people:
        raise Conflict(
            _("{n} people still belong to “{unit}”, today or later. Give them another unit first."),
            code="unit_in_use",
            n=people,
            unit=unit.name,
        )
    if Unit.objects.filter(parent=unit, archived_on=None).exists():
        raise Conflict(
            _("“{unit}” has units below it. Move or archive them first."), code="unit_in_use", unit=unit.name
        )
    unit.archived_on = on
    unit.save(update_fields=["archived_on"])
    return unit


@transaction.atomic
def reopen_unit(unit_id: int) -> Unit:
    """Open an archived unit again. Raises Conflict while the unit above it is archived."""
    unit = _locked(unit_id)
    if unit.parent is not None and unit.parent.archived_on is not None:
        raise Conflict(_("The unit above it is archived. Open that one first."), code="unit_archived")
    unit.archived_on = None
    unit.save(update_fields=["archived_on"])
    return unit


@transaction.atomic
def save_position(*, name: str, name_en: str, code: str, position_id: int | None = None) -> Position:
    """Add a position, or change one. Raises NameTaken for a name or code that another one has."""
    position = Position()
    if position_id is not None:
        position = _position(position_id)
    position.name, position.name_en, position.code = name, name_en, code
    try:
        with transaction.atomic():
            position.save()
    except IntegrityError as error:
        raise NameTaken(_("Another position has this name or code.")) from error
    return position


@transaction.atomic
def remove_position(position_id: int) -> None:
    """Remove a position that no assignment names. Raises Conflict for one in use."""
    position = _position(position_id)
    used = Assignment.objects.filter(position=position).count()
    if used:
        raise Conflict(
            _("“{name}” stands in {n} assignments and can't be removed."),
            code="position_in_use",
            name=position.name,
            n=used,
        )
    position.delete()


def _position(position_id: int) -> Position:
    position = Position.objects.select_for_update().filter(pk=position_id).first()
    if position is None:
        raise NotFound
    return position


def _locked(unit_id: int) -> Unit:
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise NotFound
    return unit


def _save(unit: Unit) -> None:
    try:
        with transaction.atomic():
            unit.save()
    except IntegrityError as error:
        raise NameTaken from error
