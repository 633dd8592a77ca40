"""Writing the people of a cycle: thousands of participants and raters in two statements.

The rows go by COPY into temporary tables and from there, in the transaction of the job, into the tables with their
policies and audit triggers. What is there already stays (`participant_once`, `rater_once`, `rater_in_one_group`):
running it twice makes nothing twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.db import connection

from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.scope import current_tenant_id
from reviews.cycles import people
from reviews.cycles.people import Member
from reviews.models import NominationState, RaterKind, RaterState, ReviewCycle

MEMBERS, RATERS = "reviews_launch_member", "reviews_launch_rater"
_STAGE = f"""
    DROP TABLE IF EXISTS {MEMBERS}, {RATERS};
    CREATE TEMP TABLE {MEMBERS} (place int, employee_id bigint, unit_id bigint, manager_id bigint, version_id bigint)
        ON COMMIT DROP;
    CREATE TEMP TABLE {RATERS} (place int, employee_id bigint, rater_id bigint, kind text, days int) ON COMMIT DROP
"""
_PARTICIPANTS = f"""
    INSERT INTO reviews_participant (tenant_id, cycle_id, employee_id, unit_id, manager_id, scorecard_version_id,
        nomination, potential_note, dropped_reason, updated_at)
    SELECT %(tenant)s, %(cycle)s, employee_id, unit_id, manager_id, version_id, %(nomination)s, '', '', now()
    FROM {MEMBERS} ORDER BY place
    ON CONFLICT (tenant_id, cycle_id, employee_id) DO NOTHING
"""
_RATERS = f"""
    INSERT INTO reviews_rater (tenant_id, participant_id, employee_id, "group", state, days, reason, updated_at)
    SELECT %(tenant)s, p.id, s.rater_id, s.kind, %(state)s, s.days, '', now()
    FROM {RATERS} s JOIN reviews_participant p
        ON p.tenant_id = %(tenant)s AND p.cycle_id = %(cycle)s AND p.employee_id = s.employee_id
    ORDER BY s.place
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Asked:
    """Who is asked to review whom: ratee, rater, from which side, and the days of a manager."""

    employee_id: int
    rater_id: int
    kind: str
    days: int = 1


@dataclass(frozen=True)
class Written:
    """How many rows were written, and how many reviews each rater is asked for."""

    participants: int
    raters: int
    by_rater: dict[int, int]


def asked_of(
    members: Iterable[Member],
    managers: Mapping[int, Mapping[int, int]],
    skip: Mapping[int, int],
    groups: frozenset[str],
    gone: frozenset[int] = frozenset(),
) -> list[Asked]:
    """Return who is asked at a launch: everybody themselves, the managers by their days, their manager's manager.

    Who leads a person on the cycle's day but had no working day of the period is asked only where nobody had one.
    `gone` have left the company: they write no self-review and lead nobody.
    """
    found: list[Asked] = []
    for each in members:
        pk = each.employee_id
        if RaterKind.SELF in groups and pk not in gone:
            found.append(Asked(pk, pk, RaterKind.SELF))
        led = dict(managers.get(pk, {}))
        if not led and each.manager_id is not None and each.manager_id not in gone:
            led = {each.manager_id: 1}
        if RaterKind.MANAGER in groups:
            found += [Asked(pk, manager, RaterKind.MANAGER, days) for manager, days in sorted(led.items())]
        above = skip.get(pk)
        if RaterKind.SKIP_LEVEL in groups and above is not None and above not in led and above != pk:
            found.append(Asked(pk, above, RaterKind.SKIP_LEVEL))
    return found


def write(
    cycle: ReviewCycle, members: list[Member], asked: list[Asked], versions: Mapping[int, int], *, nominates: bool
) -> Written:
    """Write participants and raters of a cycle; those who are there already stay as they are."""
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "cycle": cycle.pk, "state": RaterState.ASKED,
        "nomination": NominationState.OPEN if nominates else NominationState.APPROVED,
    }  # fmt: skip
    with connection.cursor() as cursor:
        # Foreign keys that wait for the commit make a list that each audit trigger runs through again
        # (goals/bulk/writing.py): checked at the end of each statement they cost next to nothing.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_STAGE)
        lines = (
            _line(at, each.employee_id, each.unit_id, each.manager_id, versions.get(each.employee_id))
            for at, each in enumerate(members)
        )
        cursor.copy_expert(f"COPY {MEMBERS} FROM STDIN", StringIO("".join(lines)))
        lines = (_line(at, one.employee_id, one.rater_id, one.kind, one.days) for at, one in enumerate(asked))
        cursor.copy_expert(f"COPY {RATERS} FROM STDIN", StringIO("".join(lines)))
        cursor.execute(f"ANALYZE {MEMBERS}; ANALYZE {RATERS}")
        cursor.execute(_PARTICIPANTS, params)
        participants = cursor.rowcount
        cursor.execute(_RATERS, params)
        return Written(participants, cursor.rowcount, dict(Counter(one.rater_id for one in asked)))


def _line(*values: int | str | None) -> str:
    return "\t".join("\\N" if value is None else str(value) for value in values) + "\n"


def take_in(
    cycle: ReviewCycle, members: list[Member], managers: Mapping[int, Mapping[int, int]], versions: Mapping[int, int],
    workspace: Workspace,
) -> Written:  # fmt: skip
    """Take people into a cycle with everybody whom it asks by itself."""
    today = workspace.today()
    groups = dict(cycle.groups.values_list("group", "most"))
    day = people.day_of(cycle, today)
    gone = people.gone({each.manager_id for each in members if each.manager_id}, today)
    gone |= {each.employee_id for each in members if each.left_on is not None and each.left_on < today}
    skip = people.skip_levels({each.employee_id: each.manager_id for each in members}, day, today)
    asked = asked_of(members, managers, skip, frozenset(groups), frozenset(gone))
    return write(cycle, members, asked, versions, nominates=any(groups.values()))
