"""Which scorecard counts for whom (R1): by position and sales role type, in one query for any number of people."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

# A scorecard that was archived after a period still counts for it: what was computed by it stays explained. Of two
# for the same people (the archived one and its successor) the one in use wins.
_MATCH = """
    WITH place AS (
        SELECT DISTINCT ON (employee_id) employee_id, position_id, sales_role_type
        FROM people_assignment
        WHERE tenant_id = %(tenant)s AND valid_from <= %(day)s AND valid_to >= %(first)s
            AND (%(everybody)s OR employee_id = ANY(%(people)s))
        ORDER BY employee_id, valid_from DESC),
    card AS (
        SELECT DISTINCT ON (s.id) s.id, s.position_id, s.sales_role_type, s.archived_at, v.id AS version_id
        FROM reviews_scorecard s
        JOIN reviews_scorecardversion v ON v.tenant_id = s.tenant_id AND v.scorecard_id = s.id
        WHERE s.tenant_id = %(tenant)s AND s.rhythm = %(grain)s
            AND (s.archived_at IS NULL OR s.archived_at >= %(over)s)
            AND v.state = 'published' AND v.valid_from <= %(start)s
        ORDER BY s.id, v.number DESC)
    SELECT DISTINCT ON (place.employee_id) place.employee_id, card.version_id
    FROM place JOIN card ON (card.position_id IS NULL OR card.position_id = place.position_id)
        AND card.sales_role_type IN ('', place.sales_role_type)
    ORDER BY place.employee_id, (card.position_id IS NULL), (card.sales_role_type = ''),
        (card.archived_at IS NOT NULL), card.id DESC
"""


def scorecard_for(
    employee_ids: Collection[int] | None, grain: int, start: date, *, workspace: Workspace | None = None
) -> dict[int, int]:
    """Return the version of the scorecard that counts for each person in a period, as employee_id -> version_id.

    `employee_ids` None: everybody. By position and sales role type of the assignment on the period's last day (or
    today, if that is earlier); who left during the period is taken by their last assignment in it. Position and type
    beat position alone, that beats type alone, that beats the scorecard for everybody. Of a scorecard the newest
    published version counts whose `valid_from` is not after `start`. Who has none is not in the answer.

    One query, or three without `workspace` (whose clock and time zone are needed).
    """
    workspace = workspace or workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    end = Period(Grain(grain), start, workspace.fiscal_start_month).end
    day = min(end, workspace.today())
    values: dict[str, Any] = {
        "tenant": current_tenant_id(), "grain": int(grain), "start": start, "day": day, "first": min(start, day),
        "over": datetime.combine(end + timedelta(days=1), time(), ZoneInfo(workspace.time_zone)),
        "everybody": employee_ids is None, "people": sorted(employee_ids or ()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, values)
        return dict(cursor.fetchall())
