"""Forms of a question with its steps, and of a questionnaire with its items."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import DomainError
from reviews.forms.bank.services import ItemDraft, QuestionDraft
from reviews.models import (
    Question,
    QuestionKind,
    Questionnaire,
    QuestionnaireItem,
    QuestionnairePurpose,
    RaterKind,
    Topic,
)

ROWS = 10
USUAL = 5
#: Groups that a questionnaire may ask; customers answer surveys, not forms.
GROUPS = [(value, label) for value, label in RaterKind.choices if value != RaterKind.CUSTOMERS]
AREA = {"rows": 2}


class QuestionForm(forms.Form):
    """A question in both languages, and what each step of its scale means."""

    topic = forms.ChoiceField(label=_("Topic"), choices=Topic.choices)
    kind = forms.ChoiceField(label=_("How it is answered"), choices=QuestionKind.choices)
    text_zh = forms.CharField(
        label=_("Question in Chinese"), max_length=400,
        widget=forms.Textarea(attrs={**AREA, "lang": "zh-Hans", "translate": "no"}),
    )  # fmt: skip
    text_en = forms.CharField(
        label=_("Question in English"), max_length=400,
        widget=forms.Textarea(attrs={**AREA, "lang": "en", "translate": "no"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, question: Question | None = None) -> None:
        initial: dict[str, Any] = {"kind": QuestionKind.SCALE}
        if question is not None:
            initial = {name: getattr(question, name) for name in ("topic", "kind", "text_zh", "text_en")}
        super().__init__(data, initial=initial)
        anchors = list(question.anchors) if question is not None else []
        self.shown_steps = max(len(anchors), USUAL)
        for at in range(ROWS):
            step = anchors[at] if at < len(anchors) else {}
            for language, label in (("zh", _("In Chinese")), ("en", _("In English"))):
                self.fields[f"step_{language}_{at}"] = forms.CharField(
                    label=label, max_length=300, required=False, initial=step.get(language, ""),
                    widget=forms.Textarea(attrs=AREA),
                )  # fmt: skip

    def steps(self) -> list[dict[str, Any]]:
        """Return the fields of each step, lowest first."""
        return [
            {"number": at + 1, "zh": self[f"step_zh_{at}"], "en": self[f"step_en_{at}"],
             "more": at >= self.shown_steps}
            for at in range(ROWS)
        ]  # fmt: skip

    def anchors(self) -> list[dict[str, str]]:
        """Return what was typed for the steps, without the empty ones at the end."""
        data = self.cleaned_data
        rows = [{"zh": data.get(f"step_zh_{at}", ""), "en": data.get(f"step_en_{at}", "")} for at in range(ROWS)]
        while rows and not (rows[-1]["zh"] or rows[-1]["en"]):
            rows.pop()
        return rows

    def draft(self) -> QuestionDraft:
        """Return what was typed."""
        data = self.cleaned_data
        anchors = self.anchors() if data["kind"] == QuestionKind.SCALE else []
        return QuestionDraft(data["topic"], data["kind"], data["text_zh"], data["text_en"], anchors)


class QuestionnaireForm(forms.Form):
    """What a questionnaire is called and what it is for."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=QuestionnairePurpose.choices,
        help_text=_("Only 360-degree reviews can count in scores; a self-review is read in the interview."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, questionnaire: Questionnaire | None = None) -> None:
        names = ("name_zh", "name_en", "purpose")
        super().__init__(
            data, initial={name: getattr(questionnaire, name) for name in names} if questionnaire else {}
        )

    def clean(self) -> dict[str, Any]:
        """Ask for a name in one language at least."""
        data = super().clean() or self.cleaned_data
        if not data.get("name_zh") and not data.get("name_en"):
            self.add_error("name_zh", _("Give it a name."))
        return data


def draft_of(item: QuestionnaireItem) -> ItemDraft:
    """Return a stored item as a draft."""
    return ItemDraft(item.question_id, item.weight, list(item.groups), item.required, dict(item.section))


def items_in(post: QueryDict) -> list[ItemDraft]:
    """Return the items that an editor sends, in the order of its rows: `item` for each, then fields by question id.

    Raises DomainError for a weight that is no number.
    """
    found = []
    for text in post.getlist("item")[:200]:
        if not text.isdecimal() or len(text) > 17:
            continue
        weight = post.get(f"weight_{text}", "1").strip().replace("，", ".").replace(",", ".") or "1"
        groups = [group for group in post.getlist(f"groups_{text}") if group in RaterKind.values]
        section = {language: post.get(f"section_{language}_{text}", "").strip()[:80] for language in ("zh", "en")}
        found.append(
            ItemDraft(
                int(text), _weight(weight), groups, post.get(f"required_{text}") == "on",
                {language: words for language, words in section.items() if words},
            )
        )  # fmt: skip
    return found


def _weight(text: str) -> Decimal:
    try:
        weight = Decimal(text)
    except InvalidOperation:
        weight = Decimal("NaN")
    if not weight.is_finite() or not 0 <= weight < 1000:
        raise DomainError(_("“{text}” is no weight. Type a number from 0 to 999."), code="bad_weight",
                          text=text[:20])  # fmt: skip
    return weight.quantize(Decimal("0.01"))


def moved(items: Sequence[ItemDraft], move: str) -> list[ItemDraft]:
    """Return the items after `move`: "up-5", "down-5" or "remove-5" by question id; anything else changes nothing."""
    way, _dash, text = move.partition("-")
    rows = list(items)
    at = next((place for place, item in enumerate(rows) if str(item.question_id) == text), None)
    if at is None:
        return rows
    if way == "remove":
        del rows[at]
    elif way in ("up", "down"):
        to = at + (-1 if way == "up" else 1)
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    return rows


def shares_of(items: Sequence[ItemDraft], kinds: Mapping[int, str]) -> dict[int, Decimal]:
    """Return what share in percent each scored question has of all, by question id."""
    scored = [item for item in items if kinds.get(item.question_id) == QuestionKind.SCALE]
    whole = sum((item.weight for item in scored), Decimal(0))
    return {item.question_id: item.weight * 100 / whole for item in scored} if whole else {}


def group_words(groups: Sequence[str]) -> str:
    """Return which groups are asked, in words."""
    names = [str(label) for value, label in GROUPS if value in groups]
    return _t(", ").join(names) if names else _t("Everybody who is asked")
