"""What a survey may say: what is refused at once, what stands against publishing, colours, changes, the form."""

from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import override

from reviews.surveys import typed
from reviews.surveys.changes import changes
from reviews.surveys.checks import BadSurvey, check_draft, problems
from reviews.surveys.colours import contrast, is_readable
from reviews.surveys.content import Both, ChoiceDraft, QuestionDraft, SurveyDraft, stamp
from reviews.surveys.filling import filled, unknown_in
from reviews.surveys.pack import pack
from tests.reviews.survey_factories import ready, scale, with_question


def codes(draft: SurveyDraft) -> set[tuple[str, str]]:
    return {(one.code, one.field) for one in problems(draft)}


@pytest.mark.parametrize("which", range(len(pack())))
def test_ready_surveys_can_be_published_at_once(which: int) -> None:
    check_draft(ready(which))
    assert problems(ready(which)) == []


def test_each_missing_translation_is_named_with_its_place() -> None:
    found = ready(reader=Both("谁", ""), subject=Both(" ", "Subject"))
    found = with_question(
        found, "reason", choices=(ChoiceDraft("a", Both("甲", "")), ChoiceDraft("b", Both("乙", "B")))
    )
    assert codes(with_question(found, "comment", text=Both())) == {
        ("missing", "reader_en"), ("missing", "subject_zh"), ("missing", "reason-c-a_en"),
        ("missing", "comment-text_zh"), ("missing", "comment-text_en"),
    }  # fmt: skip
    with override("en"):
        assert "“Who reads the answer” is missing in English." in [one.text for one in problems(found)]


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ((), "no_scale"),
        ((QuestionDraft("a", "text", Both("问", "Ask")),), "no_scale"),
        ((QuestionDraft("a", "text", Both("问", "Ask")), scale()), "first"),
        ((scale(), QuestionDraft("c", "choice", Both("问", "Ask"))), "choices"),
        ((scale(after="q2", low_of=1, high_of=2), scale("q2")), "first"),
        ((scale(), scale("q2", after="q3", low_of=1, high_of=2), scale("q3")), "backwards"),
        ((scale(), scale("q2", after="q2", low_of=1, high_of=2)), "backwards"),
        ((scale(), scale("q2", after="gone", low_of=1, high_of=2)), "backwards"),
        ((scale(), QuestionDraft("t", "text", Both("问", "Ask")), scale("q2", after="t", low_of=1, high_of=2)),
         "backwards"),
        ((scale(), scale("q2", after="q1", low_of=4, high_of=2)), "bounds"),
        ((scale(), scale("q2", after="q1", low_of=0, high_of=2)), "bounds"),
        ((scale(), scale("q2", after="q1", low_of=1, high_of=6)), "bounds"),
    ],
)  # fmt: skip
def test_what_stands_against_publishing(questions: tuple[QuestionDraft, ...], code: str) -> None:
    assert code in {one.code for one in problems(ready(questions=questions))}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accent": "red"}, "colour"), ({"accent": "#12345"}, "colour"), ({"first_language": "fr"}, "bad_survey"),
        ({"heading": Both("长" * 121, "")}, "too_long"), ({"heading": Both("", "Dear {nobody}")}, "placeholder"),
        ({"questions": (scale(), scale())}, "bad_survey"), ({"questions": (scale("Q 1"),)}, "bad_survey"),
        ({"questions": (scale(kind="stars"),)}, "bad_survey"),
        ({"questions": tuple(scale(f"q{n}") for n in range(13))}, "too_many"),
        ({"questions": (scale(after="q2"),)}, "bounds"), ({"questions": (scale(low_of=1),)}, "bounds"),
        ({"questions": (scale(after="q2", low_of=1, high_of=99),)}, "bounds"),
        ({"questions": (scale(choices=(ChoiceDraft("a"), ChoiceDraft("a"))),)}, "bad_survey"),
        ({"questions": (scale(choices=tuple(ChoiceDraft(f"c{n}") for n in range(13))),)}, "too_many"),
        ({"note": "x" * 501}, "too_long"),
    ],
)  # fmt: skip
def test_what_cant_be_kept_as_a_draft(change: dict[str, Any], code: str) -> None:
    with pytest.raises(BadSurvey) as refused:
        check_draft(ready(**change))
    assert refused.value.code == code


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)
    assert is_readable("#767676") and not is_readable("#777777") and not is_readable("nonsense")
    assert codes(ready(accent="#ffcc00")) == {("contrast", "accent")}


