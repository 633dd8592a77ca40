"""The workspace of the benchmarks of scores: a scorecard of ten parts, and a cycle with everybody's answers."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import numpy as np

from bench.data import World
from bench.servers import admin_cursor

ANSWER_TABLES = ("reviews_participant", "reviews_rater", "reviews_answersheet", "reviews_answer", "reviews_authorkey")
GRAIN = 4
#: (group, weight, minimum, raters of each person); the last rater of the last group has not answered yet.
GROUPS = (("self", 0, 1, 1), ("manager", 50, 1, 1), ("peers", 30, 3, 4), ("direct_reports", 20, 3, 3))
QUESTIONS = 10


@dataclass(frozen=True)
class Case:
    """A workspace with a cycle: its ids, people and participants in order, and the version of the scorecard."""

    world: World
    start: date
    cycle_id: int
    version_id: int
    people: list[int]
    participants: list[int]


def timed(world: World, work: Callable[[], object]) -> float:
    """Return the seconds that some work takes in the scope of a workspace."""
    from perfmgmt.tenants.scope import tenant_scope

    begun = time.perf_counter()
    with tenant_scope(world.tenant_id):
        work()
    return time.perf_counter() - begun


def furnish(world: World, *, people: int, sealed: bool = False) -> Case:
    """Make a scorecard with ten parts and a cycle of `people` people with their answers, as the administrator."""
    from django.utils import timezone

    from perfmgmt.metrics.models import Metric
    from perfmgmt.people.models import Employee
    from perfmgmt.tenants.calendar import Grain, Period
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.models import (
        CycleGroup,
        CycleQuestion,
        Dimension,
        Part,
        Questionnaire,
        ReviewCycle,
        Scorecard,
        ScorecardVersion,
    )

    now = timezone.now()
    with tenant_scope(world.tenant_id):
        period = Period.containing(Grain.QUARTER, date.today()).next(-1)  # noqa: DTZ011
        card = Scorecard.objects.create(name_en="Bench", rhythm=GRAIN)
        version = ScorecardVersion.objects.create(
            scorecard=card, number=1, state="published", published_at=now, valid_from=period.start
        )
        forms = [Questionnaire.objects.create(code=code, name_en=code) for code in ("attitude", "growth")]
        metrics = list(Metric.objects.filter(pk__in=world.metric_ids).order_by("pk"))
        sources: list[dict[str, Any]] = [{"kind": "metric", "metric": one} for one in metrics[:6]]
        sources += [{"kind": "training", "metric": metrics[7]}, {"kind": "csat", "metric": metrics[6]}]
        sources += [{"kind": "questionnaire", "questionnaire": form} for form in forms]
        for place, (weight, own) in enumerate([(50, sources[:5]), (30, sources[5:8]), (20, sources[8:])], 1):
            dimension = Dimension.objects.create(version=version, place=place, weight=weight, name_en=f"D{place}")
            shares = {5: ["20"] * 5, 3: ["40", "30", "30"], 2: ["50", "50"]}[len(own)]
            for at, (share, source) in enumerate(zip(shares, own, strict=True), 1):
                Part.objects.create(
                    dimension=dimension, place=at, weight=Decimal(share), name_en=f"P{at}", input="actual"
                    if source["kind"] == "csat" else "attainment", **source,
                )  # fmt: skip
        cycle = ReviewCycle.objects.create(
            name="Bench", grain=GRAIN, start=period.start, end=period.end, state="open", launched_at=now
        )
        for group, weight, minimum, _raters in GROUPS:
            CycleGroup.objects.create(cycle=cycle, group=group, weight=weight, minimum=minimum, merges=minimum > 1)
        for place in range(QUESTIONS):
            CycleQuestion.objects.create(
                cycle=cycle, questionnaire=forms[place % 2], place=place, code=f"q{place}", text_en="?", weight=1
            )
        questions = list(CycleQuestion.objects.order_by("place").values_list("pk", flat=True))
        ids = list(Employee.objects.order_by("pk").values_list("pk", flat=True))
    participants: list[int] = []
    if people:
        participants = _answers(world, cycle.pk, version.pk, ids[:people], questions, sealed)
    return Case(world, period.start, cycle.pk, version.pk, ids, participants)


def _answers(
    world: World, cycle_id: int, version_id: int, people: list[int], questions: list[int], sealed: bool
) -> list[int]:
    """Participants, raters, sheets and answers; everybody has answered but the last rater of the last group."""
    from reviews.answers import seal

    chance = np.random.default_rng(7)
    with admin_cursor(world.database) as cursor:
        cursor.execute(
            "INSERT INTO reviews_participant (tenant_id, cycle_id, employee_id, scorecard_version_id, nomination, "
            "potential_note, dropped_reason, updated_at) "
            "SELECT %s, %s, e, %s, 'approved', '', '', now() FROM unnest(%s::bigint[]) e ORDER BY e RETURNING id",
            [world.tenant_id, cycle_id, version_id, people],
        )
        participants = [pk for (pk,) in cursor.fetchall()]
        raters, sheets, answers = StringIO(), StringIO(), StringIO()
        keys, last = [], GROUPS[-1]
        step = 13 if len(people) > 13 * 9 else 1
        for place, participant in enumerate(participants):
            turn = 0
            for group, _weight, _minimum, count in GROUPS:
                for at in range(count):
                    # Nobody stands in two groups of one person (`rater_in_one_group`).
                    rater = people[place] if group == "self" else people[(place + 1 + turn * step) % len(people)]
                    turn += group != "self"
                    waits = (group, at) == (last[0], last[3] - 1)
                    state = "asked" if waits else "done"
                    raters.write(
                        f"{world.tenant_id}\t{participant}\t{rater}\t{group}\t{state}\t1\t\t2025-01-01T00:00Z\n"
                    )
                    if waits:
                        continue
                    key = uuid.UUID(bytes=chance.bytes(16))
                    keys.append((participant, rater, group, key))
                    sheets.write(f"{world.tenant_id}\t{key}\t{cycle_id}\t{participant}\t{group}\t1\tt\t1\n")
                    for question, value in zip(
                        questions, chance.integers(1, 6, len(questions)).tolist(), strict=True
                    ):
                        answers.write(f"{world.tenant_id}\t{key}\t{question}\t{value}\t\tf\n")
        _copy_in(cursor, "reviews_rater (tenant_id, participant_id, employee_id, \"group\", state, days, reason, "
                         "updated_at)", raters)  # fmt: skip
        _copy_in(cursor, "reviews_answersheet (tenant_id, key, cycle_id, participant_id, \"group\", days, is_done, "
                         "edition)", sheets)  # fmt: skip
        _copy_in(cursor, "reviews_answer (tenant_id, sheet, question_id, value, text, cannot_judge)", answers)
        if sealed:
            cursor.execute('SELECT participant_id, employee_id, "group", id FROM reviews_rater')
            found = {row[:3]: row[3] for row in cursor.fetchall()}
            box = seal.ciphers()[0].encryptor()
            lines = StringIO()
            for participant, rater, group, key in keys:
                closed = box.update(key.bytes).hex()
                lines.write(f"{world.tenant_id}\t{found[participant, rater, group]}\t\\\\x{closed}\n")
            _copy_in(cursor, "reviews_authorkey (tenant_id, rater_id, sealed)", lines)
    return participants


def _copy_in(cursor: Any, target: str, lines: StringIO) -> None:
    lines.seek(0)
    cursor.copy_expert(f"COPY {target} FROM STDIN", lines)


def vacuum_answers(world: World) -> None:
    """Let the database look at the tables of answers, as it does in a running system."""
    from bench.servers import vacuum

    vacuum(*ANSWER_TABLES, database=world.database)
