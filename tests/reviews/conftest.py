"""What tests of reviews share."""

from collections.abc import Iterator

import pytest

from tests.factories import Company


@pytest.fixture
def acme(company: Company) -> Iterator[Company]:
    """The company with its scope open."""
    with company.scope():
        yield company
