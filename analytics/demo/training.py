"""Trainings of the demo company: a year of sessions that were held, and three to come."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from analytics.demo.roster import PEOPLE, Person
from analytics.demo.story import Story
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import add_months
from reviews.models import Attendance, Course, Enrolment, EnrolmentState, TrainingSession
from reviews.training import enrolling
from reviews.training.courses import CourseDraft, install_pack, save_course
from reviews.training.marking import Mark, mark
from reviews.training.sessions import SessionDraft, open_session

MONTHS = 12
#: What the courses of the year are, one a month in turn; what some cost each person.
COURSES = (
    "product_basics", "sales_basics", "customer_management", "new_products", "sales_data", "company_rules",
    "time_management", "advanced_selling",
)  # fmt: skip
COSTS = {"advanced_selling": Decimal(1280), "sales_data": Decimal("680.50"), "running_reviews": Decimal(900)}
PLACES = ("上海总部 3 楼培训室", "杭州分公司会议室", "线上")
TRAINERS = ("D002", "D003", "D013", "")
OUTSIDE = "周海峰（外聘讲师）"
SAID = (
    "案例贴近工作，第二天就能用。", "内容不错，练习时间再多一些更好。", "节奏偏快，产品参数部分没跟上。",
    "讲师回答问题很耐心。", "", "",
)  # fmt: skip


@dataclass
class Trainings:
    """The trainings of a company whose scope is open; the month of each session is not locked yet."""

    people: Mapping[str, Employee]
    viewer_at: Callable[[str], Viewer]
    hr: Viewer
    workspace: Workspace
    story: Story

    def make(self) -> None:
        """Fill the catalogue, hold the sessions of a year, open those to come."""
        install_pack()
        self.courses = {one.code: one for one in Course.objects.all()}
        for code, cost in COSTS.items():
            self._price(self.courses[code], cost)
        dice = self.story.dice("trainings")
        for ago in range(MONTHS, 0, -1):
            self._held(ago, dice)
        self._coming()

    def _price(self, course: Course, cost: Decimal) -> None:
        names = (
            "code", "name_zh", "name_en", "topic", "hours", "description_zh", "description_en", "pass_mark",
            "needs_approval",
        )  # fmt: skip
        draft = CourseDraft(**{name: getattr(course, name) for name in names})
        save_course(course.pk, replace(draft, cost=cost), currency=self.workspace.currency)

    def _moment(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), ZoneInfo(self.workspace.time_zone))

    def _held(self, ago: int, dice: random.Random) -> None:
        """Hold one session so many months ago: most of who enrolled were there, most of them passed."""
        day = self.story.working(
            add_months(self.story.today.replace(day=1), -ago) + timedelta(days=dice.randint(4, 24))
        )
        course = self.courses[COURSES[ago % len(COURSES)]]
        there = [one for one in PEOPLE if one.strength and self.story.staff.here(one, day)]
        chosen = dice.sample(there, min(len(there), dice.randint(6, 9)))
        trainer = TRAINERS[ago % len(TRAINERS)]
        session = TrainingSession.objects.create(
            course=course, starts_at=self._moment(day, 9), ends_at=self._moment(day, 9 + min(int(course.hours), 9)),
            place=PLACES[ago % len(PLACES)], trainer=self.people.get(trainer), places=10,
            trainer_name="" if trainer else OUTSIDE,
        )  # fmt: skip
        since = self._moment(day - timedelta(days=12), 10)
        rows = [
            Enrolment.objects.create(
                session=session, employee=self.people[person.number], state=EnrolmentState.ENROLLED, since=since
            )
            for person in chosen
        ]
        marks = {row.pk: self._mark(person, session, dice) for row, person in zip(rows, chosen, strict=True)}
        mark(session.pk, marks, viewer=self.hr, workspace=self.workspace)
        for row in Enrolment.objects.filter(session=session, attendance=Attendance.ATTENDED).order_by("pk"):
            if dice.random() < 0.7:
                row.rating, row.feedback = dice.choice((3, 4, 4, 5, 5)), dice.choice(SAID)
                row.save(update_fields=["rating", "feedback"])

    def _mark(self, person: Person, session: TrainingSession, dice: random.Random) -> Mark:
        course = session.course
        if dice.random() < 0.08:
            return Mark(Attendance.ABSENT)
        if course.pass_mark is None:
            return Mark(Attendance.ATTENDED, course.hours, passed=dice.random() < 0.95)
        before = round(dice.gauss(48 + 12 * person.strength, 6))
        after = min(100, before + max(0, round(dice.gauss(20, 7))))
        number = f"PX-{session.starts_at:%y%m}-{person.number}" if after >= course.pass_mark else ""
        return Mark(Attendance.ATTENDED, course.hours, Decimal(before), Decimal(after), certificate=number)

    def _coming(self) -> None:
        """Open three sessions: one that is full with a waiting list, one to approve, one with places left."""
        who: dict[str, Any] = {"viewer": self.hr, "workspace": self.workspace}
        full = self._open("new_products", 12, places=4, place=PLACES[0], trainer="D002")
        for number in ("D005", "D007", "D018", "D021", "D004", "D006"):
            enrolling.enrol(full.pk, self.people[number], **who)
        asked = self._open("advanced_selling", 20, places=12, place=PLACES[1], trainer="")
        own = self.viewer_at("D004")
        enrolling.enrol(asked.pk, self.people["D004"], viewer=own, workspace=self.workspace)
        self._open("time_management", 27, places=20, place=PLACES[2], trainer="D003")

    def _open(self, code: str, days: int, *, places: int, place: str, trainer: str) -> TrainingSession:
        day, course = self.story.working(self.story.today + timedelta(days=days)), self.courses[code]
        draft = SessionDraft(
            self._moment(day, 9), self._moment(day, 9 + min(int(course.hours), 9)), places, place,
            trainer=self.people.get(trainer), trainer_name="" if trainer else OUTSIDE,
        )  # fmt: skip
        return open_session(course.pk, draft)
