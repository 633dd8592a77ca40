from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "perfmgmt.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Listen to the sweep: jobs whose worker died are started again."""
        from perfmgmt.jobs import services
        from perfmgmt.tenants.events import subscribe

        subscribe("tenants.sweep", services.on_sweep)
