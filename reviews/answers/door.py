"""The only door to answers (R6): nothing else reads or writes sheets, answers, their authors' keys, or voices.

What leaves it names no author: a rater gets their own sheet, the scores get columns without raters, and only the
batch of rater statistics gets the raters, as places in an array that it must not show one by one (docs/anonymity.md).
Callers check first who may ask; here it is enforced that answers come in only while the cycle is open.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.scope import current_tenant_id
from reviews.answers import seal
from reviews.models import Answer, AnswerSheet, AuthorKey, CycleQuestion, CycleState, QuestionKind, Rater, RaterState

LONGEST_TEXT = 4000
#: Who may write: asked, and neither removed nor declined since.
WRITING = (RaterState.ASKED, RaterState.STARTED, RaterState.DONE)


class AnswersClosed(DomainError):
    """The cycle takes no answers (any more)."""

    code = "answers_closed"
    status = 409
    message = _("This review is closed: answers can no longer be given or changed.")


@dataclass(frozen=True)
class Given:
    """One answer: a step of the scale, a text, or "cannot judge"; nothing at all takes an answer back."""

    value: int | None = None
    text: str = ""
    cannot_judge: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return self.value is None and not self.text and not self.cannot_judge


@dataclass(frozen=True)
class Sheet:
    """A rater's own sheet: what they said by question id, whether it is handed in, and its edition."""

    answers: Mapping[int, Given] = field(default_factory=dict)
    is_done: bool = False
    edition: int = 0


def own_sheet(rater: Rater) -> Sheet:
    """Return what a rater has said. The caller has made sure that the viewer is this rater."""
    key = _key_of(rater)
    sheet = AnswerSheet.objects.filter(key=key).first() if key else None
    if sheet is None:
        return Sheet()
    rows = Answer.objects.filter(sheet=sheet.key)
    return Sheet(
        {row.question_id: Given(row.value, row.text, row.cannot_judge) for row in rows}, sheet.is_done, sheet.edition
    )


def own_progress(raters: Iterable[Rater]) -> dict[int, int]:
    """Return how many questions each of a viewer's own tasks has answered, by rater id; a fixed number of queries.

    The caller has made sure that the viewer is each of these raters: of others this would tell who has written what.
    """
    sealed = dict(AuthorKey.objects.filter(rater__in=[one.pk for one in raters]).values_list("rater_id", "sealed"))
    rater_of = {
        key: rater_id
        for cipher in seal.ciphers()
        for rater_id, key in zip(sealed, seal.opened([bytes(one) for one in sealed.values()], cipher), strict=True)
    }
    rows = Answer.objects.filter(sheet__in=rater_of).values_list("sheet").annotate(Count("question_id")).order_by()
    return {rater_of[key]: count for key, count in rows}


def save(rater: Rater, answers: Mapping[int, Given], *, edition: int | None = None) -> int:
    """Keep some of a rater's answers, the others stay; return the sheet's new edition. Runs in the open transaction.

    With `edition`, a sheet that was changed elsewhere since raises Conflict and stays. Raises AnswersClosed, and
    DomainError for a question or step that is not the rater's to answer.
    """
    cycle_id = _open_cycle(rater)
    _check(rater, answers)
    sheet = _sheet(rater, cycle_id)
    if edition is not None and edition != sheet.edition:
        raise Conflict(_("These answers were changed in another window. Reload the page to see them."))
    tenant = current_tenant_id()
    Answer.objects.filter(sheet=sheet.key, question_id__in=list(answers)).delete()
    Answer.objects.bulk_create(
        Answer(
            pk=(tenant, sheet.key, question), sheet=sheet.key, question_id=question, value=one.value,
            text=one.text[:LONGEST_TEXT], cannot_judge=one.cannot_judge,
        )
        for question, one in answers.items()
        if not one.is_empty
    )  # fmt: skip
    AnswerSheet.objects.filter(key=sheet.key).update(edition=sheet.edition + 1)
    _moved_to(rater, RaterState.DONE if sheet.is_done else RaterState.STARTED)
    if sheet.is_done:
        publish("reviews.answers_changed", participant_id=rater.participant_id)
    return sheet.edition + 1


def hand_in(rater: Rater) -> None:
    """Let a rater's sheet count. Raises AnswersClosed; DomainError names what must still be answered."""
    cycle_id = _open_cycle(rater)
    sheet = _sheet(rater, cycle_id)
    given = set(Answer.objects.filter(sheet=sheet.key).values_list("question_id", flat=True))
    left = [one for one in questions_for(cycle_id, rater.group) if one.required and one.pk not in given]
    if left:
        raise DomainError(_("Still to be answered: {question}"), code="unanswered", question=left[0].text)
    AnswerSheet.objects.filter(key=sheet.key).update(is_done=True, edition=sheet.edition + 1)
    _moved_to(rater, RaterState.DONE)
    publish("reviews.answers_changed", participant_id=rater.participant_id)


