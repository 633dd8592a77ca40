from django.apps import AppConfig


class WorklogConfig(AppConfig):
    name = "perfmgmt.worklog"
    label = "worklog"

    def ready(self) -> None:
        """Put the app's pages, its export and its line of the checklist where they belong."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.closing.registry import Check, check
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.notify import notifications
        from perfmgmt.tenants.events import subscribe
        from perfmgmt.web.navigation import NavItem, register
        from perfmgmt.worklog import checks, exports, notices, services
        from perfmgmt.worklog.permissions import SEE_APPROVALS, WRITE_LOG

        register(NavItem("log", _("Work log"), "notebook", WRITE_LOG, order=40))
        register(NavItem("approvals", _("Approvals"), "checks", SEE_APPROVALS, order=45))
        notifications.register(*notices.KINDS)
        register_job(JobKind(exports.EXPORT, _("Export of work logs"), exports.export, SEE_APPROVALS))
        subscribe("tenants.workspace_created", services.on_workspace_created)
        check(Check("open_approvals", _("Approvals"), checks.open_approvals, 25))
