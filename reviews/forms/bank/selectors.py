"""Reads of the bank of questions and of questionnaires; all of it is for who keeps them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from perfmgmt.tenants.errors import NotFound
from reviews.models import (
    CycleForm,
    CycleState,
    Part,
    Question,
    QuestionKind,
    Questionnaire,
    QuestionnaireItem,
    QuestionnairePurpose,
    Topic,
)

QUESTION_SORTS = ("text", "topic", "kind", "uses")
QUESTIONNAIRE_SORTS = ("name", "items", "purpose")
STATES = ("", "archived", "all")


@dataclass(frozen=True)
class Wanted:
    """What the address of the bank asks for; `language` decides which text the order follows."""

    search: str = ""
    topic: str = ""
    kind: str = ""
    state: str = ""
    sort: str = ""
    language: str = "zh"

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.topic or self.kind or self.state)

    def questions(self) -> QuerySet[Question]:
        """Return the questions, in order, with how many questionnaires in use ask each (`uses`)."""
        uses = (
            QuestionnaireItem.objects.filter(question_id=OuterRef("pk"), questionnaire__archived_at=None)
            .order_by()
            .values("question_id")
            .annotate(n=Count("pk"))
            .values("n")
        )
        found = Question.objects.annotate(uses=Coalesce(Subquery(uses), 0))
        if self.state != "all":
            found = found.filter(archived_at__isnull=self.state != "archived")
        if self.topic:
            found = found.filter(topic=self.topic)
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.search:
            found = found.filter(
                Q(text_zh__icontains=self.search) | Q(text_en__icontains=self.search)
                | Q(code__icontains=self.search) | Q(anchors__icontains=self.search)
            )  # fmt: skip
        return found.order_by(*self._order())

    def _order(self) -> list[str]:
        way, key = ("-", self.sort[1:]) if self.sort.startswith("-") else ("", self.sort)
        text = f"text_{self.language}"
        fields = {"text": [text], "topic": ["topic", text], "kind": ["kind", text], "uses": ["uses", text]}
        return [*(way + name for name in fields.get(key, ["topic"])), "pk"]


def read(query: Mapping[str, str], *, language: str) -> Wanted:
    """Read an address's parameters; anything that makes no sense is as if it were not there."""
    topic, kind, state, sort = (query.get(name, "") for name in ("topic", "kind", "state", "sort"))
    return Wanted(
        query.get("q", "")[:100].strip(),
        topic if topic in Topic.values else "",
        kind if kind in QuestionKind.values else "",
        state if state in STATES else "",
        sort if sort.removeprefix("-") in QUESTION_SORTS else "",
        "en" if language == "en" else "zh",
    )


def question_of(question_id: int) -> Question:
    """Return a question of the bank. Raises NotFound."""
    found = Question.objects.filter(pk=question_id).first()
    if found is None:
        raise NotFound
    return found


def questionnaires_with(question_id: int) -> list[Questionnaire]:
    """Return the questionnaires that ask a question."""
    ids = QuestionnaireItem.objects.filter(question_id=question_id).values("questionnaire_id")
    return list(Questionnaire.objects.filter(pk__in=ids).order_by("pk"))


def questionnaires(
    *, search: str = "", state: str = "", sort: str = "", language: str = "zh"
) -> QuerySet[Questionnaire]:
    """Return questionnaires with how many questions they have (`asked`)."""
    found = Questionnaire.objects.annotate(asked=Count("items"))
    if state != "all":
        found = found.filter(archived_at__isnull=state != "archived")
    if search:
        found = found.filter(Q(name_zh__icontains=search) | Q(name_en__icontains=search) | Q(code__icontains=search))
    way, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    name = "name_en" if language == "en" else "name_zh"
    fields = {"name": [name], "items": ["asked", name], "purpose": ["purpose", name]}
    return found.order_by(*(way + field for field in fields.get(key, ["purpose", "pk"])), "pk")


def questionnaire_of(questionnaire_id: int) -> Questionnaire:
    """Return a questionnaire. Raises NotFound."""
    found = Questionnaire.objects.filter(pk=questionnaire_id).first()
    if found is None:
        raise NotFound
    return found


def items_of(questionnaire: Questionnaire) -> list[QuestionnaireItem]:
    """Return a questionnaire's items with their questions, in order."""
    rows = QuestionnaireItem.objects.select_related("question").filter(questionnaire=questionnaire)
    return list(rows.order_by("place"))


def addable(questionnaire: Questionnaire) -> list[Question]:
    """Return the questions of the bank that a questionnaire does not ask yet, by topic."""
    asked = QuestionnaireItem.objects.filter(questionnaire=questionnaire).values("question_id")
    rows = Question.objects.filter(archived_at=None).exclude(pk__in=asked)
    if questionnaire.purpose == QuestionnairePurpose.REVIEW:
        return list(rows.order_by("topic", "pk"))
    return list(rows.order_by("kind", "topic", "pk"))


def stamp(items: list[QuestionnaireItem]) -> str:
    """Return what changes when anything of the items does: a page that was made from another one is too old."""
    text = repr([
        (one.pk, one.question_id, one.place, str(one.weight.normalize()), sorted(one.groups), one.required,
         sorted(one.section.items()))
        for one in items
    ])  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Uses:
    """Where a questionnaire is used: names of running cycles, and how many parts of scorecards read it."""

    running: list[str]
    planned: list[str]
    parts: int


def uses_of(questionnaire: Questionnaire) -> Uses:
    """Return where a questionnaire is used; two queries."""
    rows = CycleForm.objects.filter(questionnaire=questionnaire).order_by("-cycle_id")
    found = list(rows.values_list("cycle__name", "cycle__state"))
    planned = [name for name, state in found if state == CycleState.DRAFT]
    running = [name for name, state in found if state in (CycleState.LAUNCHING, CycleState.OPEN, CycleState.CLOSED)]
    return Uses(running, planned, Part.objects.filter(questionnaire=questionnaire).count())
