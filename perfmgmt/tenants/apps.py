from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "perfmgmt.tenants"
    label = "tenants"

    def ready(self) -> None:
        """Make the project's Celery application the one that tasks are sent with."""
        from perfmgmt.celery import app

        app.set_default()
