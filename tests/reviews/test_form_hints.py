"""Hints beside a text: for the rater alone, from what stands on the form, and nothing of it is kept."""

import pytest

from reviews.models import AnswerSheet, Rater
from tests.factories import Company
from tests.reviews.factories import open_cycle
from tests.reviews.forms_factories import desk_of


@pytest.fixture
def cycle(acme: Company):
    return open_cycle(acme, "ann")


def test_hints_follow_text_and_ratings_and_store_nothing(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), Rater.objects.get(group="self")
    words = f"q{cycle.questions[-1].pk}"
    ratings = {f"q{one.pk}": 1 for one in cycle.scales}
    page = ann.post("review_hints", rater, question=words, text="表现非常优秀，是团队的榜样", **ratings)
    assert "the text praises, the ratings are low" in page.content.decode()
    assert not AnswerSheet.objects.exists() and Rater.objects.get(pk=rater.pk).state == "asked"


def test_a_good_text_has_no_hints(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), Rater.objects.get(group="self")
    page = ann.post(
        "review_hints", rater, question=f"q{cycle.questions[-1].pk}",
        text="1月和2月共签下24单，每周五给客户发进度，投诉从6件降到1件",
    )  # fmt: skip
    assert page.content.decode().strip() == ""


def test_what_was_typed_is_escaped(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), Rater.objects.get(group="self")
    page = ann.post("review_hints", rater, question=f"q{cycle.questions[-1].pk}", text="<b>小姑娘</b><script>")
    assert "小姑娘" in page.content.decode() and "<script" not in page.content.decode()


@pytest.mark.parametrize("question", ["", "q0", "x", "q99999999999"])
def test_a_question_that_is_not_asked_is_not_found(acme: Company, cycle, question: str) -> None:
    ann, rater = desk_of(acme, "ann"), Rater.objects.get(group="self")
    assert ann.post("review_hints", rater, question=question, text="x").status_code == 404
    scale = f"q{cycle.scales[0].pk}"
    assert ann.post("review_hints", rater, question=scale, text="x").status_code == 404
