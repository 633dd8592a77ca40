"""The lists of customers and contacts as files, made by jobs with the rights of who asked."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.customers import selectors
from perfmgmt.customers.models import ConsentState, Contact
from perfmgmt.customers.permissions import SEE_CUSTOMERS
from perfmgmt.customers.services import owners_on
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv, write_xlsx

CUSTOMERS, CONTACTS = "customers.export", "contacts.export"
CHUNK = 2000


def _writer(params: Mapping[str, Any]) -> tuple[Callable[..., dict[str, Any]], str]:
    return (write_xlsx, "xlsx") if params.get("format") == "xlsx" else (write_csv, "csv")


def export_customers(context: JobContext) -> dict[str, Any]:
    """Write customers as they are filtered and sorted (params: query, language, format csv or xlsx)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_CUSTOMERS)
        wanted = selectors.read(context.params["query"])
        found: QuerySet[Any] = selectors.customers(wanted, viewer=viewer, on=workspace.today())
        header = [_t("Id in your systems"), _t("Name"), _t("Customer type"), _t("Region"), _t("Looked after by"),
                  _t("Contacts"), _t("Note")]  # fmt: skip
        rows = (
            (c.external_id, c.name, c.customer_type, c.region, c.owner_name or "", c.people or 0, c.note)
            for c in found.iterator(chunk_size=CHUNK)
        )
        write, ending = _writer(context.params)
        return write(context, f"customers-{workspace.today()}.{ending}", header, rows, total=found.count())


def export_contacts(context: JobContext) -> dict[str, Any]:
    """Write the contacts that the asker sees in full (params as above), with columns that the import takes back."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_CUSTOMERS)
        today = workspace.today()
        wanted = selectors.read(context.params["query"], sorts=selectors.CONTACT_SORTS)
        found = selectors.contacts(wanted, viewer=viewer, on=today)
        owners = owners_on(found.order_by().exclude(customer=None).values_list("customer_id", flat=True), today)
        header = [_t("Customer"), _t("Id in your systems"), _t("Name"), _t("Email"), _t("Phone"), _t("Language"),
                  _t("Time zone"), _t("Position"), _t("Consent"), _t("Owner's employee number")]  # fmt: skip
        words = {state: str(word) for state, word in ConsentState.choices}

        def row(each: Contact) -> tuple[str, ...]:
            company, owner = each.customer, owners.get(each.customer_id or 0)
            return (
                company.name if company else "", company.external_id if company else "", each.name, each.email,
                each.phone, each.language, each.time_zone, each.title, words.get(each.consent, ""),
                owner.number if owner else "",
            )  # fmt: skip

        write, ending = _writer(context.params)
        rows = (row(each) for each in found.iterator(chunk_size=CHUNK))
        return write(context, f"contacts-{today}.{ending}", header, rows, total=found.count())
