"""The demo company's reviews, by the services that the pages use: a released cycle, and one that is half finished."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from reviews.answers import door
from reviews.answers.door import Given
from reviews.calibration import services as calibration
from reviews.calibration.selectors import person_of
from reviews.calibration.services import SessionDraft, Target
from reviews.cycles import drafting
from reviews.models import (
    CycleQuestion,
    Participant,
    QuestionKind,
    Questionnaire,
    Rater,
    RaterKind,
    RaterState,
    ReviewCycle,
    ReviewResult,
    ScorecardVersion,
    VersionState,
)
from reviews.raters import services as raters
from reviews.raters.circle import Circle
from reviews.raters.suggestions import suggested
from reviews.raters.writing import Pick
from reviews.results.access import Reach
from reviews.results.services import answer_result
from reviews.scorecards.content import content_of, stamp
from reviews.scorecards.pack import install_pack
from reviews.scorecards.services import publish

SEED, PEERS = 20, 4
#: What calibration looks at, in percent.
GUIDELINE = {"A": 20, "B": 40, "C": 30, "D": 8, "E": 2}
COMMENTS = {
    5: [
        "季度末三份加急标书都按时交付，客户当天确认。",
        "主动整理了客户问题清单，全组都在用。",
        "新同事的前两周都由他带，上手很快。",
    ],
    4: [
        "跟进及时，资料齐全，偶尔需要提醒更新 CRM。",
        "和物流对接顺畅，订单交期有变会提前告知。",
        "报价单很少返工，沟通清楚。",
    ],
    3: [
        "日常工作完成，但遇到跨部门的事会等别人推动。",
        "上月两次周报晚交一天，内容没有问题。",
        "客户来电能接住，复杂问题需要转给同事。",
    ],
    2: ["三份合同的附件有误，需要重新盖章。", "重要客户的回访晚了一周，客户有抱怨。"],
    1: ["连续两周没有更新跟进记录，交接时无法了解进展。"],
}
SELF_TEXTS = [
    "本季度完成全部投标支持，按时率 96%；不足是数据录入仍有遗漏，下季度每天下班前核对一次。",
    "销售额达成目标，新增客户比上季度多两家。希望公司提供谈判技巧培训。",
    "跟进客户 60 余次，回访记录齐全。下季度计划梳理沉睡客户名单。",
]


@dataclass
class Reviewing:
    """One cycle while it is made; `viewer_at` gives a person's sign-in, `finish` runs a job to its end."""

    cycle_id: int
    hr: Viewer
    workspace: Workspace
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a demo, not a secret
    questions: dict[str, list[CycleQuestion]] = field(default_factory=dict)

    def fill(self, *, raters: float, answers: float) -> None:
        """Approve raters for a share of the people, and let a share of all raters answer."""
        self.choose_raters(raters)
        self.judge_potential()
        self.answer(answers)

    def choose_raters(self, share: float) -> None:
        """Approve colleagues who worked with each person, for a share of the people."""
        for participant in self._people(share):
            circle = Circle(participant.cycle, [participant], workspace=self.workspace)
            allowed = [pk for pk in suggested(circle, participant)
                       if not circle.conflicts(participant, pk, RaterKind.PEERS)]  # fmt: skip
            picks = [Pick(RaterKind.PEERS, pk) for pk in allowed[:PEERS]]
            if picks and participant.employee_id != self.hr.employee_id:  # nobody approves their own
                raters.approve(participant.pk, picks, viewer=self.hr, workspace=self.workspace)

    def _people(self, share: float) -> list[Participant]:
        found = list(Participant.objects.select_related("cycle").filter(cycle_id=self.cycle_id).order_by("pk"))
        return found[: round(len(found) * share)]

    def answer(self, share: float) -> None:
        """Let a share of those who were asked answer; of the rest, some have begun."""
        asked = Rater.objects.select_related("participant").filter(
            participant__cycle_id=self.cycle_id, state=RaterState.ASKED
        )
        level: dict[int, float] = {}
        lenient: dict[int, float] = {}
        for rater in asked.order_by("pk"):
            base = level.setdefault(rater.participant_id, self.chance.gauss(3.7, 0.7))
            bias = lenient.setdefault(rater.employee_id, self.chance.gauss(0, 0.35))
            fate = self.chance.random()
            if fate < share + 0.1:
                self._fill(rater, base + bias, hand_in=fate < share)

    def _fill(self, rater: Rater, level: float, *, hand_in: bool) -> None:
        if rater.group not in self.questions:
            self.questions[rater.group] = door.questions_for(self.cycle_id, rater.group)
        given: dict[int, Given] = {}
        for question in self.questions[rater.group]:
            step = max(1, min(question.scale, round(level + self.chance.gauss(0, 0.6))))
            if question.kind == QuestionKind.TEXT:
                if question.required or self.chance.random() < 0.5:
                    given[question.pk] = Given(text=self._text(rater, step))
            elif self.chance.random() < 0.04 and rater.group != RaterKind.SELF:
                given[question.pk] = Given(cannot_judge=True)
            else:
                given[question.pk] = Given(step)
        door.save(rater, given)
        if hand_in:
            door.hand_in(rater)

    def _text(self, rater: Rater, step: int) -> str:
        return self.chance.choice(SELF_TEXTS if rater.group == RaterKind.SELF else COMMENTS[min(5, step)])

    def judge_potential(self) -> None:
        """Let managers say what they think of people's potential."""
        for participant in self._people(1):
            participant.potential = self.chance.choice([1, 2, 2, 2, 3])
            participant.potential_note = "能独立负责一个区域的投标支持。" if participant.potential == 3 else ""
            participant.save(update_fields=["potential", "potential_note", "updated_at"])


