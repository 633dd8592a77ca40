"""The agenda of a review meeting, from facts: strong and weak parts, what moved, goals missed, decisions."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from goals.following.selectors import Standing, standings
from goals.models import Goal, Level, PlanReview, State
from goals.rules import Pace
from reviews.models import ResultState, ReviewResult
from reviews.results import rules

BEHIND = frozenset({Pace.OVERDUE, Pace.OFF_TRACK, Pace.AT_RISK})
AGREED = (State.AGREED, State.LOCKED)
MOST_GOALS, MOST_DECISIONS, MOST_GOALS_READ = 5, 3, 60
Item = dict[str, Any]


def agenda_of(result: ReviewResult, *, today: date) -> list[Item]:
    """Return the lines of an agenda as data (`words.agenda_line` makes sentences), each with `kept`.

    A fixed number of queries, whatever the goals.
    """
    trace = result.frozen.get("trace")
    lines = rules.parts(trace)
    previous = result.frozen.get("previous") or {}
    moved = rules.biggest(rules.changes(rules.dimensions(trace), previous.get("dimensions") or []))
    found: list[Item] = []
    if result.state == ResultState.DISAGREED:
        found.append({"code": "disagrees", "text": result.comment})
    found += [_part("strong_part", line) for line in rules.strengths(lines, result.score)[:1]]
    found += [_part("weak_part", line) for line in rules.weaknesses(lines, result.score)]
    if moved is not None:
        found.append({"code": "change", "name_zh": moved.line.zh, "name_en": moved.line.en, "by": f"{moved.by:.4f}"})
    found += [_goal(each) for each in behind(result, today=today)]
    found += decisions(result)
    found.append({"code": "next"})
    return [{**item, "kept": True} for item in found]


def _part(code: str, line: rules.Line) -> Item:
    return {"code": code, "name_zh": line.zh, "name_en": line.en, "score": f"{line.score:.4f}",
            "lost": f"{line.lost:.4f}"}  # fmt: skip


def behind(result: ReviewResult, *, today: date) -> list[Standing]:
    """Return the person's goals of the cycle's period that were missed or are behind, the furthest first."""
    cycle = result.batch.cycle
    goals: Iterable[Goal] = (
        Goal.objects.select_related("metric")
        .filter(level=Level.PERSON, employee_id=result.participant.employee_id, state__in=AGREED,
                first_day__lte=cycle.end, last_day__gte=cycle.start, last_day__lte=cycle.end)
        .order_by("-last_day", "pk")[:MOST_GOALS_READ]
    )  # fmt: skip
    missed = [each for each in standings(goals, today=today).values() if each.pace in BEHIND]
    return sorted(missed, key=lambda each: (each.attainment is None, each.attainment or 0))[:MOST_GOALS]


def _goal(standing: Standing) -> Item:
    share = standing.attainment
    return {"code": "goal", "goal_id": standing.goal.pk, "title": standing.goal.title,
            "attainment": None if share is None else f"{float(share):.4f}"}  # fmt: skip


def decisions(result: ReviewResult) -> list[Item]:
    """Return the last decisions of plans that are the person's, up to the period's end, the newest first."""
    person = result.participant.employee_id
    rows = (
        PlanReview.objects.filter(Q(plan__employee_id=person) | Q(plan__owner_id=person), day__lte=_until(result))
        .exclude(decision="")
        .select_related("plan")
        .order_by("-day", "-pk")[:MOST_DECISIONS]
    )
    return [{"code": "decision", "plan": row.plan.title, "text": row.decision, "day": row.day.isoformat()}
            for row in rows]  # fmt: skip


def _until(result: ReviewResult) -> date:
    return max(result.batch.cycle.end, result.batch.released_at.date())
