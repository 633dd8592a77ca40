"""Numbers as people type them: digits grouped by three stand together, any other comma is not passed over."""

import pytest

from perfmgmt.tenants.numbers import ungrouped


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234", "1234"), ("1，234，567.5", "1234567.5"), ("1 234 567", "1234567"), ("-12,345", "-12345"),
        ("12345", "12345"), ("1.234,56", "1.234,56"), ("1.234,567", "1.234,567"), ("1,5", "1,5"),
        ("1,2345", "1,2345"),
        ("1,234,5", "1,234,5"), ("1234,567", "1234,567"), ("12 34", "12 34"), ("1 234 5", "1 234 5"), ("", ""),
    ],
)  # fmt: skip
def test_only_groups_of_three_lose_their_marks(text: str, plain: str) -> None:
    assert ungrouped(text) == plain