def publish_scorecards(first: date, *, hr: Viewer, workspace: Workspace) -> None:
    """Add the ready scorecards and publish them for the periods from a day on."""
    install_pack()
    drafts = ScorecardVersion.objects.select_related("scorecard").filter(state=VersionState.DRAFT)
    for draft in drafts.order_by("pk"):
        period = Period.containing(Grain(draft.scorecard.rhythm), first, workspace.fiscal_start_month)
        publish(
            draft.pk, valid_from=period.start, seen=stamp(content_of(draft)), user_id=hr.user_id,
            fiscal_start_month=workspace.fiscal_start_month,
        )  # fmt: skip


def plan_cycle(period: Period, *, hr: Viewer, workspace: Workspace) -> ReviewCycle:
    """Draft the review of a period as HR does: the usual groups, both questionnaires, the days."""
    cycle = drafting.create(viewer=hr, workspace=workspace)
    today = workspace.today()
    changes = {
        "name": f"{period.label} 季度考核", "grain": int(period.grain), "start": period.start, "end": period.end,
        "nominate_until": today + timedelta(days=5), "answer_until": today + timedelta(days=12),
        "release_on": today + timedelta(days=21), "guideline": GUIDELINE, "most_per_rater": 8,
    }  # fmt: skip
    cycle = drafting.save(cycle.pk, changes, version=cycle.version, viewer=hr)
    forms = Questionnaire.objects.filter(code__in=["attitude", "development"]).order_by("code")
    return drafting.save_forms(cycle.pk, list(forms.values_list("pk", flat=True)), version=cycle.version, viewer=hr)


def calibrate(cycle_id: int, *, hr: Viewer) -> None:
    """Hold one session for everybody, move two people with reasons, and lock it."""
    session = calibration.open_session(
        cycle_id, SessionDraft("全公司校准会", note="先看分布，再看上下两端。"), invites_managers=True, viewer=hr
    )
    moves: Sequence[tuple[str, Decimal, str]] = [
        ("D006", Decimal("3"), "两位上级口径不一，对照同岗位的交付质量后上调。"),
        ("D020", Decimal("-4"), "得分主要来自一张大单，其余指标低于同组。"),
    ]
    for number, step, reason in moves:
        person = Participant.objects.filter(cycle_id=cycle_id, employee__number=number).first()
        if person is None:
            continue
        score = person_of(session, person.pk, viewer=hr).score
        if score is not None:
            calibration.move(
                session.pk, person.pk, Target(score=score + step), before=score, reason=reason, viewer=hr
            )
    calibration.lock(session.pk, viewer=hr)


def acknowledge(cycle_id: int, people: Mapping[str, Employee], viewer_at: Callable[[str], Viewer], on: date) -> None:
    """Let some people answer their result: most acknowledge, one disagrees."""
    said = {"D004": ("acknowledged", ""), "D005": ("acknowledged", "谢谢，下季度继续努力。"),
            "D007": ("disagreed", "客户满意度只有两份回复，不能代表全部。")}  # fmt: skip
    for number, (state, comment) in said.items():
        result = ReviewResult.objects.filter(
            participant__cycle_id=cycle_id, participant__employee=people[number]
        ).first()
        if result is not None:
            answer_result(result.pk, state, comment, reach=Reach(viewer_at(number), on))
