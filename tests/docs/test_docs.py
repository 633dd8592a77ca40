"""The documents say what the code says: every setting is in the operator guide, every link leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.servers import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDE = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
#: Read by the code, but no settings of ours.
FOREIGN = {"PATH", "DJANGO_SETTINGS_MODULE", "PLAYWRIGHT_BROWSERS_PATH", "FONTCONFIG_FILE"}
#: Words of the Makefile, which `make help` explains.
OF_MAKE = {"PYTEST_ARGS", "BENCH_ARGS", "UPGRADE"}
_READ = re.compile(
    r"""(?:environ(?:\.get\(|\.setdefault\(|\[)|env\.[a-z]+\(|_required\(|_given\()\s*["']([A-Z][A-Z_]+)["']"""
)


def read_by_the_code() -> set[str]:
    """Every environment variable that product, tools and the container read."""
    files = [ROOT / "manage.py", *(ROOT / "tools").glob("*.py")]
    files += [path for top in ("perfmgmt", "goals", "analytics") for path in (ROOT / top).rglob("*.py")]
    found = {name for path in files for name in _READ.findall(path.read_text(encoding="utf-8"))}
    found |= set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    found |= set(re.findall(r"\b([A-Z]+_CONCURRENCY)=", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    return found - FOREIGN - OF_MAKE


def test_the_operator_guide_names_every_setting_and_no_other() -> None:
    table = GUIDE.partition("## Settings")[2].partition("\n## ")[0]
    named = {name for row in table.splitlines() if row.startswith("| `") for name in
             re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1])}  # fmt: skip
    code = read_by_the_code()
    assert len(code) > 30
    assert named == code


def anchors(document: Path) -> set[str]:
    """The anchors that headings get."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (document.parent / name) if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []
