from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "perfmgmt.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Listen to the sweep: jobs whose worker died are started again."""
        from perfmgmt.jobs import handover, notices, services
        from perfmgmt.notify import notifications
        from perfmgmt.people.handover import register
        from perfmgmt.tenants.events import subscribe

        subscribe("tenants.sweep", services.on_sweep)
        register(handover.KIND)
        notifications.register(*notices.KINDS)
        self._register_pages()

    def _register_pages(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs import finding
        from perfmgmt.jobs.permissions import SEE_JOBS
        from perfmgmt.web import palette
        from perfmgmt.web.navigation import NavItem, register

        palette.register(finding.SOURCE)

        register(NavItem("jobs", _("Jobs"), "list-check", SEE_JOBS, group="admin", order=40))
