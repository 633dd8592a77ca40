"""When customers are written to: on working days, between two hours of their own clock. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from perfmgmt.tenants.workdays import WorkingCalendar

# A calendar without any working day in a year is nobody's wish; then each day is as good as another.
LOOK_AHEAD = 366


@dataclass(frozen=True)
class Window:
    """Hours from (included) and to (not included; 24: midnight), the working days, and the workspace's zone."""

    from_hour: int
    to_hour: int
    calendar: WorkingCalendar
    zone: str

    def opening(self, now: datetime, zone: str = "") -> datetime:
        """Return `now` when it lies in the window of a time zone ("": the workspace's), else when that opens next."""
        place = _zone(zone) or _zone(self.zone) or ZoneInfo("UTC")
        today = now.astimezone(place).date()
        for step in range(LOOK_AHEAD):
            day = today + timedelta(days=step)
            if self.calendar.works(day):
                opens = datetime.combine(day, time(self.from_hour), tzinfo=place).astimezone(UTC)
                last = day + timedelta(days=self.to_hour // 24)
                closes = datetime.combine(last, time(self.to_hour % 24), tzinfo=place).astimezone(UTC)
                if now < closes:
                    return max(now, opens)
        return now


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
