from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self) -> None:
        """Put the app's pages into the navigation."""
        from django.utils.translation import gettext_lazy as _

        from analytics.permissions import SEE_HOME
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("home", _("Home"), "layout-dashboard", SEE_HOME, order=10))
