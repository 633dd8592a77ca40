"""What every test of customers stands on."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def today() -> date:
    """The day in the company's time zone."""
    return timezone.localdate(timezone=timezone.get_fixed_timezone(8 * 60))
