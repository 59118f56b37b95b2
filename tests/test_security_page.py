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


def _texts(node: ast.AST) -> set[str]:
    return {
        inner.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    }


def _recorded(module: ast.Module) -> set[str]:
    """The actions that this module gives to `record`: written there, or in a table above."""
    given = [
        call.args[0]
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", ""))
        == "record"
    ]
    tables = [
        statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Dict)
    ]
    for action in given:
        assert not isinstance(action, ast.JoinedStr | ast.BinOp), ast.unparse(action)
    texts = set().union(*map(_texts, given), *(map(_texts, tables) if given else ()))
    return {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}


def test_the_actions_of_the_audit_are_those_that_the_page_names() -> None:
    recorded: set[str] = set()
    for folder in FOLDERS[:3]:
        for path in (PROJECT / folder).rglob("*.py"):
            if "tests" not in path.parts:
                recorded |= _recorded(ast.parse(path.read_text()))
    page = (PROJECT / "docs" / "audit.md").read_text().partition("| Actions |")[2].partition("\n\n")[0]
    named = {action for action in re.findall(r"`([a-z_]+\.[a-z_]+)`", page) if not action.endswith(".py")}
    assert recorded == named
