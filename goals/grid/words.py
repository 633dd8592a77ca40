"""What the grid's script says, in the reader's language."""

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Return the script's sentences; `{placeholders}` are filled there."""
    return _of_cells() | _of_reasons() | _of_typing() | _of_others()


def _of_cells() -> dict[str, str]:
    """What a cell is, and why it can't be changed; what saving says."""
    return {
        "too high": pgettext("achievability", "too high"),
        "stretch": pgettext("achievability", "stretch"),
        "fair": pgettext("achievability", "fair"),
        "safe": pgettext("achievability", "safe"),
        "too low": pgettext("achievability", "too low"),
        "save": _("Save"),
        "saveOne": _("Save 1 change"),
        "saveMany": _("Save {n} changes"),
        "saved": _("Targets saved: {n}."),
        "unsaved": _("not saved yet, before: {before}"),
        "empty": _("empty"),
        "locked": _("The month is locked; its targets stay as they were."),
        "own": _("Nobody sets their own targets."),
        "absent": _("The person has no assignment in this month."),
        "bound": _("The goal is agreed: it changes by request only."),
        "ask": _("Ask for a change"),
        "past": _("A figure of last year; it can't be changed."),
    }  # fmt: skip


def _of_reasons() -> dict[str, str]:
    """What the reason of a cell is made of, and how its sentences are joined."""
    return {
        "noChance": _("Nothing is known yet from which a probability would follow."),
        "chance": _("Reached with {percent} probability: {word}."),
        "soFar": _("What is reached so far is counted in."),
        "best": _("Best of {n} months {best}"),
        "bestWhole": _("Best of {n} such periods {best}"),
        "peers": _("median of similar people {value}"),
        "place": _("higher than {percent} of past periods"),
        "season": _("season ×{value}"),
        "market": _("market ×{value}"),
        "ofPeers": _("there is too little history of this person: similar people's counts"),
        "recommended": _("Recommended: {point} (80% interval {low} to {high})."),
        "lastYear": _("last year {value}"),
        "listSeparator": pgettext("between parts of a sentence", ", "),
        "stop": pgettext("end of a sentence", "."),
        # Chinese sentences follow each other without a space.
        "between": "" if (get_language() or "").startswith("zh") else " ",
        "byMonth": _("by month"),
    }  # fmt: skip


def _of_typing() -> dict[str, str]:
    """What typing, pasting and filling say."""
    return {
        "noNumber": _("“{text}” is not a number."),
        "ambiguous": _("“{text}” can be read in two ways. Write 1234.5 for a fraction, 1,234 for thousands."),
        "negative": _("A target can't be negative."),
        "tooLarge": _("“{text}” is too large for a target."),
        "tooSmall": _("The months that can't be changed already sum to {sum}, more than {total}."),
        "noMonth": _("None of these months can be changed."),
        "pasteWide": _(
            "The copied block is larger than what is left of the grid: {rows} rows, {columns} columns. "
            "Nothing was pasted."
        ),
        "pasteBad": _("Nothing was pasted. {name}, {month}: {why}"),
        "pasted": _("Cells pasted: {n}."),
        "left": _("Left as they are, because they can't be changed: {n}."),
        "copied": _("Cells copied: {n}."),
        "undone": _("Undone."),
        "redone": _("Done again."),
        "cleared": _("Cells cleared: {n}."),
        "filled": _("Cells filled: {n}."),
        "nothingFilled": _("There is nothing to fill these cells with."),
    }  # fmt: skip


def _of_others() -> dict[str, str]:
    """What is selected, the gap, and what a colleague changed meanwhile."""
    return {
        "selected": _("Cells selected: {n}."),
        "here": _("{name}, {month}"),
        "gap": _("Gap"),
        "gapNone": _("no gap"),
        "changed": _("{name} put in {value} meanwhile."),
        "removed": _("{name} removed it meanwhile."),
        "somebody": _("Somebody"),
        "theirs": _("Keep theirs: {value}"),
        "mine": _("Use mine: {value}"),
        "failed": _("Saving did not work. Nothing is lost: check the connection and try again."),
        "leave": _("Esc, then Tab: leave the grid"),
    }  # fmt: skip
