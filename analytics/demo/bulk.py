"""Templates of goals in the demo company, and drafts of the next quarter that HR gave to the hunters in one go."""

from goals.bulk.tasks import KIND
from goals.models import GoalTemplate
from goals.template_sets.services import install_pack
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period


def templates_and_drafts(viewer: Viewer, workspace: Workspace, language: str) -> Job:
    """Add the ready templates and queue the drafts of the next quarter; return the job. Needs the scope."""
    install_pack()
    template = GoalTemplate.objects.filter(sales_role_type="hunter").earliest("pk")
    period = Period.containing(Grain.QUARTER, workspace.today(), workspace.fiscal_start_month).next()
    query = {
        "what": "template", "template": str(template.pk), "period": period.label, "type": "hunter", "then": "draft"
    }  # fmt: skip
    return jobs.start(KIND, {"query": query, "language": language}, user_id=viewer.user_id)
