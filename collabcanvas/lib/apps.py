"""The kernel as a Django app: it owns the kernel's tables and listens to the models of Django and of libraries."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save, pre_save


class KernelConfig(AppConfig):
    name = "collabcanvas.lib"
    label = "kernel"
    # As the section of the side bar in which its records stand.
    verbose_name = "People"

    def ready(self) -> None:
        # All of these import models, which exist only from here on.
        from allauth.mfa.models import Authenticator  # noqa: PLC0415
        from django.contrib.admin.models import LogEntry  # noqa: PLC0415
        from django.contrib.auth.models import Group, User  # noqa: PLC0415
        from django.contrib.auth.signals import (  # noqa: PLC0415
            user_logged_in,
            user_logged_out,
            user_login_failed,
        )
        from django.contrib.sessions.models import Session  # noqa: PLC0415
        from django_q.models import Schedule  # noqa: PLC0415
        from knox.models import AuthToken  # noqa: PLC0415

        from collabcanvas.lib import audit, credentials, second_factor  # noqa: PLC0415
        from collabcanvas.lib.schedules import after_migrate  # noqa: PLC0415
        from collabcanvas.lib.tasks import REGULAR_TASKS  # noqa: PLC0415

        post_migrate.connect(
            after_migrate(REGULAR_TASKS), sender=self, weak=False, dispatch_uid="kernel.schedules"
        )
        pre_save.connect(credentials.before_user_saved, sender=User)
        post_save.connect(credentials.after_user_saved, sender=User)
        post_delete.connect(credentials.on_user_deleted, sender=User)
        post_delete.connect(credentials.on_session_deleted, sender=Session)
        post_delete.connect(credentials.on_token_deleted, sender=AuthToken)
        user_logged_in.connect(audit.on_signed_in)
        user_logged_out.connect(audit.on_signed_out)
        user_login_failed.connect(audit.on_sign_in_failed)
        post_save.connect(audit.on_user_saved, sender=User)
        post_save.connect(audit.on_token_saved, sender=AuthToken)
        post_save.connect(audit.on_admin_logged, sender=LogEntry)
        post_save.connect(second_factor.on_saved, sender=Authenticator)
        post_delete.connect(second_factor.on_deleted, sender=Authenticator)
        for model in (User, Group, Schedule, AuthToken):
            post_delete.connect(audit.on_deleted, sender=model)
