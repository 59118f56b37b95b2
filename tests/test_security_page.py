"""docs/security.md and docs/audit.md speak of what there is."""

import ast
import re

from tests.running import PROJECT

FOLDERS = ("collabcanvas", "canvases", "ai_jobs", "tests")


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", (PROJECT / "docs" / "security.md").read_text()))
    existing = {
        node.name
        for folder in FOLDERS
        for path in (PROJECT / folder).rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(named) > 30
    assert named - existing == set()


def test_every_promise_names_a_test() -> None:
    page = (PROJECT / "docs" / "security.md").read_text()
    table = page.partition("## What is promised")[2].partition("\n## ")[0].partition("`make check` says")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 15
    for row in rows:
        assert "`test_" in row.split("|")[3], row


def test_the_actions_of_the_audit_are_those_that_the_page_names() -> None:
    written: set[str] = set()
    for folder in FOLDERS[:3]:
        for path in (PROJECT / folder).rglob("*.py"):
            if "tests" not in path.parts:
                written |= set(re.findall(r'record\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text()))
    page = (PROJECT / "docs" / "audit.md").read_text().partition("| Actions |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page))
    assert written - named == set()
