"""The status board: how far everybody is, in a fixed number of queries; never which of the anonymous is done."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from perfmgmt.jobs.models import Job
from perfmgmt.people.services import add_employee
from perfmgmt.tenants.errors import NotFound
from reviews.cycles.board import Board, asked_of, visible_person
from reviews.models import Participant, Rater, ReviewCycle
from tests.factories import Company
from tests.reviews.cycle_factories import draft, launched, run, today, viewer, workspace

SignIn = Callable[[Any], Client]


def board(company: Company, cycle: ReviewCycle, who: str = "hr", **query: str) -> Board:
    return Board(cycle, query, viewer=viewer(company, who), workspace=workspace(company))


def peers(company: Company, ratee: str, *states: str) -> list[Rater]:
    participant = Participant.objects.get(employee=company.people[ratee])
    return [
        Rater.objects.create(participant=participant, employee=add_employee(f"P{at}{ratee}", f"Peer {at}"),
                             group="peers", state=state)
        for at, state in enumerate(states)
    ]  # fmt: skip


def test_rows_count_who_was_asked_and_who_is_done(acme: Company) -> None:
    cycle = launched(acme)
    peers(acme, "ann", "done", "asked", "started", "declined", "nominated", "removed")
    Rater.objects.filter(employee=acme.people["ann"], group="self").update(state="done")
    row = next(row for row in board(acme, cycle).page("1") if row.name == "李安")
    cells = {cell.group: (cell.done, cell.asked) for cell in row.cells}
    assert cells == {
        "self": (1, 1),
        "manager": (0, 1),
        "skip_level": (0, 1),
        "peers": (1, 3),
        "direct_reports": (0, 0),
    }
    assert row.open == 4


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "not_done"}, {"Bo Boss", "Mia Manager", "Rex Rival", "Bob Bell", "Cid Cole"}),
        ({"state": "self"}, {"Bo Boss", "Mia Manager", "Rex Rival", "Bob Bell", "Cid Cole"}),
        ({"state": "manager"}, {"Mia Manager", "Rex Rival", "Bob Bell", "Cid Cole"}),
        ({"state": "dropped"}, set()),
        ({"q": "cid"}, {"Cid Cole"}),
        ({"q": "lian"}, {"李安"}),
    ],
)
def test_it_is_filtered(acme: Company, query: dict[str, str], names: set[str]) -> None:
    cycle = launched(acme)
    Rater.objects.filter(participant__employee=acme.people["ann"]).update(state="done")
    assert {row.name for row in board(acme, cycle, **query).page("1")} == names


def test_a_unit_holds_everything_below_it(acme: Company) -> None:
    cycle = launched(acme)
    Rater.objects.filter(participant__employee=acme.people["cid"], group="self").update(state="done")
    rows = {row.name: row for row in board(acme, cycle, by="units").unit_rows()}
    assert {name: (row.people, row.depth) for name, row in rows.items()} == {
        "Sales": (6, 0), "North": (3, 1), "South": (2, 1)
    }  # fmt: skip
    own = {name: next(cell for cell in row.cells if cell.group == "self") for name, row in rows.items()}
    assert (own["Sales"].done, own["Sales"].asked, own["South"].done, own["North"].done) == (1, 6, 1, 0)
    only = board(acme, cycle, unit=str(acme.units["south"].pk)).page("1")
    assert {row.name for row in only} == {"Rex Rival", "Cid Cole"}


def test_it_is_sorted(acme: Company) -> None:
    cycle = launched(acme)
    peers(acme, "cid", "asked", "asked")
    assert next(iter(board(acme, cycle, sort="-open").page("1"))).name == "Cid Cole"
    names = [row.name for row in board(acme, cycle, sort="-name").page("1")]
    assert names == list(reversed([row.name for row in board(acme, cycle, sort="name").page("1")]))


def test_a_manager_sees_their_own_people_only(acme: Company) -> None:
    cycle = launched(acme)
    assert {row.name for row in board(acme, cycle, "manager").page("1")} == {"李安", "Bob Bell"}
    assert board(acme, cycle, "manager").total.people == 2
    cid = Participant.objects.get(employee=acme.people["cid"])
    with pytest.raises(NotFound):
        visible_person(cid.pk, viewer(acme, "manager"), workspace(acme))
    own = Participant.objects.get(employee=acme.people["manager"])
    with pytest.raises(NotFound):
        visible_person(own.pk, viewer(acme, "manager"), workspace(acme))


def test_nothing_that_leaves_tells_which_of_the_anonymous_is_done(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        cycle = launched(company)
        rows = peers(company, "ann", "done", "asked", "started")
        participant = Participant.objects.get(employee=company.people["ann"])
        shown = {one.group: one for one in asked_of(participant, board(company, cycle).groups)}
        assert {rater.state for rater in shown["peers"].raters} == {"asked"}
        assert (shown["peers"].cell.done, shown["peers"].cell.asked) == (1, 3)
    client = sign_in(company.users["hr"])
    page = reverse("cycle_person", args=["acme", participant.pk])
    before = client.get(page).content.decode()
    assert "1 of 3 done" in before
    with company.scope():
        Rater.objects.filter(pk=rows[0].pk).update(state="asked")
        Rater.objects.filter(pk=rows[1].pk).update(state="done")
    after = client.get(page).content.decode()
    assert before != after  # tokens of forms only
    assert [line for line in before.splitlines() if "csrf" not in line.lower()] == [
        line for line in after.splitlines() if "csrf" not in line.lower()
    ]


def test_the_board_takes_the_same_queries_for_200_and_5000_people(acme: Company) -> None:
    cycle = launched(acme)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            found = board_for(cycle)
            list(found.page("1"))
            assert found.total and found.headings
            board_for(cycle, by="units").unit_rows()
        return len(seen)

    hr, space = viewer(acme, "hr"), workspace(acme)

    def board_for(row: ReviewCycle, **query: str) -> Board:
        return Board(row, query, viewer=hr, workspace=space)

    few = queries()
    with connection.cursor() as cursor:
        grow = partial(cursor.execute, _GROW)
        grow({"tenant": acme.tenant.pk, "n": 5000, "cycle": cycle.pk, "unit": acme.units["north"].pk})
    assert Participant.objects.count() > 5000
    assert queries() == few <= 16


_GROW = """
    WITH people AS (
        INSERT INTO people_employee (tenant_id, number, name, name_key, email, phone)
        SELECT %(tenant)s, 'B' || n, 'Big ' || n, 'big ' || n, '', '' FROM generate_series(1, %(n)s) n
        RETURNING id),
    taken AS (
        INSERT INTO reviews_participant (tenant_id, cycle_id, employee_id, unit_id, nomination, potential_note,
            dropped_reason, updated_at)
        SELECT %(tenant)s, %(cycle)s, id, %(unit)s, 'open', '', '', now() FROM people RETURNING id, employee_id)
    INSERT INTO reviews_rater (tenant_id, participant_id, employee_id, "group", state, days, reason, updated_at)
    SELECT %(tenant)s, id, employee_id, 'self', 'asked', 1, '', now() FROM taken
