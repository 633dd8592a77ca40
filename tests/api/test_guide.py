"""docs/api.md: its examples run, and its tables say what the code says."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from perfmgmt.api.scopes import REGISTRY
from perfmgmt.metrics.imports.reasons import CODES
from perfmgmt.people.services import add_employee
from tests.api.conftest import make_token
from tests.browser.conftest import serving
from tests.factories import Company
from tests.servers import ROOT

GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def environment(committed: None) -> Iterator[dict[str, str]]:
    """The two variables of the guide, for an application that serves a company with the employee of the example."""
    company = Company.create("acme")
    with company.scope():
        add_employee("E0007", "Li Wen")
    token = make_token(company)
    with serving() as url:
        yield {**os.environ, "HOST": url, "TOKEN": token}


def run(script: str, environment: dict[str, str]) -> Any:
    """Run the commands of one block; return what the last one prints."""
    done = subprocess.run(
        ["bash", "-euc", script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    answers, decoder, text = [], json.JSONDecoder(), done.stdout
    while text:
        answer, end = decoder.raw_decode(text)
        answers.append(answer)
        text = text[end:].lstrip()
    return answers


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_run_as_they_stand_and_answer_as_the_guide_says(environment: dict[str, str]) -> None:
    answers = [answer for block in blocks("bash") for answer in run(block, environment)]
    assert len(answers) == GUIDE.count("curl -s")
    *lists, batch = answers
    assert all(set(answer) == {"next", "results"} for answer in lists)
    assert [person["name"] for person in lists[1]["results"]] == ["李安", "Li Wen"]
    said, problem = (json.loads(block) for block in blocks("json"))
    assert {**batch, "batch": 0} == {**said, "batch": 0}  # each installation counts on its own
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors"}


def test_the_tables_name_every_scope_and_every_code() -> None:
    named = set(re.findall(r"`([a-z_]+(?::[a-z]+)?)`", GUIDE))
    assert set(REGISTRY) <= named
    imports = ROOT / "perfmgmt" / "metrics" / "imports"
    code = "".join((imports / name).read_text(encoding="utf-8") for name in ("parsing.py", "staging.py"))
    keys = set(re.findall(r'(?:Refusal|Reason\.of)\(\s*"([a-z_]+)"', code)) - {"ragged", "days_reversed"}  # of files
    refusals = {CODES.get(key, key) for key in keys}
    assert len(refusals) >= 12
    assert refusals <= named
    batch = (ROOT / "perfmgmt" / "api" / "batch.py").read_text(encoding="utf-8")
    assert set(re.findall(r'^    code = "([a-z_]+)"', batch, re.MULTILINE)) <= named
