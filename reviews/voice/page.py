"""The results of a survey as a page shows them: figures, course, distribution and a breakdown of its questions."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _t

from perfmgmt.people.models import Employee, Unit
from perfmgmt.web.charts import Chart
from reviews.models import Survey, SurveyPurpose, SurveyQuestion
from reviews.surveys.content import SCALES
from reviews.surveys.filling import PLACEHOLDERS, filled
from reviews.surveys.rules import used_mean
from reviews.voice.access import Scope
from reviews.voice.pictures import Bar, bars_of, course_of
from reviews.voice.rules import (
    Figures,
    is_safe_cross,
    is_safe_range,
    is_whole,
    released,
    shown_lines,
    shown_parts,
    shown_within,
)
from reviews.voice.selectors import (
    DIMENSIONS,
    Part,
    Row,
    by_finishing,
    by_month,
    by_part,
    counted,
    histogram,
    minimum,
    parts_by_month,
    parts_offered,
    questions_of,
)
from reviews.voice.wanted import RESPONSE, Wanted

#: What the breakdowns are called.
TITLES = {
    "employee": gettext_lazy("By assistant"), "unit": gettext_lazy("By unit"),
    "type": gettext_lazy("By customer type"), "product": gettext_lazy("By product"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A part of a breakdown: its figures, and for an assistant the mean that scores use."""

    label: str
    figures: Figures
    used: Fraction | None = None


@dataclass
class Result:
    """One question. `hidden` says why there are no figures: "none", "few", "range", "unnamed" or "batch".

    `lines`: its breakdown; `more`: how many parts are not shown.
    """

    question: SurveyQuestion
    text: str
    figures: Figures
    hidden: str = ""
    bars: list[Bar] = field(default_factory=list)
    chart: Chart | None = None
    lines: list[Line] = field(default_factory=list)
    more: int = 0

    @property
    def kind(self) -> str:
        """The kind of question."""
        return self.question.kind

    @property
    def is_scale(self) -> bool:
        """Whether it has figures beside counts."""
        return self.kind in SCALES


@dataclass
class Results:
    """A survey's results within a viewer's scope. `options`: what the filters offer, by dimension: value, word.

    `by`: which breakdown it has; "" for none. `offered`: which there are.
    """

    results: list[Result]
    options: dict[str, list[tuple[Part, str]]]
    minimum: int
    by: str = ""
    offered: Sequence[str] = ()
    chosen: Result | None = None

    @property
    def n(self) -> int:
        """How many answers the question has that was answered most."""
        return max((one.figures.n for one in self.results if not one.hidden), default=0)


def results_of(survey: Survey, wanted: Wanted, scope: Scope, today: date) -> Results:
    """Return the results; a fixed number of queries whatever the number of answers."""
    reading = _Reading(survey, wanted, scope, today)
    results = [reading.result(one) for one in reading.questions.values() if one.kind != "text"]
    found = Results(results, reading.names.options(), reading.minimum, reading.by, reading.offered)
    found.chosen = next((one for one in results if one.question.key == wanted.question), None) or next(
        (one for one in results if one.is_scale and not one.hidden), results[0] if results else None
    )
    if found.chosen is not None and not found.chosen.hidden:
        reading.detail(found.chosen)
    return found


def filter_options(survey: Survey, wanted: Wanted, scope: Scope) -> dict[str, list[tuple[Part, str]]]:
    """Return what the filters offer within a viewer's scope, by dimension: value, word; three queries."""
    return _Names(parts_offered(survey.pk, wanted.purpose, scope)).options()


class _Names:
    """What the parts of everything that a viewer sees are called."""

    def __init__(self, offered: Mapping[str, set[Part]]) -> None:
        self.offered = offered
        self.people = dict(Employee.objects.filter(pk__in=offered["employee"]).values_list("pk", "name"))
        self.unit_names = dict(Unit.objects.filter(pk__in=offered["unit"]).values_list("pk", "name"))

    def word(self, by: str, part: Part) -> str:
        """Return what a part is called."""
        if by == "employee":
            return self.people.get(int(part), "") or _t("Nobody in particular")
        if by == "unit":
            return self.unit_names.get(int(part), "") or _t("Without a unit")
        return str(part) or _t("Not known")

    def options(self) -> dict[str, list[tuple[Part, str]]]:
        """Return what the filters offer."""
        return {
            by: sorted(((part, self.word(by, part)) for part in parts), key=lambda one: one[1])
            for by, parts in self.offered.items()
        }


