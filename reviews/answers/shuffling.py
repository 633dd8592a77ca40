"""Rewrite a cycle's answers in random order, so that where a row lies does not tell when it came (R6).

PostgreSQL keeps rows about in the order in which they came, in a dump too, and each row carries the number of its
transaction: the sheet and the sealed key of its author would lie side by side. After this they were all written by
one transaction, each table in an order of its own.
"""

from collections.abc import Iterable

from django.db import connection, models, transaction

from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import Answer, AnswerSheet, AuthorKey, FairnessAsked, FairnessVoice

#: Tables with the condition that finds a cycle's rows.
OF_CYCLE = "cycle_id = %(cycle)s"
OF_SHEETS = "sheet IN (SELECT key FROM reviews_answersheet WHERE tenant_id = %(tenant)s AND cycle_id = %(cycle)s)"
OF_RATERS = (
    "rater_id IN (SELECT r.id FROM reviews_rater r JOIN reviews_participant p "
    "ON p.tenant_id = r.tenant_id AND p.id = r.participant_id "
    "WHERE r.tenant_id = %(tenant)s AND p.cycle_id = %(cycle)s)"
)
VOICES: tuple[tuple[type[models.Model], str], ...] = ((FairnessVoice, OF_CYCLE), (FairnessAsked, OF_CYCLE))
TABLES: tuple[tuple[type[models.Model], str], ...] = (
    (Answer, OF_SHEETS),
    (AuthorKey, OF_RATERS),
    (AnswerSheet, OF_CYCLE),
    *VOICES,
)


def reshuffle(cycle_id: int) -> None:
    """Rewrite sheets, answers, sealed keys and voices of a cycle in random order; raters who write wait.

    Called when a cycle is closed and when it is released; idempotent, one statement for each table whatever its size.
    """
    _rewrite(cycle_id, TABLES)


def reshuffle_voices(cycle_id: int) -> bool:
    """Rewrite the voices about a cycle, and who has given one, unless one transaction wrote them all already.

    A voice and the mark that somebody has answered are written by one transaction: its number would join them. Called
    when no more voices come; says whether anything was rewritten.
    """
    numbers = " UNION ".join(
        f"SELECT xmin::text FROM {model._meta.db_table} WHERE tenant_id = %(tenant)s AND {condition}"
        for model, condition in VOICES
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({numbers}) n", _given(cycle_id))
            (transactions,) = cursor.fetchone()
        if transactions > 1:
            _rewrite(cycle_id, VOICES)
    return bool(transactions > 1)


def _given(cycle_id: int) -> dict[str, int]:
    return {"tenant": current_tenant_id(), "cycle": cycle_id}


def _rewrite(cycle_id: int, tables: Iterable[tuple[type[models.Model], str]]) -> None:
    given = _given(cycle_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM reviews_reviewcycle WHERE tenant_id = %(tenant)s AND id = %(cycle)s FOR UPDATE", given
        )
        for model, condition in tables:
            columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if field.column)
            table = model._meta.db_table
            cursor.execute(
                f"WITH gone AS (DELETE FROM {table} WHERE tenant_id = %(tenant)s AND {condition} "
                f"RETURNING {columns}) INSERT INTO {table} ({columns}) SELECT {columns} FROM gone ORDER BY random()",
                given,
            )
