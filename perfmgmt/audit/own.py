"""What of the trail is not for the person it is about: who judges them, and what was decided before they are told.

Apps register conditions, because the trail lies below them. Who reads the trail reads everybody's changes but these.
"""

_conditions: dict[str, str] = {}


def register(label: str, condition: str) -> None:
    """Keep the events of a model (its label) from whom they are about.

    `condition` is SQL that holds for these events: of the event table `t`, with %(tenant)s and %(own)s, the reader's
    employee id.
    """
    _conditions[label] = condition


def condition_of(label: str) -> str:
    """Return the condition under which an event of a model is about the reader; "" where none ever is."""
    return _conditions.get(label, "")
