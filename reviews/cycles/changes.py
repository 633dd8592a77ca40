"""What happens to open cycles when assignments change (event `people.assignments_changed`)."""

from collections.abc import Iterable
from datetime import date

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from reviews.cycles import notices
from reviews.cycles.services import reviewers_changed
from reviews.models import CycleState, Participant


def on_assignments_changed(*, employee_ids: Iterable[int], first_day: date, last_day: date) -> None:
    """A manager may have changed while a cycle is open: new ones are asked, the old ones stay, HR is told."""
    found = list(
        Participant.objects.select_for_update(of=("self",))
        .select_related("cycle", "employee")
        .filter(employee_id__in=list(employee_ids), cycle__state=CycleState.OPEN, dropped_at=None)
        .order_by("pk")
    )
    if not found:
        return
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    for participant in found:
        before = participant.manager_id
        made = reviewers_changed(participant, participant.cycle, workspace=workspace)
        notices.tell_asked(participant.cycle, dict.fromkeys(made, 1), workspace)
        if made or participant.manager_id != before:
            _tell(participant)


def _tell(participant: Participant) -> None:
    name = Employee.objects.filter(pk=participant.manager_id or 0).values_list("name", flat=True).first() or "—"
    notices.tell_manager_changed(participant.cycle, participant.pk, name=participant.employee.name, manager=name)
