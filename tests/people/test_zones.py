"""A time zone is found by what people know of it, in both languages, and stands in the list once."""

import pytest
from django import forms
from django.utils.translation import override

from perfmgmt.people.zones import COMMON, TimeZoneField, known_names, zones


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_offered_zone_is_taken_as_it_stands(language: str) -> None:
    with override(language):
        assert {TimeZoneField().clean(zone.label) for zone in zones()} == {zone.name for zone in zones()}
        assert len({zone.label for zone in zones()}) == len(zones()) > 300


def test_the_common_ones_come_first_in_their_own_words() -> None:
    with override("zh-hans"):
        assert [zone.name for zone in zones()[: len(COMMON)]] == list(COMMON)
        assert zones()[0].label == "上海 · 中国 (UTC+08:00) Asia/Shanghai"
        assert all("中国" in zone.label for zone in zones()[:4])
    with override("en"):
        assert zones()[0].label == "Shanghai · China (UTC+08:00) Asia/Shanghai"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("asia/shanghai", "Asia/Shanghai"),
        (" Europe/Berlin ", "Europe/Berlin"),
        ("上海", "Asia/Shanghai"),
        ("柏林", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("Asia/Calcutta", "Asia/Calcutta"),  # an old name that a workspace may have
    ],
)
def test_city_or_name_is_enough(typed: str, name: str) -> None:
    with override("zh-hans"):
        assert TimeZoneField().clean(typed) == name


def test_a_city_of_one_place_wins_over_others_that_contain_its_name() -> None:
    with override("en"):
        assert TimeZoneField().clean("london") == "Europe/London"


@pytest.mark.parametrize("typed", ["", "x", "Mars/Base", "America", "(", "+08:00", "上海\x00"])
def test_what_is_no_zone_or_fits_many_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        TimeZoneField().clean(typed)


def test_a_few_that_fit_are_named() -> None:
    with override("en"), pytest.raises(forms.ValidationError, match=r"Several time zones fit: .*Asia/Urumqi"):
        TimeZoneField().clean("· China (")


def test_a_kept_zone_is_shown_in_words_and_nonsense_as_it_was_typed() -> None:
    with override("en"):
        assert str(TimeZoneField().prepare_value("Asia/Tokyo")).startswith("Tokyo · Japan")
        assert TimeZoneField().prepare_value("Mars") == "Mars"
        assert "Asia/Chongqing" in known_names()


def test_a_zone_that_need_not_be_given_may_stay_empty() -> None:
    assert TimeZoneField(required=False).clean(" ") == ""
