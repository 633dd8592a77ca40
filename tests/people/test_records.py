"""Records of people: assignments by hand, absences, what HR knows, the line in time."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override

from perfmgmt.metrics.models import DirtyKey
from perfmgmt.people.forms import PersonField
from perfmgmt.people.models import FOREVER, Absence, Assignment, Employee
from perfmgmt.people.records import assignments, selectors, services, timeline
from perfmgmt.people.records.assignments import Overlap, Place
from perfmgmt.people.services import assign
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
START, MARCH, APRIL, MAY = date(2025, 1, 1), date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1)
DAY = timedelta(days=1)


def spell(company: Company, person: str) -> Assignment:
    return company.people[person].assignments.latest("valid_from")


def days(company: Company, person: str) -> list[tuple[str, date, date]]:
    rows = company.people[person].assignments.select_related("unit").order_by("valid_from")
    return [(row.unit.name, row.valid_from, row.valid_to) for row in rows]


def change(company: Company, person: str, day: date, unit: str, leader: str | None = None) -> Assignment:
    old = spell(company, person)
    place = Place(company.units[unit], manager=company.people[leader] if leader else None)
    return assignments.change_from(old.pk, place, day=day, shown=assignments.seen(old))


# Assignments


def test_a_change_from_a_day_splits_the_assignment_and_moves_the_credit(company: Company) -> None:
    with company.scope():
        company.drain()
        change(company, "ann", MARCH, "south", "rival")
        assert days(company, "ann") == [("North", START, MARCH - DAY), ("South", MARCH, FOREVER)]
        keys = DirtyKey.objects.values_list("employee_id", "first_day", "last_day")
        assert list(keys) == [(company.people["ann"].pk, MARCH, FOREVER)]


def test_a_change_leaves_what_is_planned_after_it(company: Company) -> None:
    with company.scope():
        assign(company.people["ann"], unit=company.units["south"], valid_from=MAY)
        first = company.people["ann"].assignments.earliest("valid_from")
        place = Place(company.units["sales"])
        assignments.change_from(first.pk, place, day=MARCH, shown=assignments.seen(first))
        assert days(company, "ann") == [
            ("North", START, MARCH - DAY), ("Sales", MARCH, MAY - DAY), ("South", MAY, FOREVER)
        ]  # fmt: skip


def test_an_assignment_ends_and_the_gap_can_be_filled_but_not_twice(company: Company) -> None:
    with company.scope():
        old = spell(company, "ann")
        assignments.end(old.pk, last_day=MARCH - DAY, shown=assignments.seen(old))
        place = Place(company.units["south"])
        assignments.add(company.people["ann"], place, valid_from=APRIL, valid_to=MAY)
        with override("zh-hans"), pytest.raises(Overlap) as refused:
            assignments.add(company.people["ann"], place, valid_from=MARCH)
        with override("zh-hans"):  # the day as people write it
            assert f"{APRIL.year}年{APRIL.month}月{APRIL.day}日" in str(refused.value)
        assert days(company, "ann") == [("North", START, MARCH - DAY), ("South", APRIL, MAY)]


def test_a_correction_makes_the_old_and_the_new_days_dirty(company: Company) -> None:
    with company.scope():
        change(company, "ann", MARCH, "south")
        company.drain()
        old = spell(company, "ann")
        place = Place(company.units["south"])
        with pytest.raises(Overlap):
            assignments.correct(old.pk, place, valid_from=START, valid_to=None, shown=assignments.seen(old))
        assignments.correct(old.pk, place, valid_from=APRIL, valid_to=MAY, shown=assignments.seen(old))
        assert days(company, "ann")[1:] == [("South", APRIL, MAY)]
        assert DirtyKey.objects.values_list("first_day", "last_day").get() == (MARCH, FOREVER)


def test_a_removed_assignment_leaves_a_gap(company: Company) -> None:
    with company.scope():
        old = spell(company, "ann")
        assignments.remove(old.pk, shown=assignments.seen(old))
        assert days(company, "ann") == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(company: Company) -> None:
    with company.scope():
        old = spell(company, "ann")
        shown = assignments.seen(old)
        change(company, "ann", MARCH, "south")
        with pytest.raises(Conflict):
            assignments.end(old.pk, last_day=APRIL, shown=shown)


def test_a_circle_on_a_later_day_is_refused_by_name_and_day(company: Company) -> None:
    with company.scope():
        # From May on, Mia stands below ann; so nobody may let ann stand below Mia then.
        ann = spell(company, "ann")
        assignments.end(ann.pk, last_day=APRIL, shown=assignments.seen(ann))
        change(company, "manager", MAY, "north", "ann")
        place = Place(company.units["north"], manager=company.people["manager"])
        with pytest.raises(Conflict) as refused:
            assignments.add(company.people["ann"], place, valid_from=APRIL + DAY)
        assert "2025-05-01" in str(refused.value)
        assert "李安" in str(refused.value)
        assignments.add(company.people["ann"], place, valid_from=APRIL + DAY, valid_to=MAY - DAY)


@pytest.mark.parametrize("leader", ["manager", "ann", "bob"])
def test_nobody_is_put_below_themselves_over_any_number_of_levels(company: Company, leader: str) -> None:
    with company.scope(), pytest.raises(Conflict):
        change(company, "manager", MARCH, "north", leader)


@pytest.mark.parametrize(
    ("first", "last", "hired", "left"),
    [(MAY, APRIL, None, None), (MARCH, None, APRIL, None), (MARCH, MAY, None, APRIL)],
)
def test_days_in_disorder_or_outside_the_employment_are_refused(
    company: Company, first: date, last: date | None, hired: date | None, left: date | None
) -> None:
    with company.scope():
        person = services.create_employee(record(number="N1", hired_on=hired))
        Employee.objects.filter(pk=person.pk).update(left_on=left)
        with pytest.raises(DomainError):
            assignments.add(person, Place(company.units["north"]), valid_from=first, valid_to=last)


def test_a_manager_who_has_left_by_then_is_refused(company: Company) -> None:
    with company.scope():
        Employee.objects.filter(pk=company.people["rival"].pk).update(left_on=MARCH)
        company.people["rival"].refresh_from_db()
        with pytest.raises(DomainError, match="Rex Rival"):
            change(company, "ann", APRIL, "south", "rival")


# The record


def record(**values: Any) -> dict[str, Any]:
    return {"number": "X1", "name": "新人", "email": "", "phone": "", "gender": "", "hired_on": None, **values}


def test_a_number_or_address_of_somebody_else_is_refused(company: Company) -> None:
    with company.scope():
        for values in (record(number="AC004"), record(email="ann@acme.example")):
            with pytest.raises(services.Taken):
                services.create_employee(values)
        assert services.create_employee(record()).name_key == "xin ren"


def test_a_record_that_changed_meanwhile_is_not_overwritten(company: Company) -> None:
    with company.scope():
        ann = company.people["ann"]
        shown = services.seen(ann)
        values = record(number=ann.number, email=ann.email)
        services.change_employee(ann.pk, {**values, "name": "王五"}, shown=shown)
        with pytest.raises(Conflict):
            services.change_employee(ann.pk, {**values, "name": "赵六"}, shown=shown)
        with pytest.raises(DomainError):
            services.change_employee(ann.pk, {**values, "hired_on": MARCH}, shown=services.seen(_again(ann)))


def _again(employee: Employee) -> Employee:
    return Employee.objects.get(pk=employee.pk)


# Absences


def absent(company: Company, first: date, last: date, **more: Any) -> Absence:
    return services.record_absence(
        company.people["ann"], **{"kind": "annual", "first_day": first, "last_day": last, **more}
    )


def test_absences_never_overlap_but_may_touch(company: Company) -> None:
    with company.scope():
        made = absent(company, MARCH, APRIL)
        absent(company, APRIL + DAY, MAY)
        with pytest.raises(Conflict):
            absent(company, APRIL, APRIL)
        with pytest.raises(Conflict):
            absent(company, MARCH, MAY, absence_id=made.pk)
        absent(company, MARCH, MARCH, absence_id=made.pk, hours=Decimal("3.5"))
        assert Absence.objects.get(pk=made.pk).last_day == MARCH


@pytest.mark.parametrize("hours", [Decimal(0), Decimal(24)])
def test_hours_that_no_day_has_are_refused(company: Company, hours: Decimal) -> None:
    with company.scope(), pytest.raises(DomainError):
        absent(company, MARCH, MARCH, hours=hours)


def test_an_absence_of_somebody_else_is_not_found(company: Company) -> None:
    with company.scope():
        made = absent(company, MARCH, APRIL)
        with pytest.raises(NotFound):
            services.remove_absence(company.people["bob"], made.pk)
        services.remove_absence(company.people["ann"], made.pk)
        assert not Absence.objects.exists()


def test_a_person_field_finds_by_whole_pinyin_or_initials_but_never_guesses(company: Company) -> None:
    field = PersonField(slug="acme", required=False)
    with company.scope():
        ann = company.people["ann"]
        Employee.objects.filter(pk=ann.pk).update(name="李晓雯", name_key="li xiao wen")
        Employee.objects.filter(pk=company.people["bob"].pk).update(name="刘新武", name_key="liu xin wu")
        assert field.clean("Li Xiaowen").pk == ann.pk
        for text in ("lixiao", "lxw", "nobody"):  # a beginning, two people, nobody
            with pytest.raises(ValidationError):
                field.clean(text)


def test_a_manager_records_absences_of_their_people_and_nobody_their_own(company: Company, sign_in: Any) -> None:
    today = today_here()  # the form only needs some day
    form = {"kind": "sick", "first_day": today.isoformat(), "last_day": today.isoformat(), "stand_in": ""}

    def post(role: str, person: str) -> int:
        client: Client = sign_in(company.users[role])
        return client.post(f"/w/acme/people/{company.people[person].pk}/absences/add/", form).status_code

    assert post("manager", "ann") == 302
    assert post("manager", "ann") == 400  # these days are taken
    assert post("manager", "manager") == 404
    assert post("manager", "cid") == 404
    assert post("assistant", "ann") == 403
    assert post("hr", "manager") == 302
    with company.scope():
        assert Absence.objects.count() == 2


# Reading


def test_the_line_in_time_holds_every_spell_in_order(company: Company) -> None:
    with company.scope():
        change(company, "ann", MARCH, "south")
        absent(company, APRIL, APRIL + DAY)
        line = selectors.line_of(selectors.history(company.people["ann"]), MAY)
    assert [bar.label for bar in line.spells] == ["North", "South"]
    assert [bar.label for bar in line.absences] == ["Annual leave"]
    assert line.spells[0].x == "0.000"
    end = float(line.spells[0].x) + float(line.spells[0].width)
    assert end == pytest.approx(float(line.spells[1].x), abs=0.002)


def test_the_timeline_tells_a_transfer_and_a_gap(company: Company) -> None:
    with company.scope():
        change(company, "ann", MARCH, "south", "rival")
        old = spell(company, "ann")
        assignments.end(old.pk, last_day=APRIL, shown=assignments.seen(old))
        assignments.add(company.people["ann"], Place(company.units["north"]), valid_from=MAY)
        viewer = viewer_in(company.users["owner"].pk, MAY)
        assert viewer is not None
        found = timeline.events(selectors.history(company.people["ann"]), viewer, sees_account=False)
    titles = [(event.day, event.title) for event in found]
    assert (MARCH, "Moves from North to South") in titles
    assert (APRIL + DAY, "No assignment") in titles
    assert titles[-1] == (START, "Starts in North")


def test_a_transfer_by_the_form_and_a_refusal_that_keeps_what_was_typed(company: Company, sign_in: Any) -> None:
    client: Client = sign_in(company.users["hr"])
    with company.scope():
        old = spell(company, "ann")
        shown = assignments.seen(old)
    address = f"/w/acme/people/{company.people['ann'].pk}/assignments/{old.pk}/?how=change"
    form = {
        "shown": shown, "day": "2025-03-01", "unit": company.units["south"].pk, "position": "",
        "manager": "Rex Rival (AC003)", "sales_role_type": "", "share": "50",
    }  # fmt: skip
    refused = client.post(address, {**form, "manager": "Nobody At All"})
    assert refused.status_code == 400
    assert "Nobody At All" in refused.content.decode()
    assert client.post(address, form).status_code == 302
    with company.scope():
        assert days(company, "ann")[1] == ("South", MARCH, FOREVER)
        made = spell(company, "ann")
        assert (made.manager, made.full_time_share) == (company.people["rival"], Decimal("0.5"))
    again = client.post(address, form)  # a second click: the assignment is no longer as it was shown
    assert again.status_code == 400
    with company.scope():
        assert len(days(company, "ann")) == 2
