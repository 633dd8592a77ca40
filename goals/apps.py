from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "goals"

    def ready(self) -> None:
        """Put the app's pages into the navigation."""
        from django.utils.translation import gettext_lazy as _

        from goals import handover
        from goals.permissions import SEE_TARGETS
        from perfmgmt.people.handover import register as register_handover
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("targets", _("Targets"), "target-arrow", SEE_TARGETS, order=20))
        register_handover(handover.KIND)
