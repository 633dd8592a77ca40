from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "perfmgmt.people"
    label = "people"

    def ready(self) -> None:
        """Say what people themselves leave open, and which tabs a person's page has."""
        from perfmgmt.notify import notifications
        from perfmgmt.people import gaps, handover, notices, tabs
        from perfmgmt.people.leaving import kinds

        handover.register(kinds.REPORTS)
        handover.register(kinds.DUTIES)
        gaps.register(gaps.MANAGER)
        tabs.register_own()
        notifications.register(*notices.KINDS)
