from django.apps import AppConfig


class ClosingConfig(AppConfig):
    name = "perfmgmt.closing"
    label = "closing"

    def ready(self) -> None:
        """Put the app's pages, jobs and checks where they belong."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.closing import drill_note, exports, notices, services, tasks
        from perfmgmt.closing.permissions import LOCK_PERIODS, SEE_PERIODS
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.metrics import drill_notes
        from perfmgmt.notify import notifications
        from perfmgmt.tenants.events import subscribe
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("periods", _("Period close"), "lock", SEE_PERIODS, group="admin", order=40))
        notifications.register(*notices.KINDS)
        drill_notes.register(drill_note.note)
        register_job(JobKind(tasks.LOCK, _("Lock of a period"), tasks.lock, LOCK_PERIODS))
        register_job(JobKind(tasks.ACCEPT, _("Late changes taken in"), tasks.accept, LOCK_PERIODS))
        register_job(JobKind(exports.EXPORT, _("Export of late changes"), exports.export, SEE_PERIODS))
        subscribe("metrics.rebuild_checked", services.on_rebuild_checked)
        subscribe("workspace.fiscal_year_changing", services.on_fiscal_year_changing)
        self._register_checks()

    def _register_checks(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.closing import checks, frozen
        from perfmgmt.closing.models import Part
        from perfmgmt.closing.registry import Check, FrozenPart, check, freeze

        freeze(FrozenPart(Part.EMPLOYEE, _("People's figures"), frozen.employee_rollups))
        freeze(FrozenPart(Part.UNIT, _("Units' figures"), frozen.unit_rollups))
        check(Check("over", _("End of the period"), checks.over, 10))
        check(Check("late_imports", _("Late imports"), checks.late_imports, 20))
        check(Check("waiting_work", _("Waiting work"), checks.waiting_work, 30))
        check(Check("refused_rows", _("Refused rows"), checks.refused_rows, 40))
        check(Check("missing_rates", _("Exchange rates"), checks.missing_rates, 50))
        check(Check("unassigned", _("Units"), checks.unassigned, 60))
