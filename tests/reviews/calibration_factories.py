"""A closed cycle with scores, and a calibration session of it, put together from rows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfmgmt.people.models import Employee, User
from perfmgmt.people.services import add_employee, add_member, assign
from perfmgmt.people.viewer import Viewer, viewer_in
from reviews.calibration import services
from reviews.calibration.services import SessionDraft, Target
from reviews.models import CalibrationMove, CalibrationSession, Participant, Score
from tests.factories import START, Company
from tests.reviews.factories import GRAIN, QUARTER, QUARTER_END, Cycle, open_cycle

SCORES = {"ann": "84.5", "bob": "92", "cid": "71.25", "manager": "88"}


def give_score(company: Company, cycle: Cycle, employee: Employee, score: str | None, **more: Any) -> None:
    """Write a computed score, as the workers do."""
    Score.objects.create(
        pk=(company.tenant.pk, GRAIN, QUARTER, employee.pk), grain=GRAIN, start=QUARTER, employee=employee,
        version_id=1, cycle_id=cycle.row.pk, score=None if score is None else Decimal(score), **more,
    )  # fmt: skip


@dataclass
class Calibration:
    """A closed cycle of ann, bob, cid and the manager; the session of North has the manager as member."""

    company: Company
    cycle: Cycle
    session: CalibrationSession

    def viewer(self, name: str) -> Viewer:
        """One of the cast, or a person of the company, who gets a sign-in."""
        user = self.company.users.get(name)
        if user is None:
            user = User.objects.create_user(f"{name}.signin@{self.company.tenant.slug}.example", name=name)
            add_member(user, employee=self.company.people[name])
            self.company.users[name] = user
        found = viewer_in(user.pk, QUARTER_END)
        assert found is not None
        return found

    def participant(self, name: str) -> Participant:
        """A person's row as it is now."""
        return Participant.objects.get(pk=self.cycle.people[name].pk)

    def move(
        self, name: str, target: str | int, *, before: str | None = "", reason: str = "Compared", by: str = "manager"
    ) -> CalibrationMove:
        """Move a person to a grade or a score; without `before`, from what counts now."""
        row = self.participant(name)
        now = row.calibrated if row.calibrated is not None else Decimal(SCORES[name])
        to = Target(grade=target) if isinstance(target, str) else Target(score=Decimal(target))
        seen = now if before == "" else None if before is None else Decimal(before)
        return services.move(self.session.pk, row.pk, to, before=seen, reason=reason, viewer=self.viewer(by))


def calibration(company: Company, *, state: str = "closed") -> Calibration:
    """Make the closed cycle and the session. Needs the scope."""
    cycle = open_cycle(company, *SCORES, state="closed")
    for name, score in SCORES.items():
        give_score(company, cycle, company.people[name], score)
    session = CalibrationSession.objects.create(cycle=cycle.row, name="North", unit=company.units["north"])
    services.invite(session, [company.people["manager"].pk], by_user_id=0)
    if state != "closed":
        cycle.row.state = state
        cycle.row.save(update_fields=["state"])
    return Calibration(company, cycle, session)


def add_people(company: Company, cycle: Cycle, unit: str, scores: list[str], **employee: Any) -> list[Participant]:
    """Hire people into a unit and give them a place and a score in the cycle."""
    made = []
    leader = company.people["manager" if unit == "north" else "rival"]
    for score in scores:
        number = f"Z{Employee.objects.count():04d}"
        person = add_employee(number, f"Zoe {number}", **employee)
        assign(person, unit=company.units[unit], valid_from=START, manager=leader)
        made.append(
            Participant.objects.create(cycle=cycle.row, employee=person, unit=company.units[unit], manager=leader)
        )
        give_score(company, cycle, person, score)
    return made


__all__ = ["Calibration", "SessionDraft", "add_people", "calibration", "give_score"]
