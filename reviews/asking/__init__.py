"""Whom the system asks (S2): triggers, campaigns, what assistants start, and why somebody was passed over."""
