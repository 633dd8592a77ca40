"""Locks of PostgreSQL that end with the transaction, so that a killed worker never leaves one behind."""

from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """What is locked; the number is PostgreSQL's first key, the id (of the workspace or the job) the second."""

    ROLLUPS = 7101
    JOB = 7102
    DEMO = 7103
    FACTS = 7104
    PEOPLE = 7105
    METRICS = 7106
    LINE = 7107
    FORECASTS = 7108
    SCORES = 7109
    API_BATCH = 7110
    CHECK_INS = 7111
    CYCLE_NAMES = 7112
    CUSTOMERS = 7113
    ASKING = 7114
    MAIL = 7121
    NUDGES = 7131
    ACCOUNT_MAIL = 7122
    THEMES = 7141
    ASSIGNING = 7151


def try_lock(kind: Lock, key: int) -> bool:
    """Take the lock until the transaction ends and return True, or return False at once if somebody has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [int(kind), key % 2**31])
        return bool(cursor.fetchone()[0])


def wait_lock(kind: Lock, key: int) -> None:
    """Take the lock until the transaction ends, waiting for whoever has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [int(kind), key % 2**31])