def take_back(rater: Rater) -> None:
    """Make a handed-in sheet a draft again: it no longer counts until it is handed in. Raises AnswersClosed."""
    cycle_id = _open_cycle(rater)
    sheet = _sheet(rater, cycle_id)
    if not sheet.is_done:
        return
    AnswerSheet.objects.filter(key=sheet.key).update(is_done=False, edition=sheet.edition + 1)
    _moved_to(rater, RaterState.STARTED)
    publish("reviews.answers_changed", participant_id=rater.participant_id)


def withdraw(rater: Rater) -> None:
    """Remove everything a rater said, before the release; what follows from it is worked out anew.

    The rater is asked again, as if they had never begun. Raises AnswersClosed.
    """
    _open_cycle(rater)
    Rater.objects.select_for_update(of=("self",)).get(pk=rater.pk)
    key = _key_of(rater)
    if key is None:
        return
    Answer.objects.filter(sheet=key).delete()
    AnswerSheet.objects.filter(key=key).delete()
    AuthorKey.objects.filter(rater=rater).delete()
    _moved_to(rater, RaterState.ASKED)
    publish("reviews.answers_changed", participant_id=rater.participant_id)


def hold_open(rater: Rater) -> None:
    """Hold a rater's cycle open until the transaction ends, for what is kept beside answers. Raises AnswersClosed."""
    _open_cycle(rater)


def count_days(rater: Rater) -> None:
    """Let a manager's sheet count by the days that the rater has now; two managers share by time."""
    key = _key_of(rater)
    if key is not None and AnswerSheet.objects.filter(key=key).exclude(days=rater.days).update(days=rater.days):
        publish("reviews.answers_changed", participant_id=rater.participant_id)


def questions_for(cycle_id: int, group: str) -> list[CycleQuestion]:
    """Return the questions that a cycle asks a rater group, in order."""
    return [one for one in CycleQuestion.objects.filter(cycle_id=cycle_id) if not one.groups or group in one.groups]


def _open_cycle(rater: Rater) -> int:
    """Return the id of the rater's cycle, held open until the transaction ends: a release waits.

    Shared between raters: answers don't wait for one another. Raises AnswersClosed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.state, p.dropped_at FROM reviews_participant p "
            "JOIN reviews_reviewcycle c ON c.tenant_id = p.tenant_id AND c.id = p.cycle_id "
            "WHERE p.tenant_id = %s AND p.id = %s FOR SHARE OF c, p",
            [current_tenant_id(), rater.participant_id],
        )
        found = cursor.fetchone()
    if found is None or found[1] != CycleState.OPEN or found[2] is not None:
        raise AnswersClosed
    if rater.state not in WRITING:
        raise AnswersClosed
    return int(found[0])


def _check(rater: Rater, answers: Mapping[int, Given]) -> None:
    cycle_id = Rater.objects.values_list("participant__cycle_id", flat=True).get(pk=rater.pk)
    asked = {one.pk: one for one in questions_for(cycle_id, rater.group)}
    for question_id, one in answers.items():
        question = asked.get(question_id)
        if question is None:
            raise DomainError(_("This question is not in the form any more. Reload the page."), code="bad_question")
        if one.value is not None and (question.kind != QuestionKind.SCALE or not 1 <= one.value <= question.scale):
            raise DomainError(_("Choose one of the steps of the scale."), code="bad_answer")


def _key_of(rater: Rater) -> uuid.UUID | None:
    """Return the key of a rater's sheet, whichever secret it was sealed under; None when there is no sheet."""
    sealed = AuthorKey.objects.filter(rater=rater).values_list("sealed", flat=True).first()
    if sealed is None:
        return None
    keys = [seal.opened([bytes(sealed)], cipher)[0] for cipher in seal.ciphers()]
    return AnswerSheet.objects.filter(key__in=keys).values_list("key", flat=True).first()


def _sheet(rater: Rater, cycle_id: int) -> AnswerSheet:
    """Return a rater's sheet, locked; a new one when there is none. One rater's writers wait for one another.

    A new one has edition 0, as `own_sheet` says of none: of two windows that begin at once the second one is told.
    """
    rater.state = Rater.objects.select_for_update(of=("self",)).get(pk=rater.pk).state
    if rater.state not in WRITING:  # removed or declined while this was on its way
        raise AnswersClosed
    key = _key_of(rater)
    if key is not None:
        return AnswerSheet.objects.select_for_update().get(key=key)
    tenant, key = current_tenant_id(), uuid.uuid4()
    sheet = AnswerSheet(
        pk=(tenant, key), key=key, cycle_id=cycle_id, participant_id=rater.participant_id, group=rater.group,
        days=rater.days, edition=0,
    )  # fmt: skip
    sheet.save(force_insert=True)
    AuthorKey.objects.filter(rater=rater).delete()
    AuthorKey.objects.create(pk=(tenant, rater.pk), rater=rater, sealed=seal.seal(key))
    return sheet


def _moved_to(rater: Rater, state: str) -> None:
    """Say how far the rater is; one that is done stays so while they change an answer."""
    if rater.state != state:
        Rater.objects.filter(pk=rater.pk).update(state=state)
        rater.state = state
