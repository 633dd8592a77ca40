from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "perfmgmt.people"
    label = "people"
