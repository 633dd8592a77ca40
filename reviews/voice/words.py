"""Reads of customers' words: with score and who served where the question is answered by name, else without both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import MD5

from perfmgmt.customers.access import Reach
from perfmgmt.customers.rules import masked_name
from perfmgmt.people.models import Assignment
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import Viewer
from reviews.models import InvitationState, Survey, SurveyAnswer, SurveyQuestion, ThemedWords, VoiceTheme
from reviews.voice.access import Scope, scope_of
from reviews.voice.hiding import real_id, shown_id
from reviews.voice.masking import masked
from reviews.voice.page import words_of
from reviews.voice.rules import next_month, released
from reviews.voice.selectors import by_finishing, minimum, questions_of
from reviews.voice.themes import suggested
from reviews.voice.wanted import Wanted

SCALE_KINDS = ("csat", "nps", "ces")
#: Up to which answer a score is low, and from which on it is high.
LOW, HIGH = {"csat": 2, "nps": 6, "ces": 3}, {"csat": 4, "nps": 9, "ces": 6}
#: How many words are read at most to search in them as they are shown, masked.
MOST_MASKED, MOST_UNNAMED = 2000, 100


@dataclass
class Words:
    """What a customer wrote, as the viewer may read it; of an unnamed question without everything but the text.

    `pk` is not the row's: see `hiding`.
    """

    pk: int
    text: str
    question: str = ""
    score: int | None = None
    kind: str = ""
    band: str = ""
    day: date | None = None
    assistant: str = ""
    product: str = ""
    customer: str = ""
    contact: str = ""
    contact_id: int | None = None
    themes: list[tuple[VoiceTheme, bool, bool]] = field(default_factory=list)

    @property
    def given(self) -> list[VoiceTheme]:
        """The themes that somebody gave."""
        return [theme for theme, is_given, _suggests in self.themes if is_given]


class Reading:
    """The words of a survey that a viewer may read, and how much of them."""

    def __init__(self, survey: Survey, wanted: Wanted, viewer: Viewer, today: date) -> None:
        self.survey, self.wanted, self.viewer, self.today = survey, wanted, viewer, today
        self.scope: Scope = scope_of(viewer, today)
        self.reach = Reach.of(viewer, today) if Role.MANAGER in viewer.roles or viewer.sees_everybody else None
        asked = questions_of(survey)
        self.questions = {key: one for key, one in asked.items() if one.kind == "text"}
        # A score without a name stands beside no words.
        self.scales = {key: one.kind for key, one in asked.items() if one.kind in SCALE_KINDS and one.identified}
        self.themes = list(VoiceTheme.objects.all())

    def rows(self) -> QuerySet[SurveyAnswer]:
        """Return all words within the viewer's scope, of one purpose."""
        rows = SurveyAnswer.objects.filter(
            kind="text", invitation__survey=self.survey, invitation__purpose=self.wanted.purpose,
            invitation__state=InvitationState.FINISHED,
        )  # fmt: skip
        if not self.scope.is_all:
            spans = (Q(invitation__employee=who, invitation__day__range=(first, last))
                     for who, first, last in self.scope.spans)  # fmt: skip
            rows = rows.filter(reduce(or_, spans, Q(pk__in=[])))
        return rows.select_related("invitation__contact__customer", "invitation__employee").prefetch_related(
            Prefetch("themes", ThemedWords.objects.all())
        )

    def named(self) -> QuerySet[SurveyAnswer]:
        """Return the words given by name that the address asks for, in its order, with `score` and `score_kind`."""
        wanted = self.wanted
        scale = SurveyAnswer.objects.filter(invitation=OuterRef("invitation"), key__in=self.scales).order_by("pk")
        kinds = {*self.scales.values()}
        kind = Subquery(scale.values("kind")[:1]) if len(kinds) > 1 else Value(next(iter(kinds), ""))
        found: QuerySet[Any] = self.rows().filter(key__in=self._keys(identified=True)).annotate(
            score=Subquery(scale.values("number")[:1]), score_kind=kind
        )  # fmt: skip
        found = found.filter(_narrowed(wanted))
        if wanted.band:
            found = found.filter(_band(wanted.band))
        if wanted.theme:
            found = found.filter(Exists(ThemedWords.objects.filter(answer=OuterRef("pk"), theme=wanted.theme)))
        if wanted.search and self.scope.is_all:
            found = found.filter(text__icontains=wanted.search)
        elif wanted.search:
            some = found.order_by("-invitation__day", "-pk")[:MOST_MASKED]
            found = found.filter(pk__in=[real_id(one.pk) for one in self.shown(some) if _has(one, wanted.search)])
        way, column = ("-" if wanted.sort.startswith("-") else ""), wanted.sort.removeprefix("-")
        return found.order_by(f"{way}{'invitation__day' if column == 'day' else 'score'}", f"{way}pk")

    def _keys(self, *, identified: bool) -> list[str]:
        return [key for key, one in self.questions.items() if one.identified is identified]

    def shown(self, rows: Iterable[Any]) -> list[Words]:
        """Return words given by name as the viewer may read them: personal data masked unless it is theirs to see."""
        answers = list(rows)
        companies = {one.invitation.contact.customer_id for one in answers if one.invitation.contact}
        full = self.reach.in_full(pk for pk in companies if pk) if self.reach else set()
        return [self._named(one, full) for one in answers]

    def _named(self, one: Any, full: set[int]) -> Words:
        asked = one.invitation
        contact = asked.contact
        is_full = self.viewer.sees_everybody or (contact is not None and contact.customer_id in full)
        score, kind = one.score, one.score_kind or ""
        found = Words(
            pk=shown_id(one.pk), text=one.text if is_full else masked(one.text, names_in(asked)),
            question=self._word(one.key), score=score, kind=kind, band=band_of(kind, score), day=asked.day,
            product=asked.product, assistant=asked.employee.name if asked.employee else "",
            customer=asked.customer if is_full else masked_name(asked.customer),
            contact=(contact.name if is_full else masked_name(contact.name)) if contact else "",
            contact_id=contact.pk if contact is not None and is_full else None,
        )  # fmt: skip
        found.themes = self._themes(one, found.text)
        return found

    def _word(self, key: str) -> str:
        question: SurveyQuestion | None = self.questions.get(key)
        return words_of(question) if question else ""

    def _themes(self, one: SurveyAnswer, text: str) -> list[tuple[VoiceTheme, bool, bool]]:
        given = {each.theme_id for each in one.themes.all()}
        return [
            (theme, theme.pk in given, suggested(theme, text))
            for theme in self.themes if theme.pk in given or not theme.is_archived
        ]  # fmt: skip

    def unnamed(self, most: int | None = MOST_UNNAMED) -> list[tuple[str, list[Words]]]:
        """Return the words of questions that promise not to show a name, by question, in an order without meaning.

        Nothing beside them, names in them masked for everybody. To who sees all, in batches (`rules.released`); when
        the address narrows by what would point at somebody, none. At most `most` of a question.
        """
        wanted, found = self.wanted, []
        if wanted.narrows or wanted.first or wanted.last or wanted.band:
            return []
        answers: dict[str, list[SurveyAnswer]] = {}
        for one in self.rows().filter(self._released()).order_by(MD5("text"), "pk"):
            answers.setdefault(one.key, []).append(one)
        for key, mine in answers.items():
            words = [Words(shown_id(one.pk), masked(one.text, names_in(one.invitation))) for one in mine]
            for each, one in zip(words, mine, strict=True):
                each.themes = self._themes(one, each.text)
            words = [one for one in words if _has(one, wanted.search) and _is_themed(one, wanted.theme)]
            found.append((self._word(key), words[:most]))
        return found

    def _released(self) -> Q:
        """Return the condition for the unnamed words that are shown by today."""
        keys, found = self._keys(identified=False), Q(pk__in=[])
        if not keys or not self.scope.is_all:
            return found
        least, batches = minimum(), by_finishing(self.survey.pk, self.wanted.purpose, words=True)
        for key in keys:
            months = {row.month: row.n for row in batches if row.key == key and row.month}
            last = released(months, self.today, least)
            if last is not None:
                end = datetime.combine(next_month(last), time.min, UTC)
                found |= Q(key=key, invitation__finished_at__lt=end)
        return found

    def shows(self, answer_id: int) -> bool:
        """Whether the viewer finds words on the page: those by name, and without one what is released."""
        by_name = Q(key__in=self._keys(identified=True))
        return self.rows().filter(by_name | self._released(), pk=answer_id).exists()


