"""What pages of customers need, outside of workspaces."""

from django.urls import path, register_converter

from reviews.surveys import preview_views


class ColourConverter:
    """Six hexadecimal digits."""

    regex = "[0-9a-f]{6}"

    def to_python(self, value: str) -> str:
        """Return the digits as they are."""
        return value

    def to_url(self, value: str) -> str:
        """Return the digits; ValueError for what is no colour."""
        if len(value) != 6 or any(mark not in "0123456789abcdef" for mark in value):
            raise ValueError(value)
        return value


register_converter(ColourConverter, "colour")
urlpatterns = [path("survey-look/<colour:colour>.css", preview_views.survey_look, name="survey_look")]
