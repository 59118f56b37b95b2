"""The cast: the person who asked, an editor and a viewer of the same canvas, a stranger, and staff."""

import pytest

from ai_jobs.tests import factories as make


@pytest.fixture
def owner(db):
    return make.make_user("owner")


@pytest.fixture
def editor(db):
    return make.make_user("editor")


@pytest.fixture
def viewer(db):
    return make.make_user("viewer")


@pytest.fixture
def stranger(db):
    return make.make_user("stranger")


@pytest.fixture
def operator(db):
    return make.make_user("operator", is_staff=True, is_superuser=True)


@pytest.fixture
def canvas(owner, editor, viewer):
    return make.make_canvas(owner, editors=(editor,), viewers=(viewer,))
