"""A closed cycle with scores and a session in which somebody was moved, for the pages that show them."""

from datetime import date
from decimal import Decimal
from typing import Any

from perfmgmt.people.models import Assignment
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.calendar import Grain, Period
from reviews.calibration import services
from reviews.calibration.services import SessionDraft, Target
from reviews.models import CalibrationSession, Participant, ReviewCycle, Score
from tests.factories import START, Company

NAMES = ("赵一鸣", "钱多多", "孙尚", "周小琴", "吴迪", "郑爽朗", "Frank Olsen", "王美丽", "冯程", "陈晨")
SCORES = ("92.5", "84.25", "88", "79.5", "67", "95", "71.75", None, "58.2", "81")


def closed_cycle(company: Company, today: date, *, name: str = "第一季度考核") -> ReviewCycle:
    """A closed cycle of the quarter before, with a guideline, in which the manager's people have scores."""
    quarter = Period.containing(Grain.QUARTER, today).next(-1)
    cycle = ReviewCycle.objects.create(
        name=name, grain=int(Grain.QUARTER), start=quarter.start, end=quarter.end, state="closed",
        guideline={"A": 20, "B": 30, "C": 30, "D": 15, "E": 5},
    )  # fmt: skip
    found = [company.people[key] for key in ("ann", "bob", "manager")]
    for at, each in enumerate(NAMES):
        person = add_employee(f"CAL{at:02d}", each, hired_on=date(2019 + at % 7, 1 + at, 1))
        assign(person, unit=company.units["north" if at < 7 else "south"], valid_from=START,
               manager=company.people["rival"])  # fmt: skip
        found.append(person)
    for at, (person, score) in enumerate(zip(found, ("86.5", "74", "90", *SCORES), strict=True)):
        spell = Assignment.objects.filter(employee=person).latest("valid_from")
        Participant.objects.create(
            cycle=cycle, employee=person, manager=spell.manager,
            unit=company.units["north"] if at < 3 else spell.unit,
            potential=[3, 1, None, 2][at % 4], potential_note="学得很快，愿意承担新的任务" if at % 4 == 0 else "",
        )  # fmt: skip
        Score.objects.create(
            pk=(company.tenant.pk, cycle.grain, cycle.start, person.pk), grain=cycle.grain, start=cycle.start,
            employee=person, version_id=1, cycle_id=cycle.pk, score=None if score is None else Decimal(score),
        )  # fmt: skip
    return cycle


def calibration_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """A session in which ann was moved, and a locked one; return ids for their addresses. Needs the scope."""
    hr = viewer_in(company.users["hr"].pk, today)
    assert hr is not None
    cycle, units = closed_cycle(company, today), company.units
    draft = SessionDraft("华北一部校准会", units["north"], today, "先看依据，再谈等级。")
    session = services.open_session(cycle.pk, draft, invites_managers=True, viewer=hr)
    ann = Participant.objects.get(cycle=cycle, employee=company.people["ann"])
    services.move(
        session.pk, ann.pk, Target(grade="A"), before=Decimal("86.5"), reason="承担了缺勤同事的客户", viewer=hr
    )
    locked = services.open_session(
        cycle.pk, SessionDraft("South Office", units["south"]), invites_managers=True, viewer=hr
    )
    services.lock(locked.pk, viewer=hr)
    member = CalibrationSession.objects.get(pk=session.pk).members.first()
    assert member is not None
    return {
        "calibration_id": [session.pk, locked.pk], "calibrated_id": [ann.pk], "calibration_member_id": [member.pk],
    }  # fmt: skip
