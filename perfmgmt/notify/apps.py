from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "perfmgmt.notify"
    label = "notify"

    def ready(self) -> None:
        """Listen to the sweep: mail whose worker died, or whose next attempt is due, is taken up again."""
        from anymail.signals import tracking

        from perfmgmt.notify import hooks, services
        from perfmgmt.tenants.events import subscribe

        subscribe("tenants.sweep", services.on_sweep)
        tracking.connect(hooks.on_event, dispatch_uid="perfmgmt.notify")
