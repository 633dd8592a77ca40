"""Evidence beside a form (R5): what is known of the ratee, never more than the viewer may see.

Sources register here: goals, figures, check-ins and the last result are ours, `reviews.training` adds its own, and a
later issue praise.
A source is read only for the rater groups it names, and those marked `personal` only where the viewer may look at
the person's figures anyway; colleagues see none of these.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.functional import Promise

from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from reviews.forms.selectors import IDENTIFIED
from reviews.models import Rater, ReviewCycle


@dataclass(frozen=True)
class Asked:
    """Of whom and for which days evidence is asked, by whom."""

    rater: Rater
    viewer: Viewer
    workspace: Workspace

    @property
    def employee(self) -> Employee:
        """The ratee."""
        return self.rater.participant.employee

    @property
    def cycle(self) -> ReviewCycle:
        """The cycle, whose first and last day bound the evidence."""
        return self.rater.participant.cycle

    @property
    def today(self) -> date:
        """The day on the workspace's clock."""
        return self.workspace.today()

    @property
    def is_own(self) -> bool:
        """Whether the viewer is the ratee."""
        return self.employee.pk == self.viewer.employee_id

    @cached_property
    def opens(self) -> bool:
        """Whether the person's pages are open to the viewer today: then evidence links to them."""
        reach = visible_employees(viewer=self.viewer, on=self.today)
        return reach is None or self.employee.pk in reach

    @cached_property
    def may_see_figures(self) -> bool:
        """Whether goals and figures are for the viewer.

        Oneself; and from the identified groups who sees the person's figures today, or led them, or somebody above
        them, in the period: a manager who was changed within it reviews the days that were theirs.
        """
        if self.rater.group not in IDENTIFIED:
            return False
        return self.is_own or self.opens or self._led() or self._was_above()

    def _led(self) -> bool:
        spells = Assignment.objects.filter(employee=self.employee, manager_id=self.viewer.employee_id)
        return spells.filter(valid_from__lte=self.cycle.end, valid_to__gte=self.cycle.start).exists()

    def _was_above(self) -> bool:
        last = min(self.cycle.end, self.today)
        reach = visible_employees(viewer=self.viewer, on=last)
        return reach is None or self.employee.pk in reach


@dataclass(frozen=True)
class Item:
    """One piece: a title, a text, `value` beside it, a status code and a bar (1 = 100 % of the target)."""

    title: str
    text: str = ""
    value: str = ""
    status: str = ""
    share: float | None = None
    marker: float | None = None
    url: str = ""


@dataclass(frozen=True)
class Evidence:
    """What a source has: its pieces, where to see all of them, and a sentence when there are none."""

    title: str
    items: list[Item] = field(default_factory=list)
    empty: str = ""
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True)
class Source:
    """Where evidence comes from. `read` takes what is asked and returns evidence, or None to be left out.

    `groups` are the rater groups it is for; `personal`: it holds figures, so the viewer must be allowed to see the
    person's. A fixed number of queries.
    """

    code: str
    label: str | Promise
    read: Callable[[Asked], Evidence | None]
    groups: frozenset[str] = frozenset(IDENTIFIED)
    personal: bool = True
    order: int = 100


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source; the same code again replaces it (a test may load an app twice)."""
    _sources[source.code] = source


def sources() -> list[Source]:
    """Return the sources in their order."""
    return sorted(_sources.values(), key=lambda one: (one.order, one.code))


def evidence_for(rater: Rater, *, viewer: Viewer, workspace: Workspace) -> list[Evidence]:
    """Return what may be shown beside a rater's form, source by source."""
    asked = Asked(rater, viewer, workspace)
    found = []
    for source in sources():
        if rater.group not in source.groups or (source.personal and not asked.may_see_figures):
            continue
        one = source.read(asked)
        if one is not None:
            found.append(one)
    return found
