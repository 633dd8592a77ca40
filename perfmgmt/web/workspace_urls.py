"""Pages of the shell, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.web import notification_views, search_views

urlpatterns = [
    path("search/", search_views.search, name="search"),
    path("notifications/", notification_views.notifications, name="notifications"),
    path("notifications/panel/", notification_views.notification_panel, name="notification_panel"),
    path("notifications/read/", notification_views.read_notifications, name="read_notifications"),
    path("notifications/<int:notification_id>/", notification_views.open_notification, name="open_notification"),
]
