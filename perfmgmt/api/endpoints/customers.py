"""Customers and their contacts: reading them, adding and changing contacts, recording consents."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from perfmgmt.api import batch
from perfmgmt.api.access import ApiView
from perfmgmt.api.bodies import body_schema, read_body
from perfmgmt.api.endpoints.batches import KEY, REPLAYED, replayed
from perfmgmt.api.filters import ApiFilters, by_choice, by_text
from perfmgmt.api.lists import DetailView, ListView
from perfmgmt.api.schema import PROBLEM
from perfmgmt.api.scopes import CUSTOMERS_READ, CUSTOMERS_WRITE
from perfmgmt.api.serializers import ProblemSerializer
from perfmgmt.customers.models import ConsentState, Contact, Customer, Language
from perfmgmt.customers.receiving import receive_consent, receive_contact

_TEXT = {"type": "string"}


class CustomerSerializer(serializers.Serializer[Any]):
    """A customer company; `external_id` is the text by which facts name it."""

    id = serializers.IntegerField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    customer_type = serializers.CharField()
    region = serializers.CharField()
    updated_at = serializers.DateTimeField()


class ContactSerializer(serializers.Serializer[Any]):
    """A person at a customer."""

    id = serializers.IntegerField()
    customer = serializers.CharField(source="customer.external_id", default=None, allow_null=True)
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    language = serializers.ChoiceField(choices=Language.values)
    time_zone = serializers.CharField(help_text=_("Empty: that of the workspace"))
    title = serializers.CharField()
    consent = serializers.ChoiceField(choices=["", *ConsentState.values], help_text=_("Empty: not asked"))
    consent_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class ContactChanges(serializers.Serializer[Any]):
    """What may be said of a contact; what is left out stays as it is."""

    customer = serializers.CharField(max_length=200, allow_blank=True, required=False, trim_whitespace=False)
    name = serializers.CharField(max_length=120, required=False, trim_whitespace=False)
    email = serializers.EmailField(max_length=254, required=False, trim_whitespace=False)
    phone = serializers.CharField(max_length=40, allow_blank=True, required=False, trim_whitespace=False)
    language = serializers.ChoiceField(choices=Language.values, required=False)
    time_zone = serializers.CharField(max_length=60, allow_blank=True, required=False, trim_whitespace=False)
    title = serializers.CharField(max_length=120, allow_blank=True, required=False, trim_whitespace=False)


class NewContact(ContactChanges):
    """A contact to add has a name."""

    name = serializers.CharField(max_length=120, trim_whitespace=False)


class NewConsent(serializers.Serializer[Any]):
    """What the contact said, when, and from where that is known."""

    state = serializers.ChoiceField(choices=ConsentState.values)
    source = serializers.CharField(max_length=120, trim_whitespace=False)
    proof = serializers.CharField(max_length=1000, allow_blank=True, required=False, trim_whitespace=False)


CONTACT_BODY: dict[str, Any] = {
    "customer": _TEXT | {"maxLength": 200, "description": _("The id in your systems; empty: no customer")},
    "name": _TEXT | {"minLength": 1, "maxLength": 120, "pattern": r"\S"},
    "email": _TEXT | {"format": "email", "maxLength": 254},
    "phone": _TEXT | {"maxLength": 40},
    "language": _TEXT | {"enum": Language.values},
    "time_zone": _TEXT | {"maxLength": 60, "description": _("Such as Asia/Shanghai")},
    "title": _TEXT | {"maxLength": 120},
}
CONSENT_BODY: dict[str, Any] = {
    "state": _TEXT | {"enum": ConsentState.values},
    "source": _TEXT | {"minLength": 1, "maxLength": 120, "pattern": r"\S"},
    "proof": _TEXT | {"maxLength": 1000},
}


class ContactFilters(ApiFilters):
    """Which contacts."""

    customer = by_text(_("The customer's id in your systems"), 200, field_name="customer__external_id")
    email = by_text(_("Email, in lower case"), 254, field_name="email")
    consent = by_choice(_("What was agreed to"), *ConsentState.values, field_name="consent")
    sort = by_choice(
        _("Order; “updated” brings what was changed last at the end"), "id", "name", "updated", method="as_is"
    )


class CustomerFilters(ApiFilters):
    """Which customers."""

    external_id = by_text(_("The customer's id in your systems"), 200, field_name="external_id")
    sort = by_choice(
        _("Order; “updated” brings what was changed last at the end"), "id", "name", "updated", method="as_is"
    )


ORDERS: dict[str, tuple[str, ...]] = {"id": ("id",), "name": ("name_key", "id"), "updated": ("updated_at", "id")}


def _living() -> QuerySet[Contact]:
    return Contact.objects.select_related("customer").filter(erased_at=None, merged_into=None)


@extend_schema(summary=_("List customers"), tags=["customers"])
class CustomersView(ListView):
    """Companies, those that were merged away left out."""

    scope = CUSTOMERS_READ
    model = Customer
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilters
    orders: ClassVar[dict[str, tuple[str, ...]]] = ORDERS

    def rows(self) -> QuerySet[Any]:
        return Customer.objects.filter(merged_into=None)


@extend_schema(summary=_("List contacts"), tags=["customers"])
class ContactsView(ListView):
    """Contacts with what they agreed to; erased and merged ones are left out."""

    scope = CUSTOMERS_READ
    model = Contact
    serializer_class = ContactSerializer
    filterset_class = ContactFilters
    orders: ClassVar[dict[str, tuple[str, ...]]] = ORDERS

    def rows(self) -> QuerySet[Any]:
        return _living()


@extend_schema(summary=_("Read one contact"), tags=["customers"])
class ContactView(DetailView):
    """One contact by id."""

    scope = CUSTOMERS_READ
    model = Contact
    serializer_class = ContactSerializer
    key = ("contact_id", "pk")

    def rows(self) -> QuerySet[Any]:
        return _living()


_REFUSED: dict[Any, Any] = {
    (404, PROBLEM): OpenApiResponse(ProblemSerializer, _("There is no such contact, customer or time zone")),
    (409, PROBLEM): OpenApiResponse(
        ProblemSerializer, _("The email belongs to another contact, or the same key is being worked on")
    ),
    (413, PROBLEM): OpenApiResponse(ProblemSerializer, _("The body is too large")),
    (415, PROBLEM): OpenApiResponse(ProblemSerializer, _("The body is not JSON")),
    (422, PROBLEM): OpenApiResponse(ProblemSerializer, _("This key was used with another body")),
}
_PARAMETERS: list[OpenApiParameter] = [KEY, replayed(200)]


class _Writing(ApiView):
    """One write of the API, done once for its key; `what` tells its keys from those of others."""

    scope = CUSTOMERS_WRITE
    what: ClassVar[str]
    body_hash = ""  # of the body as it came; set by the parser

    def write(self, body: Any, contact_id: int | None) -> Contact:
        """Do it and return the contact."""
        raise NotImplementedError

    def once(self, request: Request, contact_id: int | None = None) -> HttpResponse:
        """Answer with the contact as it is afterwards."""
        key, body = batch.key_of(request.META.get("HTTP_IDEMPOTENCY_KEY")), request.data

        def work() -> dict[str, Any]:
            contact = self.write(body, contact_id)
            return ContactSerializer(_living().get(pk=contact.pk)).data

        stamp = f"{self.what}:{contact_id or 0}:{self.body_hash}"[:64]
        answer, known = batch.answer_once(self.caller, key, stamp, work)
        headers = {REPLAYED: "true" if known else "false"}
        return HttpResponse(answer, content_type="application/json", headers=headers)


class ContactAdd(_Writing):
    """A new contact."""

    what = "add"

    @extend_schema(
        operation_id="contact_add", summary=_("Add a contact"), tags=["customers"], parameters=_PARAMETERS,
        description=_("Send the same Idempotency-Key again when you did not hear the answer: nothing is done twice."),
        request={"application/json": body_schema(NewContact, **CONTACT_BODY)},
        responses={200: ContactSerializer, **_REFUSED},
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Add a contact."""
        return self.once(request)

    def write(self, body: Any, contact_id: int | None) -> Contact:
        return receive_contact(None, read_body(body, NewContact))


