from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "perfmgmt.customers"
    label = "customers"

    def ready(self) -> None:
        """Put the pages into the navigation, the exports among the jobs, and customers into the palette."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.customers import exports, finding, handover
        from perfmgmt.customers.permissions import SEE_CUSTOMERS
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.people.handover import register as register_handover
        from perfmgmt.web import palette
        from perfmgmt.web.navigation import NavItem, register

        register(NavItem("customers", _("Customers"), "building-store", SEE_CUSTOMERS, group="customers", order=35))
        register_job(JobKind(exports.CUSTOMERS, _("Export of customers"), exports.export_customers, SEE_CUSTOMERS))
        register_job(JobKind(exports.CONTACTS, _("Export of contacts"), exports.export_contacts, SEE_CUSTOMERS))
        palette.register(finding.SOURCE)
        register_handover(handover.KIND)
