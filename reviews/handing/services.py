"""Writes of links to hand over: shown, marked as handed over, taken back, given up after their time."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.models import ConsentState
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.web import formats
from reviews.asking.calling_off import call_off
from reviews.asking.choosing import BATCH, LASTS
from reviews.asking.starting import Handed, NoAddress
from reviews.handing.selectors import visible_links
from reviews.mailing import links
from reviews.mailing.writing import CONSENT_REASONS, asked
from reviews.models import (
    AskChannel,
    AskOrigin,
    HandedHow,
    InvitationState,
    SkipReason,
    SurveyHandover,
    SurveyInvitation,
    SurveyState,
)
from reviews.permissions import MANAGE_SURVEYS

#: An invitation lives no longer than this after the system chose, however late its link is handed over.
AT_MOST = 2 * LASTS
OPEN = (InvitationState.CHOSEN, InvitationState.MAILED, InvitationState.STARTED)


class CantHandOver(DomainError):
    """A link that may not be handed over (any more); the code is the reason."""

    code = "cant_hand_over"
    status = 409


def _locked(ids: Collection[int], viewer: Viewer) -> list[SurveyInvitation]:
    """Return links as they are now, kept from others until the transaction ends.

    Raises NotAllowed, and NotFound unless the viewer may hand over each of them.
    """
    if not viewer.may(MANAGE_SURVEYS):
        raise NotAllowed
    rows = visible_links(viewer).filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    found = list(rows.select_related("survey", "contact__merged_into", "employee"))
    if len(found) < len(set(ids)):
        raise NotFound
    return found


def _lasting(invitation: SurveyInvitation, since: datetime) -> datetime:
    """Return until when an answer may come: as long after the handover as after a mail, within bounds, never less."""
    return max(invitation.expires_at, min(since + LASTS, invitation.chosen_at + AT_MOST))


def against(invitation: SurveyInvitation, now: datetime) -> str:
    """Return why a link may not be handed over now (SkipReason, or "answered"); "" when it may."""
    contact = asked(invitation)
    if invitation.state not in OPEN:
        return "answered"
    if invitation.survey.state != SurveyState.OPEN:
        return SkipReason.CLOSED
    if invitation.expires_at <= now:
        return SkipReason.NOT_HANDED
    if contact is None:
        return SkipReason.NO_CONTACT
    if contact.consent != ConsentState.GIVEN:
        return CONSENT_REASONS.get(contact.consent, SkipReason.NO_CONSENT)
    return ""


@transaction.atomic
def show(ids: Collection[int], *, viewer: Viewer, workspace: Workspace, now: datetime) -> list[Handed]:
    """Make a new link to each invitation and return them, told once, here; earlier ones stay valid.

    From now on the customer has as long to answer as after a mail, within AT_MOST. Raises NotAllowed, NotFound,
    CantHandOver, and NoAddress where the operator has not said where the site is.
    """
    if not links.base_url():
        raise NoAddress
    found, shown = _locked(ids, viewer), []
    for one in found:
        if why := against(one, now):
            text = _("This survey was answered or called off.") if why == "answered" else SkipReason(why).label
            raise CantHandOver(text, code=why)
        one.expires_at = _lasting(one, now)
        contact = asked(one)
        url = links.address(links.new_link(one), workspace.id)
        shown.append(Handed(one, url, contact.name if contact is not None else ""))
    SurveyInvitation.objects.bulk_update(found, ["expires_at"], batch_size=BATCH)
    _note([one.pk for one in found], {"shown_at": now})
    return shown


def _note(ids: Collection[int], values: dict[str, Any]) -> None:
    """Keep what was done with links; the trail keeps what it was before, and who did it."""
    there = SurveyHandover.objects.filter(invitation__in=ids)
    known = set(there.values_list("invitation_id", flat=True))
    there.update(**values)
    SurveyHandover.objects.bulk_create([SurveyHandover(invitation_id=pk, **values) for pk in ids if pk not in known])


@transaction.atomic
def mark(
    ids: Collection[int], how: HandedHow, day: date, *, viewer: Viewer, workspace: Workspace, now: datetime
) -> int:
    """Note that links were handed over on a day; return how many waited for it.

    What was handed over, begun or given up before is left as it is, so that a second click changes nothing. Raises
    NotAllowed, NotFound, DomainError for a day in the future or before the system chose.
    """
    found = [one for one in _locked(ids, viewer) if one.state == InvitationState.CHOSEN and one.expires_at > now]
    today = workspace.today(now)
    if day > today:
        raise DomainError(_("That day is still to come."), code="future")
    for one in found:
        if day < workspace.today(one.chosen_at):
            text = _("{customer} was chosen on {day}, so the link can't have been handed over before that.")
            chosen = formats.day(workspace.today(one.chosen_at))
            raise DomainError(text, code="too_early", customer=one.customer or "—", day=chosen)
        noon = datetime.combine(day, time(12), ZoneInfo(workspace.time_zone))
        one.state, one.mailed_at = InvitationState.MAILED, now if day == today else max(noon, one.chosen_at)
        one.expires_at = _lasting(one, one.mailed_at)
    SurveyInvitation.objects.bulk_update(found, ["state", "mailed_at", "expires_at"], batch_size=BATCH)
    _note([one.pk for one in found], {"handed_on": day, "how": how, "by_id": viewer.user_id})
    return len(found)


@transaction.atomic
def take_back(invitation_id: int, *, viewer: Viewer) -> bool:
    """Note that a link was not handed over after all: it waits again. Return False where nothing had been noted.

    Links that were shown stay valid. Raises NotAllowed, NotFound, Conflict for who has begun to answer.
    """
    [found] = _locked([invitation_id], viewer)
    if found.state == InvitationState.CHOSEN:
        return False
    if found.state != InvitationState.MAILED:
        raise Conflict(_("The customer has begun to answer, so the link did reach them."))
    found.state, found.mailed_at = InvitationState.CHOSEN, None
    found.save(update_fields=["state", "mailed_at"])
    _note([found.pk], {"handed_on": None, "how": "", "by_id": None})
    return True


@transaction.atomic
def give_up(now: datetime, size: int = BATCH) -> int:
    """Call off links that were not handed over in time or whose survey was closed; return how many.

    Each leaves its reason for the response report, and no longer counts in the customer's budget.
    """
    late = Q(expires_at__lte=now) | ~Q(survey__state=SurveyState.OPEN)
    rows = SurveyInvitation.objects.filter(late, channel=AskChannel.LINK, state=InvitationState.CHOSEN)
    locked = rows.exclude(origin=AskOrigin.ASSISTANT).select_for_update(skip_locked=True, of=("self",))
    found = list(locked.select_related("survey").order_by("pk")[:size])
    reasons = [
        SkipReason.CLOSED if one.survey.state != SurveyState.OPEN else SkipReason.NOT_HANDED for one in found
    ]  # fmt: skip
    call_off(list(zip(found, reasons, strict=True)), now)
    return len(found)
