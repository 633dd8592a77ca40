from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self) -> None:
        """Put the app's pages into the navigation, and its jobs among the jobs."""
        from django.utils.translation import gettext_lazy as _

        from analytics.homes import ranking
        from analytics.permissions import SEE_HOME, SEE_PERSON
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.people.tabs import PersonTab
        from perfmgmt.people.tabs import register as register_tab
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("home", _("Home"), "layout-dashboard", SEE_HOME, order=10))
        register_job(JobKind(ranking.KIND, _("Export of a ranking"), ranking.export, SEE_HOME))
        register_tab(PersonTab("person", _("Figures"), SEE_PERSON, order=10))
