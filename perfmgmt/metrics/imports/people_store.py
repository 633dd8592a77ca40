"""Second half of importing people: units, employees and assignments are found or made."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from perfmgmt.metrics.imports.parsing import fold
from perfmgmt.metrics.imports.reasons import Reason, shorten
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.people.lines import Circle
from perfmgmt.people.models import FOREVER, Assignment, Employee, Position, Unit
from perfmgmt.people.names import name_key
from perfmgmt.people.services import assign, leave
from perfmgmt.tenants.errors import DomainError

NUMBERED = re.compile(r"E(\d{1,9})", re.ASCII)


class Unstorable(DomainError):
    """A row can't be stored; the reason says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason, code=reason.key)


def reason_of(error: DomainError) -> str:
    """Return why a row can't be stored, so that it can be said in another language as far as the error is known."""
    if isinstance(error, Unstorable):
        return error.reason
    if isinstance(error, Circle):
        return Reason.of("below_them" if "manager" in error.params else "their_own_manager", **error.params)
    return str(error)


@dataclass
class Person:
    """One row, understood. Texts are trimmed; a None date was not given."""

    row: int
    name: str
    unit: tuple[str, ...]
    number: str = ""
    email: str = ""
    phone: str = ""
    position: str = ""
    hired_on: date | None = None
    left_on: date | None = None
    sales_role_type: str = ""
    full_time_share: str = "1"
    valid_from: date | None = None
    manager: str = ""
    manager_by: str = "name"
    manager_unit: tuple[str, ...] = ()
    manager_position: str = ""


def save(people: list[Person], summary: Summary, today: date, *, create_managers: bool) -> None:
    """Store the people; counts go to the summary, rows that can't be stored are refused there.

    Nothing of a refused row is saved. That a row must be refused may show only when others are stored already (its
    manager stands below it, say): then everything is undone and done again without that row.
    """
    refused: list[tuple[Person, str]] = []
    while True:
        store = Store(Summary(), today, without=[person for person, _reason in refused])
        with transaction.atomic():
            late = store.save(people, create_managers=create_managers)
            transaction.set_rollback(late)
        if not late:
            break
        refused += store.late
        gone = {person.row for person, _reason in store.late}
        people = [person for person in people if person.row not in gone]
    for person, reason in refused + store.refused:
        summary.refuse(person.row, reason)
    summary.added += store.summary.added
    summary.changed += store.summary.changed
    summary.unchanged += store.summary.unchanged


