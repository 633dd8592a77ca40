"""Writes of a rater's own form. Answers go through `reviews.answers.door`, here stands what a form adds to it."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed
from reviews.answers import door
from reviews.answers.door import Given
from reviews.models import Participant, Rater, RaterKind

POTENTIALS = (1, 2, 3)


class HandedIn(Conflict):
    """The sheet counts already; it is taken back before it is changed."""

    code = "handed_in"
    message = _("These answers are handed in. Take them back before you change them.")


@transaction.atomic
def keep(rater: Rater, given: Mapping[int, Given], *, edition: int) -> int:
    """Keep what a rater typed; return the sheet's edition. What is stored already is no change.

    So a form that is sent twice, or again after a lost answer, is no conflict. Raises Conflict for a sheet that was
    changed elsewhere, HandedIn, AnswersClosed, DomainError as `door.save` does.
    """
    sheet = door.own_sheet(rater)
    changed = {question: one for question, one in given.items() if one != sheet.answers.get(question, Given())}
    if not changed:
        return sheet.edition
    if sheet.is_done:
        door.hold_open(rater)  # of a closed review they can't be taken back either: that is what is said
        raise HandedIn
    return door.save(rater, changed, edition=edition)


@transaction.atomic
def hand_in(rater: Rater) -> bool:
    """Let the answers count; return whether they did not before. Raises as `door.hand_in`, and for no answer."""
    sheet = door.own_sheet(rater)
    if sheet.is_done:
        return False
    if not sheet.answers:
        raise DomainError(_("Answer something first. If you can't judge this person, say so for each question."),
                          code="nothing_answered")  # fmt: skip
    door.hand_in(rater)
    return True


@transaction.atomic
def take_back(rater: Rater) -> None:
    """Make a handed-in form a draft again. Raises AnswersClosed."""
    door.take_back(rater)


@transaction.atomic
def withdraw(rater: Rater) -> None:
    """Remove all answers of a form. Raises AnswersClosed."""
    door.withdraw(rater)


def asks_potential(rater: Rater) -> bool:
    """Whether this rater is asked about potential: the present manager, where the cycle asks it."""
    participant = rater.participant
    is_manager = rater.group == RaterKind.MANAGER and participant.manager_id == rater.employee_id
    return is_manager and participant.cycle.asks_potential


@transaction.atomic
def set_potential(rater: Rater, *, potential: int | None, note: str) -> None:
    """Keep what a manager says of somebody's potential (1-3, None: nothing). Raises AnswersClosed, NotAllowed.

    It stands at the participant, not among the answers: the manager is known, and calibration may change it.
    """
    if not asks_potential(rater):
        raise NotAllowed
    if potential is not None and potential not in POTENTIALS:
        raise DomainError(_("Choose one of the steps of the scale."), code="bad_answer")
    door.hold_open(rater)
    participant = Participant.objects.select_for_update(of=("self",)).get(pk=rater.participant_id)
    if (participant.potential, participant.potential_note) == (potential, note):
        return
    participant.potential, participant.potential_note = potential, note
    participant.save(update_fields=["potential", "potential_note", "updated_at"])
    rater.participant.potential, rater.participant.potential_note = potential, note
