"""Pages of calibration and of the comparison: what they show, refuse and write to files."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.scope import tenant_scope
from reviews.calibration import comparing, comparison_exports, exports, money, pages
from reviews.models import (
    CalibrationMove,
    CalibrationSession,
    Participant,
    ReviewCycle,
    ReviewResult,
    ScorePart,
)
from reviews.permissions import RELEASE
from tests.factories import Company
from tests.reviews.calibration_factories import Calibration, add_people, calibration
from tests.reviews.factories import GRAIN, QUARTER, add_peers, answer
from tests.tenants.samples_reviews import _scorecard

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
VIEWS = ("", "?view=board", "?view=boxes", "?view=side", "?view=log")


@pytest.fixture
def north(company: Company) -> Calibration:
    with company.scope():
        made = calibration(company)
        ReviewCycle.objects.update(guideline={"A": "20", "B": 50, "C": "30", "odd": "x"})
        return made


@pytest.fixture
def base(north: Calibration) -> str:
    return f"/w/acme/calibration/{north.session.pk}"


def person(north: Calibration, base: str, name: str) -> str:
    return f"{base}/people/{north.cycle.people[name].pk}"


def test_a_member_compares_and_moves_with_a_preview(north: Calibration, base: str, sign_in: SignIn) -> None:
    manager = sign_in(north.company.users["manager"])
    assert "North" in manager.get("/w/acme/calibration/").content.decode()
    for view in VIEWS:
        page = manager.get(f"{base}/{view}").content.decode()
        assert "Mia Manager" not in page.split('id="people"')[1].replace("data-label", "") or view in (
            "",
            "?view=side",
        )
    ann = person(north, base, "ann")
    part = manager.get(f"{ann}/?grade=A", headers={"HX-Request": "true"}).content.decode()
    assert "<!doctype" not in part.lower()
    assert '<option value="A" selected>' in part
    preview = manager.get(f"{ann}/preview/?grade=A&score=").content.decode()
    assert "84.50" in preview and "90.00 (A)" in preview
    assert "Choose a grade" in manager.get(f"{ann}/preview/?score=abc").content.decode()
    moved = manager.post(f"{ann}/move/", {"grade": "A", "before": "84.5000", "reason": "比较过了", "back": "board"})
    assert moved["Location"] == f"{base}/?view=board#people"
    log = manager.get(f"{base}/?view=log").content.decode()
    assert "比较过了" in log and "84.50" in log and "90.00" in log


def test_the_second_of_two_tabs_is_told_and_keeps_what_was_typed(
    north: Calibration, base: str, sign_in: SignIn
) -> None:
    manager, hr = sign_in(north.company.users["manager"]), sign_in(north.company.users["hr"])
    ann = person(north, base, "ann")
    assert hr.post(f"{ann}/move/", {"score": "95", "before": "84.5", "reason": "HR"}).status_code == 302
    late = manager.post(f"{ann}/move/", {"grade": "C", "before": "84.5", "reason": "Mine"})
    text = late.content.decode()
    assert late.status_code == 409
    assert "95.00 now" in text and "Mine" in text and 'value="95.0000"' in text
    assert manager.post(f"{ann}/move/", {"grade": "C", "before": "95.0000", "reason": "Mine"}).status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {"grade": "A", "before": "84.5", "reason": ""},
        {"score": "150.01", "before": "84.5", "reason": "x"},
        {"score": "-1", "before": "84.5", "reason": "x"},
        {"score": "NaN", "before": "84.5", "reason": "x"},
        {"grade": "S", "before": "84.5", "reason": "x"},
        {"before": "84.5", "reason": "x"},
        {"grade": "A", "before": "eighty", "reason": "x"},
        {"grade": "A", "before": "84.5", "reason": "x" * 501},
        {},
    ],
)
def test_a_move_that_does_not_fit_is_refused(
    north: Calibration, base: str, sign_in: SignIn, form: dict[str, str]
) -> None:
    manager = sign_in(north.company.users["manager"])
    assert manager.post(f"{person(north, base, 'ann')}/move/", form).status_code == 400
    with north.company.scope():
        assert not CalibrationMove.objects.exists()


def test_what_is_not_for_somebody_is_not_there(
    north: Calibration, base: str, sign_in: SignIn, other_company: Company
) -> None:
    manager, ann = sign_in(north.company.users["manager"]), person(north, base, "ann")
    form = {"grade": "A", "before": "88", "reason": "x"}
    for name in ("manager", "cid"):
        assert manager.get(f"{person(north, base, name)}/").status_code == 404
        assert manager.get(f"{person(north, base, name)}/preview/?grade=A").status_code == 404
        assert manager.post(f"{person(north, base, name)}/move/", form).status_code == 404
    for action in ("lock", "unlock", "remove", "edit", "members/add"):
        assert manager.post(f"{base}/{action}/").status_code == 403
    assert sign_in(north.company.users["assistant"]).get(f"{base}/").status_code == 403
    stranger = sign_in(other_company.users["hr"])
    elsewhere = ann.replace("/w/acme/", "/w/globex/")
    assert stranger.post(f"{elsewhere}/move/", form).status_code == 404
    assert stranger.get(f"{base.replace('/w/acme/', '/w/globex/')}/").status_code == 404
    with north.company.scope():
        north.session.members.all().delete()
    assert manager.get(f"{base}/").status_code == 404
    assert manager.post(f"{ann}/move/", form).status_code == 404


def test_hr_opens_locks_and_unlocks_a_session(north: Calibration, base: str, sign_in: SignIn) -> None:
    hr, ann = sign_in(north.company.users["hr"]), person(north, base, "ann")
    form = {"cycle": str(north.cycle.row.pk), "unit": str(north.company.units["south"].pk), "name": "South"}
    assert "Q1 2025" in hr.get("/w/acme/calibration/new/").content.decode()
    assert (
        hr.post("/w/acme/calibration/new/", form | {"unit": str(north.company.units["sales"].pk)}).status_code == 400
    )
    assert hr.post("/w/acme/calibration/new/", form | {"invites_managers": "on"}).status_code == 302
    assert (
        hr.post(f"{base}/edit/", {"name": "Nord", "held_on": "2025-04-09", "note": "Bring notes"}).status_code == 302
    )
    assert "Bring notes" in hr.get(f"{base}/").content.decode()
    assert hr.post(f"{base}/members/add/", {"member": "AC003"}).status_code == 302
    assert hr.post(f"{base}/members/add/", {"member": "AC004"}).status_code == 400
    assert "Rex Rival" in hr.get(f"{base}/edit/").content.decode()
    assert hr.post(f"{base}/lock/").status_code == 302
    assert hr.post(f"{ann}/move/", {"grade": "A", "before": "84.5", "reason": "x"}).status_code == 409
    assert "Locked on" in hr.get(f"{base}/").content.decode()
    assert hr.post(f"{base}/unlock/", {"reason": ""}).status_code == 400
    assert hr.post(f"{base}/unlock/", {"reason": "A mistake"}).status_code == 302
    assert hr.post(f"{base}/remove/").status_code == 302
    with north.company.scope():
        assert [one.name for one in CalibrationSession.objects.all()] == ["South"]


def test_a_move_is_taken_back_and_potential_is_said_on_the_persons_page(
    north: Calibration, base: str, sign_in: SignIn
) -> None:
    manager, ann = sign_in(north.company.users["manager"]), person(north, base, "ann")
    with north.company.scope():
        move = north.move("ann", "A")
    assert "Take it back" in manager.get(f"{ann}/").content.decode()
    assert manager.post(f"{ann}/undo/", {"undo-reason": "", "move": str(move.pk)}).status_code == 400
    assert manager.post(f"{ann}/undo/", {"undo-reason": "No", "move": "x"}).status_code == 409
    assert manager.post(f"{ann}/undo/", {"undo-reason": "No", "move": str(move.pk)}).status_code == 302
    said = {"potential-potential": "3", "potential-note": "Learns fast", "potential-seen": ""}
    assert manager.post(f"{ann}/potential/", {**said, "potential-note": ""}).status_code == 400
    assert manager.post(f"{ann}/potential/", said).status_code == 302
    assert manager.post(f"{ann}/potential/", said).status_code == 409
    boxes = manager.get(f"{base}/?view=boxes").content.decode()
    assert "李安" in boxes.split('class="box box-33"')[1].split("</td>")[0]


def test_money_stands_there_only_for_who_may_see_it(north: Calibration, base: str, sign_in: SignIn) -> None:
    hr, manager = sign_in(north.company.users["hr"]), sign_in(north.company.users["manager"])
    with north.company.scope():
        north.move("ann", "A")
    pages = (f"{base}/", f"{person(north, base, 'ann')}/preview/?grade=C")
    assert not any("+888" in hr.get(page).content.decode() for page in pages)
    money.register(money.MoneyView("test", RELEASE, lambda found: {one.participant_id: "+888" for one in found}))
    try:
        assert all("+888" in hr.get(page).content.decode() for page in pages)
        assert not any("+888" in manager.get(page).content.decode() for page in pages)
    finally:
        money.unregister("test")


def test_people_stand_side_by_side_and_small_groups_stay_hidden(
    north: Calibration, base: str, sign_in: SignIn
) -> None:
    with north.company.scope():
        _version, part = _scorecard(north.company, "Sales results")
        tenant, employee = north.company.tenant.pk, north.company.people["ann"]
        ScorePart.objects.create(
            pk=(tenant, GRAIN, QUARTER, employee.pk, part.pk), grain=GRAIN, start=QUARTER, employee=employee,
            part_id=part.pk, x=D("1.05"), score=105, weight=100, used=100, contribution=105,
        )  # fmt: skip
        ReviewCycle.objects.update(state="open")
        answer(north.cycle, north.cycle.people["ann"].raters.get(group="manager"), 4, 4, 4)
        for peer in add_peers(north.company, north.cycle, "ann", 2):
            answer(north.cycle, peer, 2, 2, 2)
        ReviewCycle.objects.update(state="closed")
    ids = "&".join(f"with={north.cycle.people[name].pk}" for name in ("ann", "bob", "manager"))
    page = sign_in(north.company.users["manager"]).get(f"{base}/?view=side&{ids}&with=x").content.decode()
    assert "105.00 (105% of the target)" in page and "75.00" in page
    assert "hidden: too few answers" in page and "25.00" not in page
    assert page.count('<th scope="col" translate="no">') == 2


def test_in_a_long_session_people_are_chosen_by_number(
    north: Calibration, base: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_CHOICES", 1)
    number = north.company.people["ann"].number
    page = sign_in(north.company.users["manager"]).get(f"{base}/?view=side&with={number}&with=x").content.decode()
    assert page.count("<datalist") == 1 and f'value="{number}" autocomplete' in page
    assert page.count('<th scope="col" translate="no">') == 1


def test_the_table_is_filtered_and_sorted(north: Calibration, base: str, sign_in: SignIn) -> None:
    hr = sign_in(north.company.users["hr"])

    def names(query: str) -> list[str]:
        page = hr.get(f"{base}/?{query}").content.decode()
        return [name for name in ("李安", "Bob Bell", "Mia Manager") if f"Compare {name}" in page]

    assert names("") == ["李安", "Bob Bell", "Mia Manager"]
    assert names("q=bell") == ["Bob Bell"]
    assert names("grade=A") == ["Bob Bell"]
    assert names("moved=1") == [] and names("potential=3") == []
    assert names("potential=none&sort=nonsense&unit=999999999999999999999") == ["李安", "Bob Bell", "Mia Manager"]
    text = hr.get(f"{base}/?sort=score").content.decode()
    assert text.index("Compare 李安") < text.index("Compare Mia") < text.index("Compare Bob")


@pytest.mark.parametrize("view", VIEWS)
def test_a_session_takes_a_fixed_number_of_queries(north: Calibration, base: str, sign_in: SignIn, view: str) -> None:
    hr, counts = sign_in(north.company.users["hr"]), []
    for more in (0, 12):
        with north.company.scope():
            add_people(north.company, north.cycle, "north", ["75"] * more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert hr.get(f"{base}/{view}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_lists_are_written_to_files_without_ones_own_row(
    north: Calibration, base: str, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with north.company.scope():
        north.move("ann", "A")
        north.move("manager", "A", by="hr")
    for role, rows in (("hr", [1, 3, 2]), ("manager", [1, 2, 1])):
        client = sign_in(north.company.users[role])
        for address in ("/w/acme/calibration/export/", f"{base}/export/", f"{base}/export/?view=log"):
            assert client.post(address).status_code == 302
        with north.company.scope():
            made = list(Job.objects.filter(kind=exports.EXPORT).order_by("-pk")[:3])[::-1]
        for job, expected in zip(made, rows, strict=True):
            jobs.run(lambda: tenant_scope(north.company.tenant.pk), job.pk)
            with north.company.scope():
                job.refresh_from_db()
                assert job.result and job.result["rows"] == expected


# Comparison


def test_groups_are_compared_before_and_after_and_small_ones_are_hidden(north: Calibration) -> None:
    with north.company.scope():
        add_people(north.company, north.cycle, "south", ["70", "72", "74", "76", "90"], hired_on=date(2021, 1, 1))
        add_people(north.company, north.cycle, "north", ["60", "62", "64"], hired_on=date(2024, 12, 1))
        north.move("ann", "A")
        found = comparing.compare(north.cycle.row, comparing.UNIT, viewer=north.viewer("hr"))
        assert [(group.label, group.n) for group in found.groups] == [("North", 6), ("South", 6)]
        first = found.groups[0]
        assert first.before is not None and first.after is not None
        assert round(first.difference or 0, 4) == round((D(90) - D("84.5")) / 6, 4)
        assert (found.whole.n, found.hidden_groups, found.scale) == (12, 0, (60, 100))
        assert first.drawn is not None and float(first.drawn.first) + float(first.drawn.width) <= 100
        by_tenure = comparing.compare(north.cycle.row, comparing.TENURE, viewer=north.viewer("hr"))
        # Three newcomers are too few, and the next smallest group goes with them.
        assert [group.label for group in by_tenure.groups] == ["3 years and longer"]
        assert (by_tenure.hidden_groups, by_tenure.hidden_people) == (2, 7)


def test_a_released_result_is_compared_as_it_was_released(north: Calibration) -> None:
    with north.company.scope():
        add_people(north.company, north.cycle, "north", ["60", "62"])
        batch = north.cycle.row.batches.create(number=1)
        ReviewResult.objects.create(
            batch=batch, participant=north.participant("ann"), score=100, computed=50, grade="A"
        )
        assert not comparing.compare(north.cycle.row, comparing.RATER, viewer=north.viewer("hr")).groups
        whole = comparing.compare(north.cycle.row, comparing.UNIT, viewer=north.viewer("hr")).whole
        assert whole.after is not None and whole.before is not None
        assert (whole.before.least, whole.after.most) == (D(50), D(100))


def test_the_comparison_is_for_hr_and_goes_to_a_file(
    north: Calibration, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with north.company.scope():
        add_people(north.company, north.cycle, "north", ["60", "62", "64"])
    hr, manager = sign_in(north.company.users["hr"]), sign_in(north.company.users["manager"])
    assert manager.get("/w/acme/comparison/").status_code == 403
    for query in ("", "?by=tenure", "?by=rater", f"?cycle={north.cycle.row.pk}&sort=-mean&q=north"):
        assert "Everybody" in hr.get(f"/w/acme/comparison/{query}").content.decode() or "q=" in query
    assert hr.get("/w/acme/comparison/?cycle=999999").status_code == 404
    assert hr.post("/w/acme/comparison/export/?by=unit").status_code == 302
    with north.company.scope():
        job = Job.objects.get(kind=comparison_exports.EXPORT)
    jobs.run(lambda: tenant_scope(north.company.tenant.pk), job.pk)
    with north.company.scope():
        job.refresh_from_db()
        assert job.state == "done" and job.result and job.result["rows"] >= 1
        Participant.objects.all().update(dropped_at="2025-04-01T00:00Z")
    assert "No group is large enough" in hr.get("/w/acme/comparison/").content.decode()
    with north.company.scope():
        ReviewCycle.objects.update(state="open")
    assert "No results to compare yet" in hr.get("/w/acme/comparison/").content.decode()