class _Reading:
    """What is read once for all questions: which queries it takes follows from the address and the viewer alone.

    Who reads every identified answer (`scope.reads`) may filter by anything together, as RULES.md section 14 is not
    about those; for others filters go one at a time, and nothing follows from what is shown beside one another.
    """

    def __init__(self, survey: Survey, wanted: Wanted, scope: Scope, today: date) -> None:
        self.wanted, self.scope, self.today, self.minimum = wanted, scope, today, minimum()
        self.questions = questions_of(survey)
        self.names = _Names(parts_offered(survey.pk, wanted.purpose, scope))
        self.months = _grouped(by_month(survey.pk, wanted, scope))
        whole = Wanted(purpose=wanted.purpose)
        narrowing = wanted.dimensions
        # Where a part is chosen each line would be a second filter.
        self.offered = [by for by in DIMENSIONS if by not in narrowing] if scope.reads or not narrowing else []
        chosen = wanted.by if wanted.by in self.offered else next(iter(self.offered), "")
        self.by = "" if wanted.by == RESPONSE else chosen
        self.parts = _grouped(by_part(survey.pk, wanted, scope, self.by)) if self.by else {}
        strict = [] if scope.reads or wanted.filters != 1 else narrowing or [self.by]
        self.whole = {by: _grouped(by_part(survey.pk, whole, scope, by)) for by in strict}
        ranged = bool(strict and not narrowing)
        self.part_months = _grouped(parts_by_month(survey.pk, whole, scope, self.by)) if ranged else {}
        self.all_units: dict[str, list[Row]] = {}
        if self.by == "employee" and wanted.purpose == SurveyPurpose.SCORED:
            # What a score is drawn to is the unit's mean, whoever looks: its months, nothing else narrowed.
            of_units = replace(whole, first=wanted.first, last=wanted.last)
            self.all_units = _grouped(by_part(survey.pk, of_units, Scope(is_all=True), "unit"))
        unnamed = scope.is_all and not wanted.filters and not all(one.identified for one in self.questions.values())
        self.finished = _grouped(by_finishing(survey.pk, wanted.purpose)) if unnamed else {}

    def result(self, question: SurveyQuestion) -> Result:
        """Return a question's answers of the months, or why they are not shown."""
        if question.identified:
            rows = self.months.get(question.key, [])
            inside = [row for row in rows if self._is_inside(row)]
            hidden = self._hidden(question, rows, inside)
        else:
            inside = self._released(question)
            filtered = self.wanted.filters or not self.scope.is_all
            hidden = "unnamed" if filtered else "" if inside else "batch"
        if hidden:
            return Result(question, words_of(question), Figures(question.kind), hidden)
        figures = Figures(question.kind, histogram(inside) if question.kind in SCALES else {})
        return Result(question, words_of(question), figures, bars=bars_of(question, inside))

    def _released(self, question: SurveyQuestion) -> list[Row]:
        """Return the answers without a name that are shown together by today (RULES.md section 14)."""
        rows = self.finished.get(question.key, [])
        last = released(counted(rows, lambda row: row.month), self.today, self.minimum)
        return [row for row in rows if last is not None and row.month is not None and row.month <= last]

    def _is_inside(self, row: Row) -> bool:
        first, last = self.wanted.first, self.wanted.last
        return row.month is not None and (not first or row.month >= first) and (not last or row.month <= last)

    def _hidden(self, question: SurveyQuestion, rows: Sequence[Row], inside: Sequence[Row]) -> str:
        wanted, n = self.wanted, sum(row.n for row in inside)
        if n < self.minimum:
            return "few" if n else "none"
        if self.scope.reads:
            return ""
        if wanted.filters > 1:
            return "few"
        if not is_safe_range(counted(rows, lambda row: row.month), wanted.first, wanted.last, self.minimum):
            return "range"
        for by in wanted.dimensions:
            if wanted.value(by) not in shown_parts(self._counts(question.key, by), self.minimum):
                return "few"
        return ""

    def _counts(self, key: str, by: str) -> Mapping[Part, int]:
        """Return how many answers each part has, whatever is filtered."""
        return counted(self.whole[by].get(key, []), lambda row: row.part(by))

    def detail(self, result: Result) -> None:
        """Add the course and the breakdown of a question whose figures are shown; of one with names only."""
        if not result.is_scale or not result.question.identified or (self.wanted.narrows and not self.scope.reads):
            return
        rows = self.months.get(result.question.key, [])
        counts = counted(rows, lambda row: row.month)
        enough = frozenset(month for month, n in counts.items() if n >= self.minimum)
        months = enough if self.scope.reads else shown_parts(counts, self.minimum)
        result.chart = course_of(result.kind, [row for row in rows if row.month in months and self._is_inside(row)])
        if self.by:
            self._break_down(result)

    def _break_down(self, result: Result) -> None:
        """Add the parts that may be shown, the largest first, and how many are hidden."""
        of_part: dict[Part, list[Row]] = {}
        for row in self.parts.get(result.question.key, []):
            of_part.setdefault(row.part(self.by), []).append(row)
        counts = {part: sum(row.n for row in rows) for part, rows in of_part.items()}
        shown = self._shown(result.question.key, of_part, counts)
        for part in sorted(shown, key=lambda one: (-counts[one], str(one))):
            figures = Figures(result.kind, histogram(of_part[part]))
            used = self._used(result, of_part[part], figures) if self.by == "employee" and part else None
            result.lines.append(Line(self.names.word(self.by, part), figures, used))
        result.more = sum(1 for n in counts.values() if n) - len(shown)

    def _shown(self, key: str, of_part: Mapping[Part, Sequence[Row]], counts: Mapping[Part, int]) -> frozenset[Part]:
        if self.scope.reads:
            return frozenset(part for part, n in counts.items() if n >= self.minimum)
        shown = shown_parts(counts, self.minimum) if not self.wanted.filters else self._shown_in_months(key, counts)
        if self.by != "employee":
            return shown
        in_units: Mapping[Part, Mapping[Hashable, int]] = {
            part: counted(rows, lambda row: row.unit) for part, rows in of_part.items()
        }
        return shown_within(in_units, shown, self.minimum)

    def _shown_in_months(self, key: str, counts: Mapping[Part, int]) -> frozenset[Part]:
        whole = self._counts(key, self.by)
        outside = {part: n - counts.get(part, 0) for part, n in whole.items()}
        known: frozenset[Part] = shown_parts(whole, self.minimum)
        unsafe = set(counts) - known
        of_part: dict[Part, Counter[date]] = {}
        all_months: Counter[date] = Counter()
        for row in self.part_months.get(key, []):
            if row.month is not None:
                of_part.setdefault(row.part(self.by), Counter())[row.month] += row.n
                all_months[row.month] += row.n
        for part, mine in of_part.items():
            if not is_safe_cross((mine, all_months - mine), self.wanted.first, self.wanted.last, self.minimum):
                unsafe.add(part)
        return shown_lines(counts, outside, self.minimum, unsafe)

    def _used(self, result: Result, mine: Sequence[Row], figures: Figures) -> Fraction | None:
        """Return the mean that scores use: drawn to that of the unit in which most were served (RULES.md 8).

        Who knows both means knows the unit's: it is used only where that could be shown to the viewer.
        """
        if result.kind != "csat" or self.wanted.purpose != SurveyPurpose.SCORED:
            return None
        units = counted(mine, lambda row: row.unit)
        unit = max(units, key=lambda pk: (units[pk], pk))
        key = result.question.key
        rows = self.all_units.get(key, [])
        of_unit = [row for row in rows if row.unit == unit] if unit else rows
        mean = Figures(result.kind, histogram(of_unit))
        if mean.n < self.minimum or not (self.scope.reads or self._may_know(key, unit, mean.n)):
            return None
        return used_mean(figures.n, figures.mean, mean.mean)

    def _may_know(self, key: str, unit: int, n: int) -> bool:
        """Whether a unit's mean over `n` answers gives nobody away beside what else the viewer sees.

        What others than the viewer's people answered there is nothing or the minimum; of months one could be taken
        from another; who sees all sees the units, so those that are hidden stay so.
        """
        if self.wanted.filters:
            return False
        if self.scope.is_all:
            counts = counted(self.all_units.get(key, []), lambda row: row.unit)
            return not unit or unit in shown_parts(counts, self.minimum)
        mine = sum(row.n for row in self.parts.get(key, []) if row.unit == unit or not unit)
        return is_whole((n - mine,), self.minimum)


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows by the question's key."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def words_of(question: SurveyQuestion) -> str:
    """Return a question in the reader's language, with what is filled in for each customer in words."""
    first, second = question.text_zh, question.text_en
    text = (second or first) if get_language() == "en" else (first or second)
    return filled(text, {name: str(word) for name, word in PLACEHOLDERS.items()})
