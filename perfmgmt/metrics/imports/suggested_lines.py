"""What the rows of a file seem to give: the lines of facts that the page of columns is filled in with."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from perfmgmt.metrics.imports.parsing import fold
from perfmgmt.metrics.imports.vocabulary import DONE, LOST, METRICS, NO_FACTS, WON, YES

LINES = 12
# A value is 1 for each row ("n:1"), a column ("c:..."), or the days between two columns ("b:..." and both names).
ONE = "n:1"
BETWEEN = "\u2192"


def column_value(name: str) -> str:
    """Return the choice that takes the number of a column."""
    return f"c:{name}" if name else ONE


def days_value(first: str, last: str) -> str:
    """Return the choice that takes the days between two columns."""
    return f"b:{first}{BETWEEN}{last}"


def words(name: str) -> str:
    """Return a name as it is compared: signs between its words make no difference."""
    return re.sub(r"[\s_\-./()]+", " ", fold(name)).strip()


@dataclass(frozen=True)
class KnownMetric:
    """A metric of the workspace that takes facts, and what it is called."""

    code: str
    names: tuple[str, ...]
    is_counted: bool = True


@dataclass(frozen=True)
class Line:
    """One fact that a row gives; `test` says how the column `when` is tested: by `texts`, or for being filled."""

    metric: str
    value: str = ONE
    day: str = ""
    when: str = ""
    texts: tuple[str, ...] = ()

    def choices(self, number: int) -> dict[str, str]:
        """Return what the fields of a line are filled in with."""
        found = {f"metric_{number}": self.metric, f"value_{number}": self.value, f"day_{number}": self.day}
        if self.when:
            test = "in" if self.texts else "filled"
            found |= {
                f"when_{number}": self.when,
                f"test_{number}": test,
                f"texts_{number}": ", ".join(map(_quoted, self.texts)),
            }
        return {name: text for name, text in found.items() if text}


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search("[,;，；]", text) else text


class Meanings:
    """Finds the metric that a name of a column, or of a kind of activity, speaks of."""

    def __init__(self, metrics: Iterable[KnownMetric]) -> None:
        self.metrics = {metric.code: metric for metric in metrics}
        self.exact: dict[str, str] = {}
        self.within: list[tuple[str, str]] = []
        for code, metric in self.metrics.items():
            own = [words(name) for name in (code, *metric.names) if name]
            self.exact |= dict.fromkeys(own, code)
            self.within += [(name, code) for name in (*own, *METRICS.get(code, ()))]
        for code in self.metrics:
            self.exact = dict.fromkeys(METRICS.get(code, ()), code) | self.exact

    def of(self, name: str) -> str:
        """Return the code of the metric; "" for none. The longest word decides, of two as long the last one."""
        plain = words(name)
        if plain in self.exact:
            return self.exact[plain]
        if any(_holds(plain, word) for word in NO_FACTS):
            return ""
        found = [(len(word), plain.rfind(word), code) for word, code in self.within if _holds(plain, word)]
        return max(found)[2] if found else ""


def _holds(text: str, word: str) -> bool:
    """Return whether a word stands in a text; English words are whole words."""
    if len(word) < 2 and word.isascii() and word != "%":
        return False
    return f" {word} " in f" {text} " if word.isascii() and word != "%" else word in text


@dataclass(frozen=True)
class Clues:
    """The columns that lines are made of, "" where there is none; `numbers` speak of metrics by their names."""

    metric: str = ""
    value: str = ""
    stage: str = ""
    kind: str = ""
    on_time: str = ""
    accurate: str = ""
    day: str = ""
    opened: str = ""
    requested: str = ""
    delivered: str = ""
    assigned: str = ""
    done: str = ""
    numbers: tuple[tuple[str, str], ...] = ()


class Lines:
    """Makes the lines of one file."""

    def __init__(self, columns: dict[str, dict[str, Any]], rows: int, clues: Clues, meanings: Meanings) -> None:
        self.columns, self.rows, self.clues, self.meanings = columns, rows, clues, meanings
        self.won, self.lost = self._texts(clues.stage, WON), self._texts(clues.stage, LOST)

    def _texts(self, column: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts of a column that mean one of the wanted words, as they are written."""
        texts = self.columns[column]["texts"] if column else []
        return tuple(text for text in texts if fold(text) in wanted)

    def _has_gaps(self, column: str) -> bool:
        return bool(self.columns[column]["filled"] < self.rows)

    def all(self) -> list[Line]:
        """Return the lines, one for each metric of the workspace that the file speaks of, as many as there may be."""
        found: dict[str, Line] = {}
        for line in self._candidates():
            code = line.metric.removeprefix("m:")
            if line.metric.startswith("c:") or (code in self.meanings.metrics and code not in found):
                found[code] = line
        for column, code in self.clues.numbers if not self.clues.metric else ():
            found[code] = self._number(column, code)  # a number that is there beats one that is worked out
        return list(found.values())[:LINES]

    def _candidates(self) -> Iterator[Line]:
        clues = self.clues
        if clues.metric:
            yield Line(f"c:{clues.metric}", column_value(clues.value))
            return
        activities = list(self._activities()) if clues.kind else []
        yield from activities
        closes = bool(self.won and self.lost)
        ends = bool(clues.done or (clues.requested and clues.delivered))
        if (clues.value and not activities) or closes or not (clues.numbers or activities or ends):
            yield from self._deals()
        if not clues.value and not closes:
            yield from self._durations()

    def _deals(self) -> Iterator[Line]:
        """Sales, an order and its part in the win rate, of the rows that were won."""
        clues, stage = self.clues, self.clues.stage if self.won else ""
        if clues.value:
            yield Line("m:sales_amount", column_value(clues.value), when=stage, texts=self.won)
        yield Line("m:orders", when=stage, texts=self.won)
        if self.won and self.lost:
            yield Line("m:deals_won", when=stage, texts=self.won)
            yield Line("m:deals_closed", when=stage, texts=self.won + self.lost)
        if clues.opened and clues.day != clues.opened:
            yield Line("m:sales_cycle_days", days_value(clues.opened, clues.day), when=stage, texts=self.won)

    def _durations(self) -> Iterator[Line]:
        """Documents from request to delivery, and tasks from being given to being done."""
        clues = self.clues
        end = clues.delivered or clues.done
        if clues.requested and end:
            yield Line("m:documents_prepared", day=self._own(end), when=end)
            yield Line("m:document_turnaround_days", days_value(clues.requested, end), self._own(end))
        elif clues.done:
            texts = self._texts(clues.stage, DONE)
            finished = {"when": clues.stage, "texts": texts} if texts else {"when": clues.done}
            yield Line("m:tasks_assigned", day=self._own(clues.assigned))
            yield Line("m:tasks_done", day=self._own(clues.done), **finished)
            if in_time := self._texts(clues.on_time, YES):
                yield Line("m:tasks_on_time", day=self._own(clues.done), when=clues.on_time, texts=in_time)

    def _own(self, day: str) -> str:
        """Return a line's own day; "" where it is the day of the row."""
        return "" if day == self.clues.day else day

    def _number(self, column: str, code: str) -> Line:
        """A column of numbers; an empty cell gives nothing."""
        if self.won and code in ("sales_amount", "orders", "collected_amount", "gross_profit"):
            return Line(f"m:{code}", column_value(column), when=self.clues.stage, texts=self.won)
        return Line(f"m:{code}", column_value(column), when=column if self._has_gaps(column) else "")

    def _activities(self) -> Iterator[Line]:
        """One line for each metric that the kinds of activity speak of."""
        kinds: dict[str, list[str]] = {}
        for text in self.columns[self.clues.kind]["texts"]:
            if code := self.meanings.of(text):
                kinds.setdefault(code, []).append(text)
        for code, texts in kinds.items():
            counted = self.meanings.metrics[code].is_counted
            value = ONE if counted else column_value(self.clues.value)
            if counted or self.clues.value:
                yield Line(f"m:{code}", value, when=self.clues.kind, texts=tuple(texts))
        if good := self._texts(self.clues.accurate, YES):
            yield Line("m:followups_accurate", when=self.clues.accurate, texts=good)
