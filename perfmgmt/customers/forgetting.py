"""Erasing a contact (T8): what names the person goes, here, in other apps and in the trail; figures stay."""

from django.db import connection, transaction
from django.utils import timezone

from perfmgmt.customers import erasing
from perfmgmt.customers.models import Consent, Contact
from perfmgmt.customers.services import locked_contacts, require_manage
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict
from perfmgmt.web.attachments import forget

# What of a contact and of a consent may name the person, with what is derived from it.
PERSONAL = ("name", "name_key", "match_key", "email", "email_key", "phone", "phone_key", "title", "note")
PROVING = ("source", "proof", "path", "file_name", "kind", "sha256")


@transaction.atomic
def erase_contact(contact_id: int, *, viewer: Viewer) -> None:
    """Erase a contact and those that were merged into it, for good. Raises NotAllowed, NotFound, Conflict.

    Other apps are asked first (`erasing.register`). Name, address, number, notes, proofs with their files, and the
    same in the audit trail are emptied; that a contact was there, and when it was erased, stays.
    """
    require_manage(viewer)
    family = sorted({contact_id, *Contact.objects.filter(merged_into_id=contact_id).values_list("pk", flat=True)})
    rows = locked_contacts(*family)
    if not rows[contact_id].is_living:
        raise Conflict
    for pk in family:
        erasing.erased(pk)
    consents = Consent.objects.filter(contact_id__in=family)
    for path in consents.exclude(path="").values_list("path", flat=True):
        forget(path)
    consents.update(size=0, **dict.fromkeys(PROVING, ""))
    now = timezone.now()
    Contact.objects.filter(pk__in=family).update(
        erased_at=now, updated_at=now, time_zone="", **dict.fromkeys(PERSONAL, "")
    )
    with connection.cursor() as cursor:
        for pk in family:
            cursor.execute("SELECT customers_forget(%s)", [pk])
