"""What a member may do on a canvas."""

from typing import Self

from django.db import models


class Role(models.TextChoices):
    """From least to most: each role may do what those above it may."""

    VIEWER = "viewer", "Viewer"
    EDITOR = "editor", "Editor"
    OWNER = "owner", "Owner"

    @property
    def rank(self) -> int:
        """The position in the order, lowest first."""
        return list(type(self)).index(self)

    def includes(self, needed: Self) -> bool:
        """Whether this role is enough where `needed` is asked for."""
        return self.rank >= needed.rank


# What can be given away: a canvas has one owner, from the beginning.
GIVEN_ROLES = [(role.value, role.label) for role in (Role.VIEWER, Role.EDITOR)]
