"""A data directory per test, reachable for every account, and nothing left running after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.support import data_folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def base(open_folder: Path) -> Path:
    """A data directory that does not exist yet."""
    return open_folder / "var"
