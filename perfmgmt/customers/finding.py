"""Customers in the command palette."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.permissions import SEE_CUSTOMERS
from perfmgmt.customers.selectors import Wanted, customers
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.web.palette import MOST_HITS, Hit, Source


def find(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return the customers that the viewer sees, by name, pinyin, id or contact; two queries."""
    if not text or not request.viewer.may(SEE_CUSTOMERS):
        return []
    slug = request.workspace.slug
    found = customers(Wanted(search=text), viewer=request.viewer, on=request.workspace.today())[:MOST_HITS]
    return [
        Hit(reverse("customer", args=[slug, each.pk]), each.name, each.region, "building-store") for each in found
    ]


SOURCE = Source("customers", _("Customers"), find, order=25)
