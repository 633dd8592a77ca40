"""Scores: of everybody from prepared inputs, of one person after one answer, and adjusted ones of a whole cycle.

`scores.full` computes and stores the scores of 10,000 people with ten parts (six metrics, training, customers'
satisfaction, two questionnaires in four rater groups) and is compared with COPY of the same finished rows into equal
tables with policies; `scores.full.loop` compares it with a loop that computes with `rules.py` and saves each object,
measured on some people and scaled. `scores.one_answer` hands one sheet in and works the score off, in a cycle of
many and in one of few. `scores.adjusted` is the batch of statistics of a cycle against reading its answers by COPY.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO, StringIO
from statistics import median
from typing import Any

import numpy as np

from bench.data import World
from bench.report import Report, say
from bench.score_loop import loop_one
from bench.score_world import GROUPS, Case, furnish, timed, vacuum_answers
from bench.servers import admin_cursor, checkpoint, using

FULL, LOOP, ONE, ADJUSTED = "scores.full", "scores.full.loop", "scores.one_answer", "scores.adjusted"
FULL_GOAL, LOOP_GOAL, ONE_GOAL, ADJUSTED_GOAL = 5.0, 1 / 20, 1.2, 3.0
TIMES, ANSWERS, WARM_UP, SAMPLE = 5, 60, 6, 40
CYCLE_PEOPLE = 5000
TABLES = ("reviews_score", "reviews_scorepart", "reviews_groupscorerow")


def run_full(world: World, report: Report, times: int = TIMES, sample: int = SAMPLE) -> None:
    """Compute and store, COPY, and loop; compare the medians."""
    say(f"{FULL}: {world.people:,} people, 10 parts, 4 groups")
    with using(world.database):
        case = furnish(world, people=0)
        prepared = _prepared(case)
        ours, base, rows = [], [], 0
        for turn in range(times + 1):
            _empty(world)
            seconds = _compute_and_store(case, prepared())
            if turn == 0:  # warms up, and gives the base its rows
                texts = _rows(world)
                rows = sum(text.count("\n") for text in texts.values())
                continue
            ours.append(seconds)
            base.append(_copy(world, texts))
            say(f"turn {turn}: {ours[-1]:.2f} s, COPY {base[-1]:.2f} s")
        looped = _loop(case, prepared(), min(sample, world.people)) * world.people
    report.add(FULL, goal=FULL_GOAL, ours=median(ours), base=median(base), rows=rows)
    report.add(LOOP, goal=LOOP_GOAL, ours=median(ours), base=looped, sample=sample)


def run_one(large: World, small: World, report: Report, answers: int = ANSWERS) -> None:
    """Hand sheets in here and there, in turns; compare the medians."""
    say(f"{ONE}: {answers} sheets in cycles of {large.people:,} and of {small.people:,} people")
    cases = {}
    for world in (large, small):
        with using(world.database):
            cases[world.database] = furnish(world, people=world.people)
        vacuum_answers(world)
    spent: dict[str, list[float]] = {large.database: [], small.database: []}
    for turn in range(answers + WARM_UP):
        for world in (large, small):
            with using(world.database):
                seconds = _answer(cases[world.database], turn)
            if turn >= WARM_UP:
                spent[world.database].append(seconds)
    ours, base = (median(spent[world.database]) for world in (large, small))
    report.add(ONE, goal=ONE_GOAL, ours=ours, base=base, answers=answers)


def run_adjusted(world: World, report: Report, times: int = TIMES) -> None:
    """Make the statistics of a cycle, and read its answers; compare the medians."""
    say(f"{ADJUSTED}: a cycle of {world.people:,} people")
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.answers.columns import columns
    from reviews.models import ReviewCycle
    from reviews.scores.services import rebuild
    from reviews.statistics.adjusting import made
    from reviews.statistics.storing import store

    with using(world.database):
        case = furnish(world, people=world.people, sealed=True)
        vacuum_answers(world)
        with tenant_scope(world.tenant_id):
            ReviewCycle.objects.update(state="closed")
            rebuild()
        ours, base = [], []
        for turn in range(times + 1):
            with tenant_scope(world.tenant_id):
                cycle = ReviewCycle.objects.get(pk=case.cycle_id)
            checkpoint()

            def batch(cycle: Any = cycle) -> None:
                store(cycle, made(cycle))

            seconds = timed(world, batch)
            reading = timed(world, lambda: columns(case.cycle_id))
            if turn:
                ours.append(seconds)
                base.append(reading)
    report.add(ADJUSTED, goal=ADJUSTED_GOAL, ours=median(ours), base=median(base))


# --- everybody ---------------------------------------------------------------------------------------------


def _prepared(case: Case) -> Callable[[], Any]:
    """Return a function that gives the same inputs, fresh: figures and targets by part, answers as columns."""
    from perfmgmt.tenants.calendar import Grain, Period
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.answers.columns import GROUPS as NAMES
    from reviews.answers.columns import AnswerColumns, questions_of
    from reviews.models import PartKind
    from reviews.scores.cards import read_cards
    from reviews.scores.computing import Prepared
    from reviews.scores.inputs import Measured, attainments
    from reviews.scores.reviewed import CycleAnswers, group_rules

    with tenant_scope(case.world.tenant_id):
        cards = read_cards([case.version_id])
        rules, asked = group_rules(case.cycle_id), questions_of(case.cycle_id)
    people, chance = case.people, np.random.default_rng(11)
    n = len(people)
    measured = {}
    for part in cards[case.version_id].parts:
        if part.kind == PartKind.QUESTIONNAIRE:
            continue
        raw = [Decimal(int(value)).scaleb(-2) for value in chance.integers(0, 1_300_00, n)]
        target = [Decimal(int(value)) for value in chance.integers(500, 1500, n)]
        gone = chance.random(n) < 0.03
        figures = [None if lost else value for lost, value in zip(gone.tolist(), raw, strict=True)]
        x, exact = attainments(figures, target, ["higher"] * n)
        measured[part.pk] = Measured(figures, target, [None] * n, x, exact)
    group_of = np.array([NAMES.index(name) for name, _w, _m, count in GROUPS for _at in range(count)])
    person = np.repeat(np.arange(n), len(group_of))
    answers = AnswerColumns(
        asked, person + 1, np.tile(group_of, n), np.ones(len(person), np.int64),
        chance.integers(0, 6, (len(person), len(asked))),
    )  # fmt: skip
    cycle = CycleAnswers(case.cycle_id, np.arange(n) + 1, np.array(people), rules, answers, {})
    period = Period(Grain.QUARTER, case.start)

    def fresh() -> Prepared:
        return Prepared(
            period, tuple(people), cards, {case.version_id: tuple(people)}, measured, [replace(cycle)], {}
        )  # fmt: skip

    return fresh


def _compute_and_store(case: Case, prepared: Any) -> float:
    from reviews.scores.computing import compute
    from reviews.scores.storing import store

    return timed(case.world, lambda: store(compute(prepared)))


def _empty(world: World) -> None:
    with admin_cursor(world.database) as cursor:
        for table in TABLES:
            cursor.execute(f"TRUNCATE {table}; DROP TABLE IF EXISTS bench_{table}")
            cursor.execute(
                f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL); "
                f"ALTER TABLE bench_{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; "
                f"CREATE POLICY wall ON bench_{table} USING (tenant_id = {int(world.tenant_id)}) "
                f"WITH CHECK (tenant_id = {int(world.tenant_id)})"
            )
    checkpoint()


def _rows(world: World) -> dict[str, str]:
    found = {}
    with admin_cursor(world.database) as cursor:
        for table in TABLES:
            out = StringIO()
            cursor.copy_expert(f"COPY (SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5) TO STDOUT", out)
            found[table] = out.getvalue()
    return found


def _copy(world: World, texts: dict[str, str]) -> float:
    """COPY the finished rows into the equal tables; the administrator may, whom no policy binds."""
    data = {table: BytesIO(text.encode()) for table, text in texts.items()}
    with admin_cursor(world.database) as cursor:
        begun = time.perf_counter()
        cursor.execute("BEGIN")
        for table, text in data.items():
            cursor.copy_expert(f"COPY bench_{table} FROM STDIN", text)
        cursor.execute("COMMIT")
        return time.perf_counter() - begun


def _loop(case: Case, prepared: Any, sample: int) -> float:
    """Return the seconds per person of a loop over `rules.py` that saves each object."""
    _empty(case.world)
    return timed(case.world, lambda: [loop_one(case, prepared, at) for at in range(sample)]) / sample


# --- one answer --------------------------------------------------------------------------------------------


def _answer(case: Case, turn: int) -> float:
    """Hand in the sheet that is still open of another person each turn; return the seconds to the new score."""
    from perfmgmt.metrics.rollups.services import Turn
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.answers import door
    from reviews.answers.door import Given
    from reviews.models import CycleQuestion, Rater, Score
    from reviews.scores.services import drain

    with tenant_scope(case.world.tenant_id):
        rater = Rater.objects.get(participant_id=case.participants[turn], state="asked")
        questions = list(CycleQuestion.objects.filter(cycle_id=case.cycle_id).values_list("pk", flat=True))
    begun = time.perf_counter()
    with tenant_scope(case.world.tenant_id):
        door.save(rater, {pk: Given(4) for pk in questions})
        door.hand_in(rater)
    with tenant_scope(case.world.tenant_id):
        ended = drain()
    seconds = time.perf_counter() - begun
    with tenant_scope(case.world.tenant_id):
        review = Score.objects.filter(employee_id=case.people[turn], start=case.start).values_list("review")[0][0]
    if ended is not Turn.CLEAN or review is None:
        raise RuntimeError(f"the drain ended with {ended}, and the score is {review}")
    return seconds
