from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "goals"

    def ready(self) -> None:
        """Put the app's pages into the navigation, and say what the metrics below need to know of targets."""
        from django.utils.translation import gettext_lazy as _

        from goals.permissions import SEE_TARGETS
        from goals.selectors import unit_targets, uses_of
        from perfmgmt.metrics import targets, usage
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("targets", _("Targets"), "target-arrow", SEE_TARGETS, order=20))
        targets.register(unit_targets)
        usage.register("goals.targets", uses_of)
