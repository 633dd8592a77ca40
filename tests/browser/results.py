"""Released results for the walk over every page: a whole one with its meeting, and what it suggests."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from reviews.models import (
    FairnessAsked,
    Participant,
    Proposal,
    ReleaseBatch,
    ReviewCycle,
    ReviewMeeting,
    ReviewResult,
    Score,
)
from tests.factories import Company

START, END, GRAIN = date(2025, 4, 1), date(2025, 6, 30), 4
ROWS: tuple[tuple[str, str, int, str, str, str], ...] = (
    ("销售业绩", "Sales results", 40, "metric", "91.2000", "88.0000"),
    ("客户满意度", "Customer satisfaction", 30, "csat", "88.0000", "80.0000"),
    ("态度与行为", "Attitude and behaviour", 20, "questionnaire", "78.4000", "82.0000"),
    ("职业发展", "Career development", 10, "training", "58.0000", "70.0000"),
)
METRICS = {"metric": ("sales_amount", "销售额", "Sales amount", "money"),
           "csat": ("csat", "客户满意度", "CSAT", "score"),
           "training": ("training_hours", "培训时数", "Training hours", "hours")}  # fmt: skip


def result_samples(company: Company) -> dict[str, list[Any]]:
    """Make a released cycle of ann, bob and cid; return what their pages are opened with."""
    cycle = ReviewCycle.objects.create(
        name="2025 年第 2 季度", grain=GRAIN, start=START, end=END, state="released", launched_at=timezone.now(),
        closed_at=timezone.now(), released_at=timezone.now(),
    )  # fmt: skip
    ReviewCycle.objects.create(name="Third quarter", start=date(2025, 7, 1), end=date(2025, 9, 30), state="closed")
    hr = company.users["hr"]
    batch = ReleaseBatch.objects.create(cycle=cycle, number=1, people=3, released_by=hr)
    made = {name: _result(company, batch, name) for name in ("ann", "bob", "cid")}
    ann = made["ann"]
    ReviewMeeting.objects.create(
        result=ann, manager=company.people["manager"], held_on=END, manager_notes="客户跟进扎实。\n文档仍需更快。",
        agenda=[{"code": "weak_part", "name_zh": "职业发展", "name_en": "Career development", "score": "58.0000",
                 "lost": "4.2000", "kept": True},
                {"code": "next", "kept": True}, {"text": "Holiday in August"}],
        agreed="Two trainings until September", signed_by_manager_at=timezone.now(),
    )  # fmt: skip
    proposal = Proposal.objects.create(
        result=ann, kind="training",
        reason={"code": "weak_part", "name_zh": "职业发展", "name_en": "Career development", "score": "58.0000"},
    )  # fmt: skip
    Proposal.objects.create(result=made["bob"], kind="incentive", reason={"code": "top_grade", "grade": "A"})
    for name in ("ann", "manager"):
        person = company.people[name]
        FairnessAsked.objects.create(pk=(company.tenant.pk, cycle.pk, person.pk), cycle_id=cycle.pk, employee=person)
    return {"result_id": [ann.pk, made["cid"].pk], "proposal_id": [proposal.pk]}


def _result(company: Company, batch: ReleaseBatch, name: str) -> ReviewResult:
    person = company.people[name]
    participant = Participant.objects.create(
        cycle=batch.cycle, employee=person, unit=company.units["north"], manager=company.people["manager"]
    )
    Score.objects.create(
        pk=(company.tenant.pk, GRAIN, START, person.pk), grain=GRAIN, start=START, employee=person, version_id=1,
        cycle_id=batch.cycle_id, score=80, before=80, grade="B",
    )  # fmt: skip
    if name == "cid":
        return ReviewResult.objects.create(batch=batch, participant=participant, frozen={})
    score = Decimal("84.3600") if name == "ann" else Decimal("93.5000")
    return ReviewResult.objects.create(
        batch=batch, participant=participant, score=score, grade="B" if name == "ann" else "A", computed=score,
        review=Decimal("78.4"), frozen=frozen(person.pk),
    )  # fmt: skip


def frozen(employee_id: int) -> dict[str, Any]:
    """What a release keeps: a trace of four dimensions, groups (one is hidden), comments, the period before."""
    groups = [
        {"group": "manager", "n": 1, "weight": "60.0000", "score": "80.0000", "hidden": False, "pooled": []},
        {"group": "peers", "n": 4, "weight": "30.0000", "score": "74.2000", "hidden": False, "pooled": []},
        {"group": "direct_reports", "n": 2, "weight": "10.0000", "score": None, "hidden": True, "pooled": []},
    ]
    question = {
        "question_id": 1,
        "code": "teamwork",
        "topic": "teamwork",
        "text_zh": "与同事配合",
        "text_en": "Teamwork",
    }
    return {
        "trace": {
            "employee_id": employee_id, "grain": GRAIN, "start": START.isoformat(), "end": END.isoformat(),
            "label": "2025-Q2", "score": "82.3600", "before": "84.3600", "deduction": "2.0000", "grade": "B",
            "version": {"id": 1, "number": 3, "name_zh": "销售助理 · 支持型", "name_en": "Sales assistant, support"},
            "cycle_id": 1, "review": "78.4000", "adjusted": None,
            "dimensions": [_dimension(*row, groups) for row in ROWS],
            "deductions": [{"points": "2.0000", "reason": "客户资料缺失", "happened_on": "2025-05-06"}],
        },
        "review": {
            "score": "78.4000", "hidden": False, "groups": groups,
            "forms": [{"questionnaire_id": 1, "name_zh": "态度与行为", "name_en": "Attitude", "score": "78.4000",
                       "groups": groups, "questions": [{**question, "means": {"manager": "75.0000",
                                                                                "peers": "70.0000"}}]}],
            "comments": [{**question, "group": "colleagues", "texts": ["乐于助人，交接清楚。", "Always on time."]},
                         {**question, "group": "manager", "texts": ["Keep the customers close."]}],
        },
        "previous": {"result_id": 0, "cycle": "2025 年第 1 季度", "grain": GRAIN, "start": "2025-01-01",
                     "end": "2025-03-31", "score": "81.2100", "grade": "B",
                     "dimensions": [{"name_zh": row[0], "name_en": row[1], "score": row[5]} for row in ROWS]},
        "managers": [{"name": "林美雅", "days": 40}, {"name": "Bo Boss", "days": 21}],
        "calibration": {"before": "82.3600", "after": "84.3600", "grade_before": "B", "grade_after": "B",
                        "reason": "承担了新区域", "session": "华北"},
        "bands": [["A", "90"], ["B", "80"], ["C", "70"], ["D", "60"], ["E", "0"]],
        "unit": "华北一部",
    }  # fmt: skip


def _dimension(zh: str, en: str, weight: int, kind: str, score: str, before: str, groups: Any) -> dict[str, Any]:
    contribution = f"{weight * Decimal(score) / 100:.4f}"
    code, metric_zh, metric_en, unit = METRICS.get(kind, (None, "", "", "score"))
    own = {"weight": f"{weight}.0000", "of_whole": f"{weight}.0000", "used": f"{weight}.0000",
           "contribution": contribution}  # fmt: skip
    part = {
        "part_id": 1, "name_zh": zh, "name_en": en, "kind": kind, "input": "attainment", "metric": code,
        "metric_name_zh": metric_zh, "metric_name_en": metric_en, "unit": unit,
        "raw": None if kind == "questionnaire" else "1412900.0000", "target": None if kind != "metric" else "1500000",
        "goal_id": None, "x": "0.942" if kind == "metric" else None, "score": score, "out": "",
        "curve": {"kind": "linear", "points": [["0", "0"], ["1", "100"], ["1.2", "120"]]} if code else None,
        "questionnaire_id": 1 if kind == "questionnaire" else None,
        "groups": [{**one, "adjusted": None} for one in groups] if kind == "questionnaire" else [], **own,
    }  # fmt: skip
    return {"name_zh": zh, "name_en": en, **own, "parts": [part]}
