"""The ready bank: anchors of behaviour in both languages, and an installation that may be repeated."""

import re

import pytest

from reviews.forms.pack import install_pack, pack
from reviews.models import Question, Questionnaire, QuestionnaireItem, RaterKind, Topic
from tests.factories import Company

SCALES = [entry for entry in pack()["questions"] if entry["kind"] == "scale"]
CHINESE = re.compile(r"[一-鿿]")
GRADES = re.compile(r"优秀|良好|一般|较差|合格|\b(good|very good|excellent|average|poor|fair enough|bad)\b", re.I)


def test_the_bank_has_questions_about_every_topic() -> None:
    topics = [entry["topic"] for entry in SCALES]
    assert {topic for topic in Topic.values if topic != Topic.OTHER} == set(topics)
    assert all(topics.count(topic) >= 2 for topic in set(topics))


@pytest.mark.parametrize("entry", SCALES, ids=lambda entry: entry["code"])
def test_the_steps_of_a_scale_are_behaviour_in_both_languages(entry) -> None:
    assert len(entry["anchors"]) == 5
    for words in (entry["text"], *entry["anchors"]):
        assert CHINESE.search(words["zh"]) and not CHINESE.search(words["en"])
    for anchor in entry["anchors"]:
        assert len(anchor["zh"]) >= 7 and len(anchor["en"].split()) >= 5, anchor
        assert not GRADES.search(anchor["zh"]) and not GRADES.search(anchor["en"]), anchor
    assert len({anchor["zh"] for anchor in entry["anchors"]}) == 5


def test_the_yearly_self_review_asks_for_everything_of_the_template_and_counts_nothing() -> None:
    entry = next(one for one in pack()["questionnaires"] if one["code"] == "yearly_self")
    sections = [item["section"]["en"] for item in entry["items"]]
    assert list(dict.fromkeys(sections)) == [
        "Targets", "Quality", "Behaviour", "Data", "Results", "Feedback", "Problems", "Plan",
    ]  # fmt: skip
    assert entry["purpose"] == "self" and {item["weight"] for item in entry["items"]} == {"0"}


def test_groups_of_the_pack_are_rater_groups() -> None:
    groups = {group for one in pack()["questionnaires"] for item in one["items"] for group in item["groups"]}
    assert groups <= set(RaterKind.values)


def test_installing_twice_changes_nothing_and_keeps_what_was_changed(acme: Company) -> None:
    added = install_pack()
    assert (added.questions, added.questionnaires) == (len(pack()["questions"]), 3)
    Question.objects.filter(code="strengths").update(text_zh="改过的题目")
    again = install_pack()
    assert not again
    assert Question.objects.get(code="strengths").text_zh == "改过的题目"
    assert Questionnaire.objects.count() == 3


def test_an_archived_question_stays_out_of_a_new_questionnaire(acme: Company) -> None:
    install_pack()
    Questionnaire.objects.filter(code="development").delete()
    Question.objects.filter(code="learning_skills").update(archived_at="2025-01-01T00:00Z")
    assert install_pack().questionnaires == 1
    codes = set(
        QuestionnaireItem.objects.filter(questionnaire__code="development").values_list("question__code", flat=True)
    )
    assert "learning_skills" not in codes and "development_goals" in codes


def test_each_workspace_has_a_bank_of_its_own(company: Company, other_company: Company) -> None:
    with company.scope():
        install_pack()
    with other_company.scope():
        assert not Question.objects.exists()