@dataclass
class Store:
    """What the workspace has, in memory, and the ways to add to it.

    `without` are people of the file whose rows were refused before; `refused` are those of this time, and `late`
    those who have been written already.
    """

    summary: Summary
    today: date
    without: list[Person] = field(default_factory=list)
    refused: list[tuple[Person, str]] = field(default_factory=list)
    late: list[tuple[Person, str]] = field(default_factory=list)
    units: dict[tuple[int | None, str], Unit] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    people: dict[str, dict[str, list[Employee]]] = field(default_factory=dict)
    current: dict[int, Assignment] = field(default_factory=dict)
    outcome: Counter[int] = field(default_factory=Counter)
    highest: int = 0
    by_id: dict[int, Employee] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.units = {(unit.parent_id, unit.name): unit for unit in Unit.objects.all()}
        self.positions = {position.name: position for position in Position.objects.all()}
        self.people = {"number": {}, "name": {}, "email": {}}
        for employee in Employee.objects.all():
            self._know(employee)
        for assignment in Assignment.objects.select_related("unit").order_by("valid_from"):
            self.current[assignment.employee_id] = assignment

    def _know(self, employee: Employee) -> None:
        self.by_id[employee.pk] = employee
        for key, table in self.people.items():
            if text := getattr(employee, key):
                same = table.setdefault(fold(text), [])
                if employee not in same:
                    same.append(employee)
        if match := NUMBERED.fullmatch(employee.number):
            self.highest = max(self.highest, int(match[1]))

    def save(self, people: list[Person], *, create_managers: bool) -> bool:
        """Store the people; return whether something was written of a row that turned out to be refused."""
        if create_managers:
            people = self._managers(people) + people
        people = self._with_known_managers(people)
        stored: list[tuple[Person, Employee, bool]] = []
        seen: dict[int, int] = {}
        for person in people:
            try:
                known = self._known(person)
                if person.row and known is not None and known.pk in seen:
                    self._refuse(person, Reason.of("doubled_person", row=seen[known.pk]))
                    continue
                employee, changed = self._employee(person, known)
            except DomainError as error:
                self._refuse(person, reason_of(error))
                continue
            if person.row:
                seen[employee.pk] = person.row
            stored.append((person, employee, changed))
        for person, employee, changed in stored:
            self._assign(person, employee, changed)
        return bool(self.late)

    def _refuse(self, person: Person, reason: str) -> None:
        if person.row:
            self.refused.append((person, reason))

    def _managers(self, people: list[Person]) -> list[Person]:
        """Return the managers that no row of the file is about, as people of their own; they have no row."""
        listed = {fold(person.name) for person in people + self.without}
        found: dict[str, Person] = {}
        for person in people:
            key = fold(person.manager)
            if key and key not in listed and key not in found:
                found[key] = Person(
                    row=0,
                    name=person.manager,
                    unit=person.manager_unit,
                    position=person.manager_position,
                    valid_from=person.valid_from,
                )
        return list(found.values())

    def _with_known_managers(self, people: list[Person]) -> list[Person]:
        """Refuse, before anything is written, the rows whose manager is neither here nor in the file."""
        while True:
            known = {
                key: {fold(getattr(person, key)) for person in people} | self.people[key].keys()
                for key in self.people
            }
            unknown = [p for p in people if p.manager and fold(p.manager) not in known[p.manager_by]]
            if not unknown:
                return people
            for person in unknown:
                self._refuse(person, self._unknown(person))
            people = [person for person in people if person not in unknown]

    def _unknown(self, person: Person) -> str:
        """Say why there is no such manager: their own row was refused, or nobody has heard of them."""
        refused = self.without + [each for each, _reason in self.refused]
        gone = {fold(getattr(each, person.manager_by)) for each in refused}
        if fold(person.manager) in gone:
            return Reason.of("manager_not_imported", text=shorten(person.manager))
        return Reason.of("unknown_manager", text=shorten(person.manager))

    def find(self, key: str, text: str) -> Employee | None:
        """Return the person with this number, name or address; None when there is none.

        Raises DomainError when several share it.
        """
        found = self.people[key].get(fold(text), [])
        if len(found) > 1:
            raise Unstorable(Reason.of("ambiguous_person", text=shorten(text)))
        return found[0] if found else None

    def _known(self, person: Person) -> Employee | None:
        """Find the person by number, else address, else name."""
        key = next(key for key in ("number", "email", "name") if getattr(person, key))
        return self.find(key, getattr(person, key))

    def _employee(self, person: Person, employee: Employee | None) -> tuple[Employee, bool]:
        """Bring the fields of a known person up to date, or add a new one."""
        given = {name: getattr(person, name) for name in ("name", "email", "phone", "hired_on", "left_on")}
        given = {name: value for name, value in given.items() if value}
        if employee is None:
            number = person.number or f"E{self.highest + 1:04d}"
            employee = Employee(number=number, name_key=name_key(person.name), **given)
            self._write(employee)
            self.outcome[employee.pk] = 1
            self._know(employee)
            return employee, True
        changes = {name: value for name, value in given.items() if getattr(employee, name) != value}
        if changes:
            for name, value in changes.items():
                setattr(employee, name, value)
            employee.name_key = name_key(employee.name)
            self._write(employee)
            self._know(employee)
        return employee, bool(changes)

    def _write(self, employee: Employee) -> None:
        try:
            with transaction.atomic():
                employee.save()
        except IntegrityError as error:
            raise Unstorable(Reason.of("taken")) from error

    def _unit(self, path: tuple[str, ...]) -> Unit:
        """Return the unit at a path from the top, making what is missing."""
        *above, name = path
        parent = self._unit(tuple(above)) if above else None
        key = (parent.pk if parent else None, name)
        if key not in self.units:
            self.units[key] = Unit.objects.create(name=name, parent=parent)
        return self.units[key]

    def _position(self, name: str) -> Position | None:
        if name and name not in self.positions:
            self.positions[name] = Position.objects.create(name=name)
        return self.positions.get(name)

    def _assign(self, person: Person, employee: Employee, changed: bool) -> None:
        """Give the person their place if it differs from the one they have; count what became of them."""
        try:
            wanted = self._wanted(person)
            current = self.current.get(employee.pk)
            same = (
                current is not None
                and all(getattr(current, name) == value for name, value in wanted.items())
                and current.valid_to >= (person.valid_from or person.left_on or self.today)
            )
            start = person.valid_from or (person.hired_on if current is None else None) or self.today
            if not same and start <= (person.left_on or FOREVER):
                with transaction.atomic():
                    self.current[employee.pk] = self._place(employee, start, person.left_on, wanted)
            elif not same:  # somebody who left before this would begin
                same = True
            if person.left_on is not None and leave(employee, last_day=person.left_on):
                same = False
        except DomainError as error:
            if person.row:
                self.late.append((person, reason_of(error)))
            return
        if self.outcome[employee.pk]:
            self.summary.added += 1
        elif changed or not same:
            self.summary.changed += 1
        else:
            self.summary.unchanged += 1

    def _wanted(self, person: Person) -> dict[str, Any]:
        manager = self.find(person.manager_by, person.manager) if person.manager else None
        if person.manager and manager is None:
            raise Unstorable(Reason.of("manager_not_imported", text=shorten(person.manager)))
        position = self._position(person.position)
        return {
            "unit": self._unit(person.unit),
            "position_id": position.pk if position else None,
            "manager_id": manager.pk if manager else None,
            "sales_role_type": person.sales_role_type,
            "full_time_share": Decimal(person.full_time_share),
        }

    def _place(self, employee: Employee, start: date, left_on: date | None, wanted: dict[str, Any]) -> Assignment:
        return assign(
            employee,
            unit=wanted["unit"],
            manager=self.by_id.get(wanted["manager_id"]),
            valid_from=start,
            valid_to=left_on or FOREVER,
            position_id=wanted["position_id"],
            sales_role_type=wanted["sales_role_type"],
            full_time_share=wanted["full_time_share"],
        )
