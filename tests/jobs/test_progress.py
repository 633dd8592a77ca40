"""How fast a job is and how long it still takes: from the last seconds, in words; what isn't known isn't said."""

import time

import pytest
from django.utils import translation

from perfmgmt.jobs import words
from perfmgmt.jobs.progress import WINDOW_SECONDS, Meter, Progress


def test_the_speed_is_that_of_the_last_seconds_not_of_the_whole_way() -> None:
    meter = Meter()
    for second in range(61):  # a slow minute: 10 a second
        meter.measure("reading", second * 10, second, float(second))
    for second in range(1, 31):  # then 100 a second
        pace, rows = meter.measure("reading", 600 + second * 100, 60 + second * 10, 60.0 + second)
    assert pace == pytest.approx(100)
    assert rows == pytest.approx(10)


def test_a_short_stretch_says_nothing() -> None:
    meter = Meter()
    meter.measure("reading", 0, 0, 0.0)
    assert meter.measure("reading", 500, 50, 1.0) == (0.0, 0.0)
    assert meter.measure("reading", 1000, 100, 2.0) == (500.0, 50.0)


def test_each_phase_is_measured_by_itself() -> None:
    meter = Meter()
    meter.measure("reading", 0, 0, 0.0)
    meter.measure("reading", 1000, 10, 5.0)
    assert meter.measure("publishing", 10, 0, 6.0) == (0.0, 0.0)


def test_many_reports_a_second_do_not_pile_up() -> None:
    meter = Meter()
    for n in range(100_000):
        meter.measure("reading", n, n, n / 1000)
    assert len(meter._marks) < WINDOW_SECONDS * 4 + 4


@pytest.mark.parametrize(
    "progress",
    [
        Progress("publishing", at=1000.0),  # no length
        Progress("reading", 10, 100, at=1000.0),  # no speed yet
        Progress("reading", 10, 100, pace=5.0, at=900.0),  # silent for too long
        Progress(),
    ],
)
def test_what_is_not_known_is_not_said(progress: Progress) -> None:
    assert progress.remaining(1000.0) is None
    assert words.notes(progress, 1000.0) == []


def test_the_time_left_counts_down_between_two_reports() -> None:
    progress = Progress("reading", 400, 1000, pace=10.0, at=1000.0)
    assert progress.remaining(1000.0) == pytest.approx(60)
    assert progress.remaining(1020.0) == pytest.approx(40)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (None, "", ""),
        (3, "a few seconds left", "还需几秒"),
        (41, "about 50 seconds left", "约剩 50 秒"),
        (60, "about 1 minute left", "约剩 1 分钟"),
        (61, "about 2 minutes left", "约剩 2 分钟"),
        (3600, "about 1 hour left", "约剩 1 小时"),
        (9000, "about 3 hours left", "约剩 3 小时"),
    ],
)
def test_the_time_left_in_words(seconds: float | None, english: str, chinese: str) -> None:
    with translation.override("en"):
        assert words.remaining(seconds) == english
    with translation.override("zh-hans"):
        assert words.remaining(seconds) == chinese


def test_rows_speed_and_time_stand_together() -> None:
    now = time.time()
    progress = Progress("reading", 64_000, 128_000, rows=12_400, pace=1000.0, row_pace=194.2, at=now)
    with translation.override("en"):
        assert words.notes(progress, now) == ["12,400 rows", "194 rows a second", "about 2 minutes left"]
    with translation.override("zh-hans"):
        assert words.notes(progress, now) == ["12,400 行", "每秒 194 行", "约剩 2 分钟"]
