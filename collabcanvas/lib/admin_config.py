"""Puts our admin site in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class OperatorsAdminConfig(AdminConfig):
    """Django's admin with `OperatorsSite`; a module of its own, because an app module may name one config only."""

    default_site = "collabcanvas.lib.admin_site.OperatorsSite"
