"""The planner's statistics, refreshed when one transaction has changed very many rows.

A workspace that the planner has never seen rows of looks empty to it: every index that begins with the workspace
then seems equally good, and it may read all facts once per key. Autovacuum would notice a minute later.
"""

from typing import Literal

from django.db import connection

# Below this many rows no plan is bad enough to be worth the look.
WORTHWHILE = 1000


def refresh(which: Literal["facts", "employees", "units", "customers"], *, changed: int) -> None:
    """Look at a hot table again if `changed` rows are worth it; sees this transaction's own rows.

    The table's maintenance lock is held until the transaction ends: other large changes of it wait, small ones
    and readers don't.
    """
    if changed >= WORTHWHILE:
        with connection.cursor() as cursor:
            cursor.execute("SELECT metrics_refresh_statistics(%s)", [which])