class ContactChange(_Writing):
    """Changes of a contact."""

    what = "change"

    @extend_schema(
        operation_id="contact_change", summary=_("Change a contact"), tags=["customers"], parameters=_PARAMETERS,
        description=_("What is left out stays as it is."),
        request={"application/json": body_schema(ContactChanges, **CONTACT_BODY)},
        responses={200: ContactSerializer, **_REFUSED},
    )  # fmt: skip
    def post(self, request: Request, contact_id: int) -> HttpResponse:
        """Change a contact; raise NotFound for one of another workspace."""
        return self.once(request, contact_id)

    def write(self, body: Any, contact_id: int | None) -> Contact:
        return receive_contact(contact_id, read_body(body, ContactChanges))


class ContactConsent(_Writing):
    """What a contact agreed to."""

    what = "consent"

    @extend_schema(
        operation_id="contact_consent", summary=_("Record a consent"), tags=["customers"], parameters=_PARAMETERS,
        description=_("The entry holds from now on and can't be changed; a later one takes its place."),
        request={"application/json": body_schema(NewConsent, **CONSENT_BODY)},
        responses={200: ContactSerializer, **_REFUSED},
    )  # fmt: skip
    def post(self, request: Request, contact_id: int) -> HttpResponse:
        """Record a consent; raise NotFound for a contact of another workspace."""
        return self.once(request, contact_id)

    def write(self, body: Any, contact_id: int | None) -> Contact:
        given = read_body(body, NewConsent)
        entry = receive_consent(contact_id or 0, state=given["state"], source=given["source"],
                                proof=given.get("proof", ""), at=timezone.now())  # fmt: skip
        return entry.contact