def test_texts_are_filled_in_once() -> None:
    assert (
        filled("{person} of {company}: {else}", {"person": "{company}", "company": "Acme"})
        == "{company} of Acme: {else}"
    )
    assert unknown_in("{person} {name} {}") == ["name", ""]


def test_changes_between_versions_are_named() -> None:
    old = ready()
    new = with_question(replace(old, subject=Both(old.subject.zh, "New"), accent="#000000"), "comment", required=True)
    new = replace(new, questions=(new.questions[0], new.questions[2], scale("added")))
    with override("en"):
        found = [(one.what.split(" (")[0], one.after) for one in changes(old, new)]
    assert [what for what, _after in found] == [
        "Subject of the mail in English", "Accent colour", "Removed", "Added", "Question 2",
    ]  # fmt: skip
    assert changes(old, old) == [] and stamp(old) == stamp(ready()) != stamp(new)
    moved = replace(old, questions=(old.questions[0], old.questions[2], old.questions[1]))
    with override("en"):
        assert [(one.what, one.before, one.after) for one in changes(old, moved)] == [("Order", "1, 2, 3", "1, 3, 2")]


def form_of(draft: SurveyDraft, **more: Any) -> QueryDict:
    """What the editor sends for a draft."""
    data = QueryDict(mutable=True)
    for name in ("subject", "greeting", "heading", "reader", "thanks", "next_steps"):
        data[f"{name}_zh"], data[f"{name}_en"] = draft.text(name).zh, draft.text(name).en
    data["accent"], data["first_language"], data["note"] = draft.accent, draft.first_language, draft.note
    data.setlist("q", [one.key for one in draft.questions])
    for one in draft.questions:
        data[f"{one.key}-kind"] = one.kind
        for name in ("text", "low", "high"):
            data[f"{one.key}-{name}_zh"], data[f"{one.key}-{name}_en"] = getattr(one, name).zh, getattr(one, name).en
        for name in ("required", "identified"):
            if getattr(one, name):
                data[f"{one.key}-{name}"] = "1"
        data.setlist(f"{one.key}-c", [each.key for each in one.choices])
        for each in one.choices:
            data[f"{one.key}-c-{each.key}_zh"], data[f"{one.key}-c-{each.key}_en"] = each.text.zh, each.text.en
        if one.after:
            data[f"{one.key}-after"] = one.after
            data[f"{one.key}-low_of"], data[f"{one.key}-high_of"] = str(one.low_of), str(one.high_of)
    for name, value in more.items():
        data[name] = value
    return data


@pytest.mark.parametrize("which", range(len(pack())))
def test_the_form_says_what_the_draft_says(which: int) -> None:
    assert stamp(typed.read(form_of(ready(which)), logo="")) == stamp(ready(which))


def test_the_buttons_of_the_form() -> None:
    def keys(draft: SurveyDraft) -> list[str]:
        return [one.key for one in draft.questions]

    draft = ready()
    added = typed.changed(draft, "add:nps")
    assert keys(added) == [*keys(draft), "q1"] and added.questions[-1].high == Both("非常可能", "Extremely likely")
    assert keys(typed.changed(added, "add:text"))[-1] == "q2"
    assert keys(typed.changed(draft, "up:reason")) == ["reason", "satisfaction", "comment"]
    assert keys(typed.changed(draft, "down:comment")) == keys(draft)
    rest = typed.changed(draft, "remove:satisfaction")
    assert keys(rest) == ["reason", "comment"] and rest.questions[0].after == "" and rest.questions[0].low_of is None
    more = typed.changed(draft, "add_choice:reason").questions[1].choices
    assert more[-1].key == "c1" and len(more) == 6
    assert len(typed.changed(draft, "remove_choice:reason:speed").questions[1].choices) == 4
    for nonsense in ("", "add:", "add:stars", "up:", "remove:gone", "drop:reason", "refresh"):
        assert typed.changed(draft, nonsense) == draft


def test_bad_fields_of_the_form_become_what_is_refused_or_nothing() -> None:
    draft = ready()
    sent = form_of(draft, accent="2457D6", first_language="fr", **{"reason-low_of": "x", "reason-high_of": ""})
    found = typed.read(sent, logo="kept.png")
    assert (found.accent, found.first_language, found.logo) == ("#2457d6", "zh-hans", "kept.png")
    assert (found.questions[1].low_of, found.questions[1].high_of) == (99, 10)
    with pytest.raises(BadSurvey):
        check_draft(found)
    sent.setlist("q", ["satisfaction", "satisfaction", "Bad key", "reason"])
    assert [one.key for one in typed.read(sent, logo="").questions] == ["satisfaction", "reason"]
