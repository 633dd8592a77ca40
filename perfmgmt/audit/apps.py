from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "perfmgmt.audit"
    label = "audit"

    def ready(self) -> None:
        """Register the page and the export."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.audit import exports
        from perfmgmt.audit.permissions import SEE_AUDIT
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_kind
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("audit", _("Audit trail"), "history", SEE_AUDIT, group="admin", order=60))
        register_kind(JobKind(exports.KIND, _("Export of the audit trail"), exports.export, SEE_AUDIT))
