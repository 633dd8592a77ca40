from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "perfmgmt.workspace"
    label = "workspace"

    def ready(self) -> None:
        """Put the app's pages into the navigation and its jobs among the jobs."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.web.navigation import NavItem, register
        from perfmgmt.workspace import tasks
        from perfmgmt.workspace.permissions import EDIT_SETTINGS, SEE_CALENDAR, SEE_SETTINGS

        register(NavItem("settings", _("Settings"), "settings", SEE_SETTINGS, group="admin", order=60))
        register(NavItem("calendar", _("Working calendar"), "calendar", SEE_CALENDAR, group="admin", order=50))
        year = _("Change of the fiscal year")
        register_job(JobKind(tasks.FISCAL_YEAR, year, tasks.change_fiscal_year, EDIT_SETTINGS, tasks.superseded))
        register_job(JobKind(tasks.CONVERT, _("Conversion at corrected rates"), tasks.convert_again, EDIT_SETTINGS))