def names_in(asked: Any) -> list[str]:
    """Return the names of an invitation's customer and contact, whose company is selected or read."""
    contact = asked.contact
    names = [asked.customer]
    if contact is not None:
        names += [contact.name, contact.customer.name if contact.customer else ""]
    return names


def _has(one: Words, search: str) -> bool:
    return search.casefold() in one.text.casefold()


def _is_themed(one: Words, theme: int | None) -> bool:
    return theme is None or any(each.pk == theme for each in one.given)


def _narrowed(wanted: Wanted) -> Q:
    found = Q()
    for column, value in (
        ("employee", wanted.employee), ("customer_type", wanted.customer_type or None),
        ("product", wanted.product or None), ("day__gte", wanted.first), ("day__lte", wanted.last),
    ):  # fmt: skip
        if value is not None:
            found &= Q(**{f"invitation__{column}": value})
    if wanted.unit is not None:
        then = Assignment.objects.filter(
            employee_id=OuterRef("invitation__employee_id"), unit_id=wanted.unit,
            valid_from__lte=OuterRef("invitation__day"), valid_to__gte=OuterRef("invitation__day"),
        )  # fmt: skip
        found &= Q(Exists(then))
    return found


def _band(band: str) -> Q:
    low = reduce(or_, (Q(score_kind=kind, score__lte=most) for kind, most in LOW.items()))
    high = reduce(or_, (Q(score_kind=kind, score__gte=least) for kind, least in HIGH.items()))
    return {"low": low, "high": high}.get(band, Q(score__isnull=False) & ~low & ~high)


def band_of(kind: str, score: int | None) -> str:
    """Return whether a score is low, middle or high; "" for none."""
    if score is None or kind not in LOW:
        return ""
    return "low" if score <= LOW[kind] else "high" if score >= HIGH[kind] else "middle"


def theme_counts(rows: QuerySet[Any], themes: Sequence[VoiceTheme], least: int) -> list[Mapping[str, Any]]:
    """Return the themes of some words with how many there are and how many of them came with a low score.

    Themes below the minimum are left out.
    """
    counts: dict[int, list[int]] = {}
    # The filter comes first: after the columns it would join the themes anew, and count words with two of them twice.
    themed = rows.order_by().filter(themes__isnull=False)
    grouped = themed.values_list("themes__theme_id", "score", "score_kind").annotate(n=Count("pk"))
    for theme_id, score, kind, n in grouped:
        one = counts.setdefault(theme_id, [0, 0])
        one[0] += n
        one[1] += n * (band_of(kind or "", score) == "low")
    most = max((one[0] for one in counts.values()), default=1)
    found = [
        {"theme": theme, "n": counts[theme.pk][0], "low": counts[theme.pk][1] / counts[theme.pk][0],
         "width": round(100 * counts[theme.pk][0] / most, 1)}
        for theme in themes if theme.pk in counts and counts[theme.pk][0] >= least
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one["n"])
