"""Storing what a batch of statistics found, through temporary tables: COPY into a table under policies is refused."""

import math
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.db import connection
from django.utils import timezone

from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import CycleStatistic, RaterStatistic, ReviewCycle
from reviews.statistics.adjusting import Made, RaterFigures

_RATERS = """
    INSERT INTO reviews_raterstatistic (tenant_id, cycle_id, employee_id, ratees, mean, leniency, spread)
    SELECT %(tenant)s, %(cycle)s, employee_id, ratees, mean, leniency, spread FROM made_raters ORDER BY employee_id
"""
# Joined by hash whatever the planner takes the tables' sizes for: a plan made before the statistics of the stored
# table are known would join by loops over everything.
_BY_HASH, _AS_USUAL = (f"SELECT set_config('enable_nestloop', '{state}', true)" for state in ("off", "on"))
_SAME = 'f.participant_id = t.participant_id AND f.questionnaire_id = t.questionnaire_id AND f.name = t."group"'
_GROUPS = f"""
    UPDATE reviews_groupscorerow t SET adjusted = f.adjusted FROM made_groups f
    WHERE t.tenant_id = %(tenant)s AND t.cycle_id = %(cycle)s AND {_SAME} AND t.adjusted IS DISTINCT FROM f.adjusted
"""
# What has no adjusted score (any more) loses it.
_GONE = f"""
    UPDATE reviews_groupscorerow t SET adjusted = NULL
    WHERE t.tenant_id = %(tenant)s AND t.cycle_id = %(cycle)s AND t.adjusted IS NOT NULL
        AND NOT EXISTS (SELECT FROM made_groups f WHERE {_SAME})
"""
_PERSON = "(SELECT f.adjusted FROM made_people f WHERE f.employee_id = t.employee_id)"
_PEOPLE = f"""
    UPDATE reviews_score t SET adjusted = {_PERSON}
    WHERE t.tenant_id = %(tenant)s AND t.grain = %(grain)s AND t.start = %(start)s AND t.cycle_id = %(cycle)s
        AND t.adjusted IS DISTINCT FROM {_PERSON}
"""


def store(cycle: ReviewCycle, made: Made) -> None:
    """Replace a cycle's statistics and the adjusted scores of its groups and people. Runs in the open transaction."""
    given: dict[str, Any] = {
        "tenant": current_tenant_id(), "cycle": cycle.pk, "grain": cycle.grain, "start": cycle.start
    }  # fmt: skip
    RaterStatistic.objects.filter(cycle_id=cycle.pk).delete()
    numbers = "mean numeric(9,4), leniency numeric(9,4), spread numeric(9,4)"
    _stage("made_raters", f"employee_id bigint, ratees int, {numbers}", map(_rater, made.raters))
    _stage(
        "made_groups",
        "participant_id bigint, questionnaire_id bigint, name text, adjusted numeric(12,4)",
        (f"{person}\t{form}\t{group}\t{score:.4f}\n" for person, form, group, score in made.groups),
    )
    _stage(
        "made_people",
        "employee_id bigint PRIMARY KEY, adjusted numeric(12,4)",
        (f"{person}\t{_number(score)}\n" for person, score in made.people),
    )
    with connection.cursor() as cursor:
        for statement in (_RATERS, _BY_HASH, _GROUPS, _GONE, _AS_USUAL, _PEOPLE):
            cursor.execute(statement, given)
    CycleStatistic.objects.filter(cycle_id=cycle.pk).delete()
    CycleStatistic.objects.create(
        pk=(current_tenant_id(), cycle.pk), cycle_id=cycle.pk, made_at=timezone.now(), figures=dict(made.figures)
    )


def _stage(table: str, columns: str, lines: Iterable[str]) -> None:
    """Put rows into a temporary table, as COPY takes them; names of groups are words of ours, nothing to escape."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE TEMP TABLE {table} ({columns}) ON COMMIT DROP")
        cursor.copy_expert(f"COPY {table} FROM STDIN", BytesIO("".join(lines).encode()))


def _rater(one: RaterFigures) -> str:
    values = (one.mean, one.leniency, one.spread)
    numbers = map(_number, values)
    return f"{one.employee_id}\t{one.ratees}\t" + "\t".join(numbers) + "\n"


def _number(value: float) -> str:
    """Return a number as COPY takes it; NaN is none."""
    return "\\N" if math.isnan(value) else f"{value:.4f}"
