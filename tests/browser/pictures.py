"""The pictures of README and guides: which page of the demo company each shows. `test_screenshots.py` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.servers import ROOT

#: The languages of the site, by what file names say.
LANGUAGES = {"en": "en", "zh": "zh-hans"}
DESK, LOW, WIDE, PHONE = (1280, 800), (1280, 720), (1440, 720), (390, 844)


@dataclass(frozen=True)
class Picture:
    """A page as somebody of the demo company sees it.

    `who` is the name before @demo.example. `path` lies below /w/demo/ and may name `{draft}`, the import with refused
    rows, `{day}`, the last one in the assistant's work log, `{goal}`, a goal of the assistant, `{cycle}`, the one
    that runs, and `{calibration}`, a session. `press` (a selector) is clicked first, `search` is typed into the
    command palette.
    """

    name: str
    who: str
    path: str = ""
    size: tuple[int, int] = DESK
    search: str = ""
    press: str = ""
    place: str = "guide/{lang}-{name}.png"

    def file(self, lang: str) -> Path:
        """Return where the picture lies in a language of `LANGUAGES`."""
        return ROOT / "docs" / "images" / self.place.format(lang=lang, name=self.name)


PICTURES = [
    Picture("home", "manager", size=WIDE, place="{name}-{lang}.png"),
    Picture("owner-checklist", "owner", "home/setup/", LOW),
    Picture("hr-data", "hr", "home/data/"),
    Picture("hr-import", "hr", "imports/{draft}/"),
    Picture("manager-heat", "manager", "home/heat/", LOW),
    Picture("manager-targets", "manager", "targets/"),
    Picture("assistant-home", "assistant", size=PHONE),
    Picture("assistant-log", "assistant", "log/?day={day:%Y-%m-%d}", PHONE),
    Picture("support-home", "support", size=PHONE),
    Picture("auditor-trail", "auditor", "audit/?kind=goals.MonthlyTarget", LOW, press=".trail-entry summary"),
    Picture("manager-grid", "manager", "targets/grid/"),
    Picture("manager-goal", "manager", "goals/{goal}/"),
    Picture("hr-cycle", "hr", "cycles/{cycle}/"),
    Picture("hr-calibration", "hr", "calibration/{calibration}/?view=boxes"),
    Picture("assistant-check-in", "assistant", "check-in/", PHONE),
    Picture("assistant-result", "assistant", "results/own/", PHONE),
    Picture("palette", "manager", search="li"),
]
