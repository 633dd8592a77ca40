"""What remarks hang into the rest: navigation, export, a person's tab, a contact's page, contacts that change."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.customers import actions, erasing, merging
from perfmgmt.jobs.registry import JobKind
from perfmgmt.jobs.registry import register as register_job
from perfmgmt.people.tabs import PersonTab
from perfmgmt.people.tabs import register as register_tab
from perfmgmt.web.navigation import NavItem, register
from reviews.permissions import SEE_REMARKS
from reviews.remarks import exports, services


def install() -> None:
    """Register everything; called once, from `AppConfig.ready()`."""
    register(NavItem("remarks", _("Remarks and interviews"), "messages", SEE_REMARKS, group="customers", order=40))
    register_tab(PersonTab("person_remarks", _("Remarks"), SEE_REMARKS, order=62))
    register_job(JobKind(exports.EXPORT, _("Export of remarks"), exports.export_remarks, SEE_REMARKS))
    actions.register(actions.ContactAction("contact_remarks", _("Remarks"), "messages", SEE_REMARKS))
    merging.register(services.on_merged)
    erasing.register(services.on_erased)
