from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "goals"

    def ready(self) -> None:
        """Put the app's pages into the navigation, its targets into locked periods, and tell the metrics of them."""
        from django.utils.translation import gettext_lazy as _

        from goals import closing, exports, gaps, goal_handover, handover, notices
        from goals.agreement import exports as agreement_exports
        from goals.agreement import notices as agreement_notices
        from goals.bulk import tasks as bulk
        from goals.check_ins import registration as check_ins
        from goals.grid import exports as grid_exports
        from goals.locking import services as locking
        from goals.permissions import EDIT_GOALS, MANAGE_GOALS, SEE_GOALS, SEE_TARGETS, SET_TARGETS
        from goals.selectors import unit_targets, uses_of
        from perfmgmt.closing.models import Part
        from perfmgmt.closing.registry import Check, FrozenPart, check, freeze
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.metrics import targets, usage
        from perfmgmt.notify import notifications
        from perfmgmt.people.gaps import register as register_gap
        from perfmgmt.people.handover import register as register_handover
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("goals", _("Goals"), "target-arrow", SEE_GOALS, group="goals", order=20))
        register(NavItem("target_grid", _("Target grid"), "table", SET_TARGETS, group="goals", order=21))
        register(NavItem("targets", _("Targets"), "list", SEE_TARGETS, group="goals", order=22))
        freeze(FrozenPart(Part.TARGET, _("Targets"), closing.targets_of))
        check(Check("missing_targets", _("Targets"), closing.missing_targets, 70))
        register_job(JobKind(exports.TARGETS, _("Export of targets"), exports.export_targets, SEE_TARGETS))
        register_job(
            JobKind(grid_exports.GRID, _("Export of the target grid"), grid_exports.export_grid, SET_TARGETS)
        )
        register_job(
            JobKind(agreement_exports.GOALS, _("Export of goals"), agreement_exports.export_goals, SEE_GOALS)
        )
        register_job(JobKind(locking.LOCK, _("Locking of goals"), locking.lock_goals, MANAGE_GOALS))
        check(Check("goals_not_agreed", _("Goals"), closing.goals_not_agreed, 75))
        # Bulk assignment: one job for thousands of goals.
        register_job(JobKind(bulk.KIND, _("Assigning goals"), bulk.run, EDIT_GOALS, result_template=bulk.RESULT))
        targets.register(unit_targets)
        usage.register("goals.targets", uses_of)
        register_handover(handover.KIND)
        register_handover(goal_handover.KIND)
        notifications.register(*notices.KINDS, *agreement_notices.KINDS)
        register_gap(gaps.TARGET)
        check_ins.install()
        self._register_plans()
        self._register_duties()

    def _register_plans(self) -> None:
        """Register action plans: navigation, export, handover, notifications, palette, uses of metrics, reminders."""
        from django.utils.translation import gettext_lazy as _

        from goals.permissions import SEE_PLANS
        from goals.plans import exports, finding, handover, notices, tasks, usage  # noqa: F401 - tasks for the worker
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.metrics import usage as metric_usage
        from perfmgmt.notify import notifications
        from perfmgmt.people.handover import register as register_handover
        from perfmgmt.web import palette
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("plans", _("Plans"), "checklist", SEE_PLANS, group="goals", order=23))
        register_job(JobKind(exports.EXPORT, _("Export of plans"), exports.export_plans, SEE_PLANS))
        register_handover(handover.KIND)
        notifications.register(*notices.KINDS)
        palette.register(finding.SOURCE)
        metric_usage.register("goals.plans", usage.uses_of)

    def _register_duties(self) -> None:
        """Register what goals add to duties: metrics and time on a position's page, a person's tab, the export."""
        from django.utils.translation import gettext_lazy as _

        from goals.duties import exports, position, services, usage
        from goals.permissions import SEE_COVERAGE, SEE_TARGETS
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.metrics import usage as metric_usage
        from perfmgmt.people.duties.parts import register_column, register_part
        from perfmgmt.people.tabs import PersonTab
        from perfmgmt.people.tabs import register as register_tab
        from perfmgmt.tenants.events import subscribe

        register_column(position.COLUMN)
        register_part(position.PART)
        register_tab(PersonTab("person_duties", _("Duties"), SEE_TARGETS, order=35))
        register_job(JobKind(exports.EXPORT, _("Export of duties and goals"), exports.export_coverage, SEE_COVERAGE))
        metric_usage.register("goals.duties", usage.uses_of)
        subscribe("people.duties_installed", services.on_duties_installed)
