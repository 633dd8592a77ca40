"""Writes of a customer who answers: answers kept on the way, finished, corrected, "not mine"."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import DomainError
from reviews.answering import feed
from reviews.answering.standing import Standing, keeps_shut, standing_of
from reviews.followups import opening
from reviews.models import AskChannel, InvitationState, SurveyAnswer, SurveyInvitation
from reviews.surveys.content import SurveyDraft
from reviews.surveys.page import Parsed, Said
from reviews.voice import tally


class NotOpen(DomainError):
    """There is nothing to answer at this link any more; `standing` says why."""

    code = "not_open"
    status = 410
    message = _("This survey can't be answered any more.")

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        super().__init__()


def answers_of(invitation: SurveyInvitation) -> dict[str, Said]:
    """Return what was answered so far, by key of the question; one query."""
    rows = SurveyAnswer.objects.filter(invitation=invitation).values_list("key", "number", "text")
    return {key: text if number is None else number for key, number, text in rows}


@transaction.atomic
def answer(
    invitation_id: int, parsed: Parsed, draft: SurveyDraft, *, correcting: bool, now: datetime
) -> dict[str, Said]:
    """Keep what a form said; return every answer that is there now.

    What is not whole yet is kept on the way, so that it can go on elsewhere; a finished answer is only ever replaced
    by a whole one. The same form twice is one answer. Raises NotOpen: also (ANSWERED) for another answer to what
    was answered, unless it is meant as a correction.
    """
    invitation = _locked(invitation_id)
    standing = standing_of(invitation, now)
    if standing not in (Standing.OPEN, Standing.ANSWERED):
        raise NotOpen(standing)
    before = answers_of(invitation)
    if "" in parsed.errors:  # no form of this survey: it says nothing, neither that something was answered
        return before
    if standing is Standing.ANSWERED:
        correcting = correcting and not keeps_shut(invitation)
        return _again(invitation, parsed, draft, before, correcting, now)
    if not parsed.is_finished:
        _start(invitation, now)
        return _store(invitation, draft, before, parsed.answers, keep={*parsed.errors, *parsed.more})
    answers = _store(invitation, draft, before, parsed.answers)
    invitation.state, invitation.finished_at = InvitationState.FINISHED, now
    invitation.started_at = invitation.started_at or now
    note_arrived(invitation, now)
    invitation.save(update_fields=["state", "mailed_at", "started_at", "finished_at"])
    feed.follow(invitation)
    tally.follow(invitation, [], tally.counted(draft.kinds, answers))
    opening.on_finished(invitation, draft, answers)
    return answers


def _again(
    invitation: SurveyInvitation, parsed: Parsed, draft: SurveyDraft, before: dict[str, Said], correcting: bool,
    now: datetime,
) -> dict[str, Said]:  # fmt: skip
    """A form for what was answered already: sent twice, or a correction."""
    if parsed.is_finished and parsed.answers == before:
        return before
    if not correcting:
        raise NotOpen(Standing.ANSWERED)
    if not parsed.is_finished:
        return {**before, **parsed.answers}
    said = tally.stored(invitation)
    answers = _store(invitation, draft, before, parsed.answers)
    invitation.corrected_at = now
    invitation.save(update_fields=["corrected_at"])
    feed.follow(invitation)
    tally.follow(invitation, said, tally.counted(draft.kinds, answers))
    opening.on_corrected(invitation, draft, answers)
    return answers


@transaction.atomic
def disown(invitation_id: int, *, now: datetime) -> None:
    """Take what is asked about as somebody else's: answers go, and what follows from them. Twice is once.

    Raises NotOpen when nothing can be changed any more.
    """
    invitation = _locked(invitation_id)
    standing = standing_of(invitation, now)
    if standing is Standing.DISOWNED:
        return
    may = (Standing.OPEN,) if keeps_shut(invitation) else (Standing.OPEN, Standing.ANSWERED)
    if standing not in may:
        raise NotOpen(standing)
    said = tally.stored(invitation)
    SurveyAnswer.objects.filter(invitation=invitation).delete()
    invitation.state, invitation.corrected_at = InvitationState.DISOWNED, now
    note_arrived(invitation, now)
    invitation.save(update_fields=["state", "mailed_at", "corrected_at"])
    feed.follow(invitation)
    tally.follow(invitation, said, [])
    opening.on_disowned(invitation, now)


def _locked(invitation_id: int) -> SurveyInvitation:
    """Return an invitation as it is now, kept from others who answer it until the transaction ends."""
    rows = SurveyInvitation.objects.select_for_update(of=("self",)).select_related("survey", "contact")
    return rows.get(pk=invitation_id)


def _start(invitation: SurveyInvitation, now: datetime) -> None:
    if invitation.state != InvitationState.STARTED:
        invitation.state, invitation.started_at = InvitationState.STARTED, now
        note_arrived(invitation, now)
        invitation.save(update_fields=["state", "mailed_at", "started_at"])


def note_arrived(invitation: SurveyInvitation, now: datetime) -> None:
    """Who answers by a link has got it, whether or not somebody said that it was handed over; not saved here."""
    if invitation.mailed_at is None and invitation.channel == AskChannel.LINK:
        invitation.mailed_at = now


def _store(
    invitation: SurveyInvitation, draft: SurveyDraft, before: Mapping[str, Said], after: Mapping[str, Said],
    *, keep: Collection[str] = (),
) -> dict[str, Said]:  # fmt: skip
    """Make the answers these; those of `keep` stay as they were unless they are among them."""
    wanted = {**{key: said for key, said in before.items() if key in keep}, **after}
    other = [key for key, said in before.items() if wanted.get(key) != said]
    new = [key for key, said in wanted.items() if before.get(key) != said]
    if other:
        SurveyAnswer.objects.filter(invitation=invitation, key__in=other).delete()
    SurveyAnswer.objects.bulk_create(_row(invitation, key, draft.kinds[key], wanted[key]) for key in new)
    return wanted


def _row(invitation: SurveyInvitation, key: str, kind: str, said: Said) -> SurveyAnswer:
    number, text = (said, "") if isinstance(said, int) else (None, said)
    return SurveyAnswer(invitation=invitation, key=key, kind=kind, number=number, text=text)
