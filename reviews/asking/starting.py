"""A survey that somebody starts for one contact: for development, never scored, within budget and consent."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.access import contact_of
from perfmgmt.customers.models import Contact
from perfmgmt.customers.selectors import chosen_contact
from perfmgmt.customers.services import owners_on
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from reviews.asking import reaching, sampling
from reviews.asking.choosing import DRAW, Occurrence, Wish, hold, invitation
from reviews.asking.sampling import Candidate
from reviews.asking.suppressed import suppressed_addresses
from reviews.asking.triggers import published_of
from reviews.mailing import links
from reviews.models import (
    AskChannel,
    AskOrigin,
    InvitationState,
    SkipReason,
    Survey,
    SurveyInvitation,
    SurveyState,
    SurveyVersionState,
)
from reviews.permissions import START_SURVEYS

# One sentence for the whole budget: which of its limits stands in the way would say when the system asked.
LATER = _("Surveys to one person are spaced out over all surveys, so this contact can't be asked now. Try later.")


class CantAsk(DomainError):
    """A contact who can't be asked; the code is the reason for skipping."""

    code = "cant_ask"


class NoAddress(DomainError):
    """Nobody has told the site where it is, so it can't make links."""

    code = "no_address"
    message = _("This site does not know its own address, so there are no links. Its operator sets SITE_URL.")


def startable() -> list[Survey]:
    """Return the surveys that may be started: open, with a published version."""
    found = Survey.objects.filter(state=SurveyState.OPEN, versions__state=SurveyVersionState.PUBLISHED)
    return list(found.order_by("pk"))


@dataclass(frozen=True)
class Handed:
    """An invitation that is handed over, and its link, which is told once, here. `name` is the person's."""

    invitation: SurveyInvitation
    url: str
    name: str


@transaction.atomic
def start(
    contact_id: int, survey_id: int, *, viewer: Viewer, workspace: Workspace, now: datetime
) -> SurveyInvitation:
    """Ask a contact whom the viewer sees in full by mail; whoever looks after the company today is what it is about.

    Raises NotAllowed, NotFound (contact, survey), CantAsk.
    """
    contact = _held(contact_id, viewer, workspace, now)
    _require_agreed(contact, AskChannel.MAIL)
    return _made(contact, survey_id, AskChannel.MAIL, viewer=viewer, workspace=workspace, now=now)


@transaction.atomic
def start_by_link(contact_id: int, survey_id: int, *, viewer: Viewer, workspace: Workspace, now: datetime) -> Handed:
    """Ask a contact whom the viewer sees in full by a link that the viewer hands over, also without an address.

    While such an invitation is open, the same again makes another link to it (and no other invitation); those that
    were made before stay valid, as those of earlier mails do. Raises NotAllowed, NotFound, CantAsk, and NoAddress
    where the operator has not said where the site is.
    """
    if not links.base_url():
        raise NoAddress
    contact = _held(contact_id, viewer, workspace, now)
    _require_agreed(contact, AskChannel.LINK)
    made = _open_by_link(contact, survey_id, now)
    if made is None:
        made = _made(contact, survey_id, AskChannel.LINK, viewer=viewer, workspace=workspace, now=now)
    return Handed(made, links.address(links.new_link(made), workspace.id), contact.name)


def _held(contact_id: int, viewer: Viewer, workspace: Workspace, now: datetime) -> Contact:
    """Return the living contact, read anew and kept as it is; nobody else chooses until the transaction ends."""
    if not viewer.may(START_SURVEYS):
        raise NotAllowed
    seen = contact_of(contact_id, viewer=viewer, on=workspace.today(now))
    hold(workspace)
    rows = Contact.objects.select_for_update(no_key=True, of=("self",)).select_related("customer")
    contact = rows.filter(pk=seen.pk).first()
    if contact is None or not contact.is_living:
        raise NotFound
    return contact


def _require_agreed(contact: Contact, channel: AskChannel) -> None:
    """Raise CantAsk without an address (for mail), without consent, or for an address that gets no more surveys."""
    whom = chosen_contact([contact], by_link=channel == AskChannel.LINK)
    if whom.contact is None:
        raise CantAsk(SkipReason(whom.why).label, code=whom.why)
    if contact.email and suppressed_addresses({contact.email}):
        raise CantAsk(SkipReason.SUPPRESSED.label, code=SkipReason.SUPPRESSED)


def _open_by_link(contact: Contact, survey_id: int, now: datetime) -> SurveyInvitation | None:
    """Return the invitation of a contact that was handed over and is not answered; its survey must be open."""
    found = SurveyInvitation.objects.filter(
        contact=contact, survey_id=survey_id, origin=AskOrigin.ASSISTANT, channel=AskChannel.LINK, expires_at__gt=now,
        state__in=(InvitationState.MAILED, InvitationState.STARTED), survey__state=SurveyState.OPEN,
    )  # fmt: skip
    return found.order_by("-pk").first()


def _made(
    contact: Contact, survey_id: int, channel: AskChannel, *, viewer: Viewer, workspace: Workspace, now: datetime
) -> SurveyInvitation:
    """Write the invitation, if the budget has room. A link is handed over at once; a mail is written by workers."""
    version, today = published_of(survey_id), workspace.today(now)
    if version is None:
        raise NotFound
    _require_room(contact, survey_id, workspace, now)
    company = contact.customer
    owner = owners_on([company.pk], today).get(company.pk) if company is not None else None
    about = Occurrence(
        contact.pk, today, owner.pk if owner is not None else viewer.employee_id,
        company.external_id if company is not None else "", company.customer_type if company is not None else "",
        region=company.region if company is not None else "",
    )  # fmt: skip
    made = invitation(Wish(version, AskOrigin.ASSISTANT), about, contact, now, channel=channel)
    if channel == AskChannel.LINK:
        made.state, made.mailed_at = InvitationState.MAILED, now
    made.save()
    return made


def _require_room(contact: Contact, survey_id: int, workspace: Workspace, now: datetime) -> None:
    today, limits = workspace.today(now), reaching.limits_of(any_age=True)
    one = Candidate(contact.pk, today, None, contact.pk, contact.email)
    past = reaching.past_of([one], limits, survey_id=survey_id, workspace=workspace, now=now)
    why = sampling.decide([one], limits, past, today=today, draw=DRAW)[contact.pk]
    # Once a year: who may use up the whole budget of a customer decides that the system never asks this one.
    started = SurveyInvitation.objects.filter(
        contact=contact, origin=AskOrigin.ASSISTANT, chosen_at__gt=now - sampling.YEAR
    )
    if why or started.exclude(state=InvitationState.CANCELLED).exists():
        raise CantAsk(LATER, code=why or SkipReason.FATIGUE)
