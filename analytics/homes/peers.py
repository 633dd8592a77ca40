"""Where a sales assistant stands among the people of the same manager, as far as the workspace lets them see (T5)."""

from dataclasses import dataclass

from analytics.homes.board import Line, ranked_people
from analytics.homes.scope import HomeScope
from perfmgmt.people.models import Assignment
from perfmgmt.tenants.models import RankingVisibility


@dataclass(frozen=True)
class PeerRanking:
    """The places one may see: `lines` best first, one's own always among them, of `count` people."""

    lines: list[Line]
    mine: Line
    count: int


def peer_ranking(scope: HomeScope, employee_id: int) -> PeerRanking | None:
    """Return one's place among those who have the same manager on the period's last day; None without a team
    or without a fact: who does something else has no place.

    The workspace decides what is in `lines`: everybody's places, the best ones and one's own, or one's own only.
    """
    then = Assignment.objects.filter(valid_from__lte=scope.as_of, valid_to__gte=scope.as_of)
    leaders = then.filter(employee_id=employee_id, manager__isnull=False).values("manager_id")
    people = list(
        then.filter(manager_id__in=leaders).values_list("employee_id", "employee__name", "employee__number")
    )
    if len(people) < 2:
        return None
    lines = ranked_people(scope, people)
    mine = next(line for line in lines if line.id == employee_id)
    if not mine.n:
        return None
    shown = {
        RankingVisibility.EVERYBODY: len(lines),
        RankingVisibility.TOP: scope.workspace.ranking_top,
        RankingVisibility.OWN: 0,
    }[RankingVisibility(scope.workspace.ranking_visibility)]
    return PeerRanking([line for line in lines if line.place <= shown or line is mine], mine, len(lines))
