"""Answers of a cycle as columns, without raters: what scores are made of.

Only sheets that were handed in, and only answers on a scale. A query's COPY is allowed under row-level security and
is several times as fast as rows that become objects.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import CycleQuestion, QuestionKind, QuestionnairePurpose, RaterKind

Ints = NDArray[np.int64]
#: Rater groups by their place in `AnswerColumns.groups`.
GROUPS: tuple[str, ...] = tuple(RaterKind.values)


@dataclass(frozen=True)
class AskedQuestion:
    """A question on a scale as a cycle asks it: its weight, and the steps of its scale."""

    pk: int
    questionnaire_id: int
    weight: str
    scale: int


@dataclass(frozen=True)
class AnswerColumns:
    """Handed-in sheets and what they say, in no order that tells anything.

    By sheet: `participants` (ids), `groups` (places in GROUPS), `days`. By sheet and question, in the order of
    `questions`: `values`, a step of the scale, 0 for "cannot judge" and blank. Only questionnaires that count in
    scores are here.
    """

    questions: tuple[AskedQuestion, ...]
    participants: Ints
    groups: Ints
    days: Ints
    values: Ints

    def of(self, questionnaire_id: int) -> "AnswerColumns":
        """Return the columns of one questionnaire."""
        places = [at for at, one in enumerate(self.questions) if one.questionnaire_id == questionnaire_id]
        asked = tuple(self.questions[at] for at in places)
        return AnswerColumns(asked, self.participants, self.groups, self.days, self.values[:, places])


def questions_of(cycle_id: int) -> tuple[AskedQuestion, ...]:
    """Return the questions of a cycle that count in scores, in order; one query."""
    rows = CycleQuestion.objects.filter(
        cycle_id=cycle_id, kind=QuestionKind.SCALE, questionnaire__purpose=QuestionnairePurpose.REVIEW
    ).order_by("place")
    return tuple(
        AskedQuestion(*row[:2], str(row[2]), row[3])
        for row in rows.values_list("pk", "questionnaire_id", "weight", "scale")
    )


def columns(cycle_id: int, participant_ids: Iterable[int] | None = None) -> AnswerColumns:
    """Return the handed-in answers of a cycle, or of some of its participants. Two queries."""
    asked = questions_of(cycle_id)
    rows = _copied(_query(asked, participant_ids), {"cycle": cycle_id, "groups": list(GROUPS)}, participant_ids)
    width = 3 + len(asked)
    table = rows.reshape(-1, width)
    return AnswerColumns(asked, table[:, 0], table[:, 1], table[:, 2], table[:, 3:])


def keyed_columns(cycle_id: int) -> tuple[AnswerColumns, Ints]:
    """Return the same with each sheet's key as two numbers (for `authors`, which opens the seals). Two queries."""
    asked = questions_of(cycle_id)
    rows = _copied(_query(asked, None, also=_KEY), {"cycle": cycle_id, "groups": list(GROUPS)}, None)
    table = rows.reshape(-1, 5 + len(asked))
    return AnswerColumns(asked, table[:, 2], table[:, 3], table[:, 4], table[:, 5:]), table[:, :2]


def sealed_columns(cycle_id: int) -> Ints:
    """Return a cycle's seals as rows: the rater's employee id, and the two halves of the seal. One query."""
    halves = "".join(
        f", ('x' || encode(substring(k.sealed FROM {at} FOR 8), 'hex'))::bit(64)::bigint" for at in (1, 9)
    )
    query = f"""
        SELECT r.employee_id{halves}
        FROM reviews_participant p
        JOIN reviews_rater r ON r.tenant_id = p.tenant_id AND r.participant_id = p.id
        JOIN reviews_authorkey k ON k.tenant_id = r.tenant_id AND k.rater_id = r.id
        WHERE p.tenant_id = %(tenant)s AND p.cycle_id = %(cycle)s
    """
    return _copied(query, {"cycle": cycle_id}, None).reshape(-1, 3)


# The two halves of a key, as numbers of 64 bits with their sign.
_KEY = "".join(
    f"('x' || substr(replace(s.key::text, '-', ''), {at}, 16))::bit(64)::bigint, " for at in (1, 17)
)  # fmt: skip


def _query(asked: Iterable[AskedQuestion], participant_ids: Iterable[int] | None, also: str = "") -> str:
    """One row per sheet, one column per question; the ids are integers of ours."""
    steps = "".join(f", coalesce(max(a.value) FILTER (WHERE a.question_id = {int(one.pk)}), 0)" for one in asked)
    some = "" if participant_ids is None else "AND s.participant_id = ANY(%(participants)s)"
    return f"""
        SELECT {also}s.participant_id, array_position(%(groups)s::text[], s."group"::text) - 1, s.days{steps}
        FROM reviews_answersheet s
        LEFT JOIN reviews_answer a ON a.tenant_id = s.tenant_id AND a.sheet = s.key
        WHERE s.tenant_id = %(tenant)s AND s.cycle_id = %(cycle)s AND s.is_done {some}
        GROUP BY s.key, s.participant_id, s."group", s.days
    """


def _copied(query: str, params: dict[str, object], participant_ids: Iterable[int] | None) -> Ints:
    """Return all numbers of a query's rows, one after the other."""
    if participant_ids is not None:
        params["participants"] = [int(pk) for pk in participant_ids]
    out = BytesIO()
    with connection.cursor() as cursor:
        text = cursor.mogrify(query, {"tenant": current_tenant_id(), **params})
        cursor.copy_expert(f"COPY ({text.decode() if isinstance(text, bytes) else text}) TO STDOUT", out)
    numbers = out.getvalue().decode("ascii").replace("\n", "\t")
    return np.fromstring(numbers, dtype=np.int64, sep="\t")