"""


# Pages


def test_pages_show_and_act(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        cycle = launched(company)
        ann = Participant.objects.get(employee=company.people["ann"]).pk
        manager = Rater.objects.get(participant=ann, group="manager").pk
    hr = sign_in(company.users["hr"])
    address = partial(reverse, args=["acme", cycle.pk])
    assert "Remind everybody" in hr.get(address("cycle")).content.decode()
    assert "North" in hr.get(address("cycle") + "?by=units").content.decode()
    assert "were reminded" in hr.post(address("nudge_cycle"), follow=True).content.decode()
    later = today() + timedelta(days=60)
    assert hr.post(address("extend_cycle"), {"until": later}).status_code == 302
    assert hr.post(address("extend_cycle"), {"until": today()}).status_code == 400
    refused = hr.post(address("add_cycle_person"), {"employee": "AC004", "reason": "x"})
    assert refused.status_code == 400 and "in the cycle already" in refused.content.decode()
    person = partial(reverse, args=["acme", ann])
    assert hr.post(person("extend_cycle_person"), {"until": later + timedelta(days=1)}).status_code == 302
    assert hr.post(person("nudge_cycle_person")).status_code == 302
    reassign = reverse("reassign_rater", args=["acme", manager])
    assert hr.get(reassign).status_code == 200
    assert hr.post(reassign, {"to": "AC003", "reason": "Away"}).status_code == 302
    assert "Rex Rival" in hr.get(person("cycle_person")).content.decode()
    assert hr.post(person("drop_cycle_person"), {"reason": ""}).status_code == 400
    assert hr.post(person("drop_cycle_person"), {"reason": "Left early"}).status_code == 302
    assert "Left early" in hr.get(person("cycle_person")).content.decode()
    assert hr.post(address("close_cycle")).status_code == 302
    assert "Take answers again" in hr.get(address("cycle")).content.decode()
    assert hr.post(address("reopen_cycle"), {"until": later}).status_code == 302


def test_managers_follow_but_do_not_act(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        cycle = launched(company)
        planned = draft(company, name="Planned", start=date(2025, 4, 1), end=date(2025, 6, 30))
        cid = Participant.objects.get(employee=company.people["cid"]).pk
    manager = sign_in(company.users["manager"])
    shown = manager.get(reverse("cycle", args=["acme", cycle.pk])).content.decode()
    assert "Bob Bell" in shown and "Cid Cole" not in shown and "Remind everybody" not in shown
    listed = manager.get(reverse("cycles", args=["acme"])).content.decode()
    assert "Q1 2025" in listed and "Planned" not in listed
    assert manager.get(reverse("cycle", args=["acme", planned.pk])).status_code == 404
    assert manager.get(reverse("cycle_person", args=["acme", cid])).status_code == 404
    assert manager.post(reverse("close_cycle", args=["acme", cycle.pk])).status_code == 403


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_lists_are_exported_with_the_rights_of_who_asked(
    company: Company, sign_in: SignIn, settings: Any, tmp_path: Any, form: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with company.scope():
        cycle = launched(company)
    manager = sign_in(company.users["manager"])
    for name, args in (("export_cycle_board", ["acme", cycle.pk]), ("export_cycles", ["acme"])):
        manager.post(reverse(name, args=args), {"format": form})
        with company.scope():
            job = Job.objects.latest("pk")
            run(company, job.pk)
            job.refresh_from_db()
            assert job.state == "done", job.error
            assert job.result["rows"] == (2 if name == "export_cycle_board" else 1)


def test_an_empty_list_says_what_to_do_next(company: Company, sign_in: SignIn) -> None:
    shown = sign_in(company.users["hr"]).get(reverse("cycles", args=["acme"])).content.decode()
    assert "Plan the first cycle" in shown
    assert "Nothing matches" in sign_in(company.users["hr"]).get(
        reverse("cycles", args=["acme"]) + "?q=xyz"
    ).content.decode()  # fmt: skip
