"""Working days. Monday to Friday until the workspace's own calendar (T1) replaces it. Pure."""

from datetime import date, timedelta


def working_days(first: date, last: date) -> int:
    """Return the number of working days from `first` to `last`, both included; 0 when last < first."""
    if last < first:
        return 0
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum(1 for step in range(rest) if (first + timedelta(days=step)).weekday() < 5)
