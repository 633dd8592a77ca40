"""Writes of raters: choosing, proposing, approving, sending back, declining, replacing, removing.

The ratee proposes until the cycle's day for that; who approves (their manager, who stands in for the manager, HR)
may choose for them, change, approve or send back. From the approval on only approvers change who is asked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.acting import because
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.models import NominationState, Participant, Rater, RaterState
from reviews.raters import notices, words
from reviews.raters.access import approvable, participant_for, to_approve
from reviews.raters.circle import Circle
from reviews.raters.rules import COLLEAGUES, LEADS_NOW, LIVE_STATES, MANAGER, SELF, Count, count_fits
from reviews.raters.rules import Conflict as Reason
from reviews.raters.writing import (
    CantReview,
    Pick,
    lock_people,
    locked,
    nominated,
    only,
    picks_of,
    put,
    require_counts,
    require_free,
    take_out,
)


class AlreadyApproved(Conflict):
    """The choice is made: only who approves changes who is asked."""

    code = "raters_approved"
    message = _("The raters are approved already. Ask your manager if somebody should be changed.")


class ReasonMissing(DomainError):
    """A decision that must be explained."""

    code = "reason_missing"
    message = _("Say why: the other side should understand it.")


@dataclass
class Approved:
    """What a bulk approval did: how many people, and who was left out for which reason (name, words)."""

    people: int = 0
    left: list[tuple[Participant, str]] = field(default_factory=list)


@transaction.atomic
def save_picks(participant_id: int, picks: Iterable[Pick], *, viewer: Viewer, workspace: Workspace) -> Participant:
    """Keep a choice as a draft in place of the one before; it may still be too small.

    Raises NotFound, CycleNotOpen, AlreadyApproved, CantReview for who can't be a rater, DomainError for too many.
    """
    circle = _for_choosing(participant_id, viewer=viewer, workspace=workspace)
    _replace_draft(circle, sorted(set(picks)))
    return only(circle)


@transaction.atomic
def propose(participant_id: int, picks: Iterable[Pick], *, viewer: Viewer, workspace: Workspace) -> Participant:
    """Save a choice and hand it to who approves; the same choice again changes nothing.

    Raises what `save_picks` raises, and DomainError for too few.
    """
    today, wanted = workspace.today(), sorted(set(picks))
    participant, approves = participant_for(participant_id, viewer=viewer, today=today)
    if approves:
        raise DomainError(_("You approve these raters yourself: approve them instead."), code="approves_oneself")
    circle = locked([participant.pk], workspace=workspace)
    participant = only(circle)
    is_same = picks_of(nominated(circle, participant))
    if participant.nomination == NominationState.PROPOSED and sorted(is_same) == wanted:
        return participant
    _require_choosable(participant, viewer, workspace)
    _replace_draft(circle, wanted)
    require_counts(circle, participant, Counter(one.group for one in wanted), least=True)
    _move(participant, NominationState.PROPOSED)
    notices.tell_proposed(participant, by_user_id=viewer.user_id, on=today)
    return participant


@transaction.atomic
def take_back(participant_id: int, *, viewer: Viewer, workspace: Workspace) -> None:
    """Let the ratee change a choice that is proposed, but not approved yet."""
    participant, approves = participant_for(participant_id, viewer=viewer, today=workspace.today())
    participant = only(locked([participant.pk], workspace=workspace))
    if approves or participant.nomination == NominationState.APPROVED:
        raise AlreadyApproved
    if participant.nomination == NominationState.PROPOSED:
        _move(participant, NominationState.OPEN)
        notices.settle_waiting([participant])


@transaction.atomic
def send_back(participant_id: int, *, reason: str, viewer: Viewer, workspace: Workspace) -> None:
    """Hand a proposed choice back to the ratee, with the reason they are told."""
    if not reason.strip():
        raise ReasonMissing
    to_approve(participant_id, viewer=viewer, today=workspace.today())
    participant = only(locked([participant_id], workspace=workspace))
    if participant.nomination == NominationState.APPROVED:
        raise AlreadyApproved
    if participant.nomination == NominationState.OPEN:
        return
    with because(reason.strip()[:300]):
        _move(participant, NominationState.OPEN)
    notices.tell_decided([participant], reason=reason.strip()[:300], by_user_id=viewer.user_id)


@transaction.atomic
def approve(
    participant_id: int, picks: Iterable[Pick] | None = None, *, viewer: Viewer, workspace: Workspace
) -> Participant:
    """Ask the chosen raters; with `picks`, these instead of those chosen before. Approved ones stay as they are.

    Fewer than a group needs is for the approver to accept, nobody at all is not. Raises NotFound, CycleNotOpen,
    CantReview for who can't (any more) review the person, DomainError for too many or nobody.
    """
    to_approve(participant_id, viewer=viewer, today=workspace.today())
    circle = locked([participant_id], workspace=workspace)
    participant = only(circle)
    if participant.nomination == NominationState.APPROVED:
        return participant
    if picks is not None:
        _replace_draft(circle, sorted(set(picks)))
    _ask_all(circle, [participant], viewer=viewer, strict=False)
    return participant


@transaction.atomic
def approve_many(participant_ids: Iterable[int], *, viewer: Viewer, workspace: Workspace) -> Approved:
    """Approve proposed choices that have no problem, and say of the others why they were left out.

    All of one cycle. Raises NotFound when none of them is the viewer's to approve.
    """
    rows = approvable(viewer, workspace.today()).filter(
        pk__in=list(participant_ids), nomination=NominationState.PROPOSED
    )
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return Approved()
    circle = locked(ids, workspace=workspace)
    waiting = [one for one in circle.participants.values() if one.nomination == NominationState.PROPOSED]
    return _ask_all(circle, waiting, viewer=viewer, strict=True, raises=False)


def _ask_all(
    circle: Circle, participants: Sequence[Participant], *, viewer: Viewer, strict: bool, raises: bool = True
) -> Approved:
    """Ask the chosen raters of ratees whose choice holds; `strict` refuses too few, too."""
    lock_people(circle, (one.employee_id for whom in participants for one in nominated(circle, whom)))
    given: Counter[int] = Counter()
    asked: list[Rater] = []
    done: list[Participant] = []
    result = Approved()
    for participant in participants:
        chosen = nominated(circle, participant)
        try:
            _require_approvable(circle, participant, chosen, given, strict=strict)
        except DomainError as error:
            if raises:
                raise
            result.left.append((participant, str(error)))
            continue
        given.update(one.employee_id for one in chosen)
        asked += chosen
        done.append(participant)
    Rater.objects.filter(pk__in=[one.pk for one in asked]).update(state=RaterState.ASKED)
    Participant.objects.filter(pk__in=[one.pk for one in done]).update(nomination=NominationState.APPROVED)
    for one in done:
        one.nomination = NominationState.APPROVED
    notices.tell_asked(circle.cycle, asked, by_user_id=viewer.user_id)
    notices.tell_decided(done, reason=None, by_user_id=viewer.user_id)
    result.people = len(done)
    return result


def _require_approvable(
    circle: Circle, participant: Participant, chosen: Sequence[Rater], given: Counter[int], *, strict: bool
) -> None:
    counts = Counter(one.group for one in chosen)
    require_counts(circle, participant, counts, least=strict)
    if not chosen and any(circle.available(participant, group) for group in circle.limits):
        raise DomainError(_("Nobody is chosen yet."), code="nobody_chosen")
    for one in chosen:
        require_free(circle, participant, Pick(one.group, one.employee_id), extra=given[one.employee_id])


@transaction.atomic
def ask(
    participant_id: int, pick: Pick, *, viewer: Viewer, workspace: Workspace, replaces_id: int | None = None
) -> Rater:
    """Ask one more rater after the approval, or one in place of somebody who declined or was removed.

    Somebody who is asked already stays so. Raises NotFound, CycleNotOpen, CantReview, DomainError for too many.
    """
    to_approve(participant_id, viewer=viewer, today=workspace.today())
    circle = locked([participant_id], workspace=workspace)
    participant = only(circle)
    rows = circle.raters[participant.pk]
    if participant.nomination != NominationState.APPROVED:
        raise DomainError(_("Approve the choice first."), code="not_approved")
    before = next((one for one in rows if (one.group, one.employee_id) == (pick.group, pick.employee_id)), None)
    if before is not None and before.state in LIVE_STATES:
        return before
    replaced = next((one for one in rows if one.pk == replaces_id), None)
    if replaces_id is not None and (replaced is None or replaced.state in LIVE_STATES):
        raise NotFound
    lock_people(circle, [pick.employee_id])
    require_free(circle, participant, pick)
    counts = Counter(one.group for one in rows if one.state in LIVE_STATES) + Counter([pick.group])
    require_counts(circle, participant, counts, least=False)
    rater = put(circle, participant, pick, state=RaterState.ASKED, replaces=replaced)
    notices.tell_asked(circle.cycle, [rater], by_user_id=viewer.user_id)
    return rater


@transaction.atomic
def remove(rater_id: int, *, reason: str = "", viewer: Viewer, workspace: Workspace) -> Rater:
    """Take a colleague out of a person's raters, with everything they said; removed ones stay removed.

    Raises NotFound, CycleNotOpen.
    """
    rater = _colleague(rater_id)
    to_approve(rater.participant_id, viewer=viewer, today=workspace.today())
    circle = locked([rater.participant_id], workspace=workspace)
    rater = _locked_rater(rater_id, only(circle))
    if rater.state != RaterState.REMOVED:
        take_out(rater, RaterState.REMOVED, reason.strip()[:300])
    return rater


@transaction.atomic
def decline(rater_id: int, *, reason: str, viewer: Viewer, workspace: Workspace) -> Rater:
    """Say that one can't review a person, and why; what was written so far goes. Declined ones stay so.

    Who approves the person's raters is told and asks somebody else. Raises NotFound for who is not this rater,
    ReasonMissing, CycleNotOpen, Conflict once the answers are handed in, DomainError for self and manager.
    """
    rows = Rater.objects.filter(pk=rater_id, employee_id=viewer.employee_id or 0, participant__dropped_at=None)
    rater = rows.exclude(state__in=[RaterState.NOMINATED, RaterState.REMOVED]).first()
    if rater is None:
        raise NotFound
    if rater.group in (SELF, MANAGER):
        raise DomainError(
            _("Only colleagues decline. If you can't do this review, ask HR to give it to somebody else."),
            code="must_review",
        )
    if not reason.strip():
        raise ReasonMissing
    circle = locked([rater.participant_id], workspace=workspace)
    rater = _locked_rater(rater_id, only(circle))
    if rater.state == RaterState.DECLINED:
        return rater
    if rater.state == RaterState.DONE:
        raise Conflict(_("Your answers are handed in. Withdraw them first, then decline."))
    take_out(rater, RaterState.DECLINED, reason.strip()[:300])
    notices.tell_declined(rater, by_user_id=viewer.user_id, on=workspace.today())
    return rater


@transaction.atomic
def pass_on(rater: Rater, employee_id: int | None, *, reason: str, by_user_id: int, workspace: Workspace) -> None:
    """Give what a leaver was asked to review to somebody else, or to nobody; for handing over.

    A manager's review goes on with the same days, whoever it is that takes it. Raises CycleNotOpen, CantReview.
    """
    circle = locked([rater.participant_id], workspace=workspace)
    participant = only(circle)
    rater = _locked_rater(rater.pk, participant)
    state = RaterState.NOMINATED if rater.state == RaterState.NOMINATED else RaterState.ASKED
    if rater.state in LIVE_STATES:
        take_out(rater, RaterState.REMOVED, reason)
    circle.__dict__.pop("raters", None)
    if employee_id is None:
        return
    pick = Pick(rater.group, employee_id)
    lock_people(circle, [employee_id])
    if rater.group in COLLEAGUES:
        require_free(circle, participant, pick)
        new = put(circle, participant, pick, state=state, replaces=rater)
    else:
        new = _instead(participant, rater, employee_id)
    if state == RaterState.ASKED:
        notices.tell_asked(circle.cycle, [new], by_user_id=by_user_id)


def _instead(participant: Participant, rater: Rater, employee_id: int) -> Rater:
    """Let somebody else review in a manager's place, with the manager's days."""
    if employee_id == participant.employee_id:
        raise CantReview(
            _("{name}: {why}."), name=participant.employee.name, why=words.conflict(Reason.ONESELF)
        )  # fmt: skip
    if rater.group == MANAGER and participant.manager_id == rater.employee_id:
        participant.manager_id = employee_id
        participant.save(update_fields=["manager", "updated_at"])
    elsewhere = Rater.objects.filter(participant=participant, employee_id=employee_id, state__in=LIVE_STATES)
    elsewhere = elsewhere.exclude(group=rater.group)
    for other in elsewhere.filter(group__in=COLLEAGUES):
        take_out(other, RaterState.REMOVED, LEADS_NOW)  # from now on they review under their name
    named = elsewhere.exclude(group__in=COLLEAGUES).first()
    if named is not None:
        return named
    found, is_new = Rater.objects.get_or_create(
        participant=participant, employee_id=employee_id, group=rater.group,
        defaults={"state": RaterState.ASKED, "days": rater.days, "replaces": rater},
    )  # fmt: skip
    if not is_new and found.state not in LIVE_STATES:
        found.state, found.reason, found.replaces = RaterState.ASKED, "", rater
        found.save()
    return found


def _colleague(rater_id: int) -> Rater:
    rater = Rater.objects.filter(pk=rater_id, group__in=COLLEAGUES).first()
    if rater is None:
        raise NotFound
    return rater


def _locked_rater(rater_id: int, participant: Participant) -> Rater:
    """Return a rater, locked against their own writing; its ratee is the locked one."""
    rater = Rater.objects.select_for_update(of=("self",)).select_related("employee").get(pk=rater_id)
    rater.participant = participant
    return rater


def _for_choosing(participant_id: int, *, viewer: Viewer, workspace: Workspace) -> Circle:
    participant_for(participant_id, viewer=viewer, today=workspace.today())
    circle = locked([participant_id], workspace=workspace)
    _require_choosable(only(circle), viewer, workspace)
    return circle


def _require_choosable(participant: Participant, viewer: Viewer, workspace: Workspace) -> None:
    """Raise unless the choice is open to this viewer: the ratee until its day, whoever approves until they do."""
    if participant.nomination == NominationState.APPROVED:
        raise AlreadyApproved
    if participant.employee_id != viewer.employee_id:
        return
    if participant.nomination == NominationState.PROPOSED:
        raise Conflict(_("Your choice waits for approval. Take it back to change it."))
    until = participant.cycle.nominate_until
    if until is not None and workspace.today() > until:
        raise DomainError(_("The time for choosing is over. Your manager chooses now."), code="too_late")


def _replace_draft(circle: Circle, picks: Sequence[Pick]) -> None:
    """Put these in place of what was chosen; who can't be a rater is named."""
    participant = only(circle)
    counts = Counter(one.group for one in picks)
    circle.look_at(one.employee_id for one in picks)
    wanted = set(picks)
    gone = [one for one in nominated(circle, participant) if Pick(one.group, one.employee_id) not in wanted]
    Rater.objects.filter(pk__in=[one.pk for one in gone]).delete()
    circle.raters[participant.pk] = [one for one in circle.raters[participant.pk] if one not in gone]
    twice = [pk for pk, n in Counter(one.employee_id for one in picks).items() if n > 1]
    for pick in picks:
        require_free(circle, participant, pick)
        if pick.employee_id in twice:
            name = circle.people[pick.employee_id].name
            raise CantReview(_("{name}: {why}."), name=name, why=words.conflict(Reason.TWICE))
    require_counts(circle, participant, counts, least=False)
    there = {Pick(one.group, one.employee_id) for one in nominated(circle, participant)}
    for pick in picks:
        if pick not in there:
            put(circle, participant, pick, state=RaterState.NOMINATED)


def _move(participant: Participant, state: str) -> None:
    participant.nomination = state
    participant.save(update_fields=["nomination", "updated_at"])


def is_thin(circle: Circle, participant: Participant) -> bool:
    """Return whether some group of a choice is smaller than it should be."""
    return any(
        count_fits(len(circle.live(participant, group)), limits, circle.available(participant, group)) != Count.FITS
        for group, limits in circle.limits.items()
    )
