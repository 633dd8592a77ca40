from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "goals"

    def ready(self) -> None:
        """Put the app's pages into the navigation, its targets into locked periods, and tell the metrics of them."""
        from django.utils.translation import gettext_lazy as _

        from goals import closing, exports, gaps, handover, notices
        from goals.permissions import SEE_TARGETS
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

        register(NavItem("targets", _("Targets"), "target-arrow", SEE_TARGETS, order=20))
        freeze(FrozenPart(Part.TARGET, _("Targets"), closing.targets_of))
        check(Check("missing_targets", _("Targets"), closing.missing_targets, 70))
        register_job(JobKind(exports.TARGETS, _("Export of targets"), exports.export_targets, SEE_TARGETS))
        targets.register(unit_targets)
        usage.register("goals.targets", uses_of)
        register_handover(handover.KIND)
        notifications.register(*notices.KINDS)
        register_gap(gaps.TARGET)
