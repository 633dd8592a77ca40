"""The mail and the page of a survey: what they say, in both languages, safe against what names and answers hold."""

import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils.translation import override

from perfmgmt.notify.letters import Written
from perfmgmt.notify.sending import message_of
from perfmgmt.notify.services import queue_mail
from reviews.surveys import logos, page
from reviews.surveys.content import Both, Rated, SurveyDraft
from reviews.surveys.letters import letter
from tests.factories import Company
from tests.reviews.survey_factories import EFFORT, NPS, ORDERS, occasion, ready, scale, with_question
from tests.reviews.test_survey_services import picture

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def written(draft: SurveyDraft, language: str = "en", **changes: object) -> Written:
    """The mail of a draft."""
    return letter(
        draft, language, occasion(**changes), unsubscribe_url="https://x.example/u",
        answer_url=lambda score: f"https://x.example/a?s={'' if score is None else score}&k=1",
    )  # fmt: skip


class Tags(HTMLParser):
    """Collects links, and whether anything stands in the HTML that mail clients drop or that runs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize(("which", "points"), [(ORDERS, range(1, 6)), (NPS, range(11)), (EFFORT, range(1, 8))])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_first_question_stands_in_the_mail_as_links(which: int, points: range, language: str) -> None:
    mail = written(ready(which), language)
    wanted = [f"https://x.example/a?s={point}&k=1" for point in points]
    found = Tags(mail.html)
    assert [link for link in found.links if re.search(r"s=\d", link)] == wanted
    assert all(link in mail.text for link in [*wanted, "https://x.example/a?s=&k=1", "https://x.example/u"])
    assert not found.tags & {"script", "form", "link", "iframe", "input"}
    assert "<style" not in mail.html and 'style="' in mail.html
    assert "{" not in mail.subject + mail.text


def test_words_are_those_of_the_customers_language_whatever_the_readers() -> None:
    with override("zh-hans"):
        english = written(ready(NPS, greeting=Both("您好", "Hello")))
        assert not CHINESE.search(english.text + english.html + english.subject)
    with override("en"):
        chinese = written(ready(NPS), "zh-hans", person="李晓雯", number="20817", day=date(2026, 11, 12))
        plain = re.sub(r"https?://\S+|Acme|NPS", "", chinese.text)
        assert not re.search(r"[A-Za-z]{3}", plain), plain


def test_names_break_neither_headers_nor_html() -> None:
    evil = "Bob\r\nBcc: all@x.example\n<script>alert(1)</script>\u2028&\x00"
    draft = ready(subject=Both("{person}", "{person} <b>"), greeting=Both("{person}", "{person}"))
    mail = written(draft, person=evil, number=evil)
    assert not re.search(r"[\r\n\x00\u2028]", mail.subject)
    assert "<script" not in mail.html and "&lt;script&gt;" in mail.html
    assert "\nBcc:" not in mail.text


def test_what_is_rated_is_named() -> None:
    mail = written(ready(), day=date(2026, 11, 12))
    assert "Order SO-1" in mail.text and "Ann Lee" in mail.text and "12" in mail.text
    assert mail.subject == "How was Ann Lee's service?"
    nobody = letter(
        ready(), "en", replace(occasion(), rated=Rated()), answer_url=lambda score: "https://x.example",
        unsubscribe_url="https://x.example",
    )  # fmt: skip
    assert nobody.subject == "How was our team's service?"


def test_a_mail_needs_a_scale_first() -> None:
    for draft in (ready(questions=()), ready(questions=ready().questions[1:])):
        with pytest.raises(ValueError, match="scale"):
            written(draft)


def test_a_colour_on_which_white_cant_be_read_is_not_used() -> None:
    assert "#ffee00" not in written(ready(accent="#ffee00")).html
    assert "#0b6b4b" in written(ready(accent="#0b6b4b")).html


@override_settings(EMAIL_HOST="localhost")
def test_the_logo_travels_inside_the_mail(acme: Company) -> None:
    file = picture()
    name = logos.keep(logos.encoded(file, file.size))
    mail = queue_mail(written(ready()), to="c@x.example", kind="surveys.test", language="en", picture=name,
                      reply_to="care@x.example")  # fmt: skip
    raw = message_from_bytes(message_of(mail).message().as_bytes(), policy=policy.default)
    assert raw.get_content_type() == "multipart/related"
    assert [part.get_content_type() for part in raw.walk() if not part.is_multipart()] == [
        "text/plain", "text/html", "image/png"]  # fmt: skip
    assert raw["Reply-To"] == "care@x.example"
    assert [part["Content-ID"] for part in raw.walk() if part["Content-ID"]] == ["<logo>"]
    plain = queue_mail(written(ready()), to="c@x.example", kind="surveys.test", language="en")
    assert message_of(plain).message().get_content_type() == "multipart/alternative"


# The page


def sent(*shown: str, **answers: str | list[str]) -> QueryDict:
    """What a form sends; `shown` are the questions on it."""
    data = QueryDict(mutable=True)
    data.setlist("shown", list(shown))
    for key, value in answers.items():
        data.setlist(f"a-{key}", value if isinstance(value, list) else [value])
    return data


FIRST = ("satisfaction", "comment")


def test_a_good_score_is_finished_at_once() -> None:
    found = page.parse(ready(), sent(*FIRST, satisfaction="5", comment=" Thanks\r\n😀 "))
    assert found.is_finished and found.answers == {"satisfaction": 5, "comment": "Thanks\n😀"}


def test_a_follow_up_is_asked_after_a_low_score_and_never_required_unseen() -> None:
    draft = with_question(ready(), "reason", required=True)
    found = page.parse(draft, sent(*FIRST, satisfaction="2"))
    assert not found.is_finished and found.more == ("reason",) and not found.errors
    again = page.parse(draft, sent(*FIRST, "reason", satisfaction="2"))
    assert set(again.errors) == {"reason"}
    done = page.parse(draft, sent(*FIRST, "reason", satisfaction="2", reason="speed"))
    assert done.is_finished and done.answers == {"satisfaction": 2, "reason": "speed"}
    # The score was mended afterwards: the follow-up does not apply any more, and its answer goes.
    mended = page.parse(draft, sent(*FIRST, "reason", satisfaction="4", reason="speed"))
    assert mended.is_finished and mended.answers == {"satisfaction": 4}


def test_follow_ups_of_follow_ups() -> None:
    asks = (scale("a"), scale("b", "nps", after="a", low_of=1, high_of=2), scale("c", after="b", low_of=0, high_of=3))
    draft = ready(questions=asks)
    assert page.parse(draft, sent("a", a="1")).more == ("b",)
    assert page.parse(draft, sent("a", "b", a="1", b="0")).more == ("c",)
    assert page.parse(draft, sent("a", "b", "c", a="3", b="0", c="5")).answers == {"a": 3}


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"satisfaction": "6"}, "satisfaction"), ({"satisfaction": "0"}, "satisfaction"),
        ({"satisfaction": "-1"}, "satisfaction"), ({"satisfaction": "４"}, "satisfaction"),
        ({"satisfaction": "5.0"}, "satisfaction"), ({"satisfaction": "9" * 5000}, "satisfaction"),
        ({"satisfaction": ""}, "satisfaction"), ({}, "satisfaction"), ({"satisfaction": ["4", "5"]}, "satisfaction"),
        ({"satisfaction": "5", "comment": "长" * 2001}, "comment"),
        ({"satisfaction": "1", "reason": "bribe"}, "reason"),
        ({"satisfaction": "5", "gone": "1"}, ""),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(answers: dict[str, str | list[str]], wrong: str) -> None:
    found = page.parse(ready(), sent(*FIRST, "reason", **answers))
    assert set(found.errors) == {wrong} and not found.is_finished


def test_fields_of_other_forms_are_refused() -> None:
    data = sent(*FIRST, satisfaction="5")
    data["admin"] = "1"
    assert set(page.parse(ready(), data).errors) == {""}
    assert set(page.parse(ready(), sent(*["x"] * 50, satisfaction="5")).errors) == {""}


def test_the_link_of_the_mail_fills_in_the_score() -> None:
    assert page.filled_in(ready(NPS), "10") == {"recommend": 10}
    for nonsense in ("11", "", "x", "1e3", "-1", "１"):
        assert page.filled_in(ready(NPS), nonsense) == {}
    assert page.filled_in(ready(questions=()), "1") == {}


def html(draft: SurveyDraft, language: str = "en", name: str = "answer", **values: object) -> str:
    """The page of a draft."""
    arguments: dict[str, object] = {"answers": {}, **values}
    with override(language):
        return render_to_string(f"surveys/{name}.html", page.context(draft, language, occasion(), **arguments))  # type: ignore[arg-type]


def test_the_page_names_what_is_rated_and_who_reads_it() -> None:
    text = html(ready())
    assert "Order SO-1" in text and "Ann Lee" in text and "The service team of Acme" in text
    assert "to improve the service and to assess it" in text
    assert 'lang="en"' in text and "Send" in text
    with override("en"):
        chinese = html(ready(), "zh-hans")
    assert "提交" in chinese


def test_a_follow_up_waits_hidden_and_disabled_until_it_applies() -> None:
    closed = html(ready())
    assert re.search(
        r'<fieldset class="question" data-after="a-satisfaction" data-low="1" data-high="3" hidden disabled', closed
    )
    opened = html(ready(), answers={"satisfaction": 2})
    assert "hidden disabled" not in opened and re.search(r'value="2" checked', opened)


def test_what_was_typed_comes_back_escaped() -> None:
    text = html(ready(), answers={"satisfaction": 1}, errors={"comment": "Too long"},
                typed={"comment": "</textarea><script>alert(1)</script>"})  # fmt: skip
    assert "<script>alert" not in text and "&lt;/textarea&gt;" in text and 'id="e-comment"' in text


def test_whether_an_answer_is_shown_with_the_name_is_said_at_each_question() -> None:
    text = html(ready(EFFORT))
    assert text.count("Shown with your name") == 2 and text.count("Shown without your name") == 1


def test_the_thanks_say_what_happens_next() -> None:
    text = html(ready(), name="thanks")
    assert "Thank you for your answer!" in text and "within two working days" in text


def test_the_page_weighs_less_than_60_kb_with_the_largest_survey_and_logo() -> None:
    from tests.servers import ROOT

    long = Both("长" * 200, "W" * 200)
    draft = ready(questions=tuple(scale(f"q{n}", "nps", text=long) for n in range(12)))
    files = sum((ROOT / "static" / name).stat().st_size for name in ("css/survey.css", "js/survey_answer.js"))
    usual = len(html(ready(), "zh-hans").encode())
    heaviest = len(html(draft, "zh-hans").encode())
    look = 40
    assert usual + files + look + logos.KEPT_BYTES < 60 * 1024
    assert heaviest + files + look + logos.KEPT_BYTES < 60 * 1024
