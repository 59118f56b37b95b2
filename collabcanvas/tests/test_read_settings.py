"""What the environment may say, and what is refused."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "a-secret-for-this-test-only",
    "ALLOWED_HOSTS": "canvas.example.org",
    "DATABASE_URL": "postgresql://somebody@db.example.org/canvas",
}
READERS = {"_text", "_names", "_choice", "_boolean", "_integer", "_number"}


def load_settings(show: str = "DEBUG", **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter has read the settings in exactly this environment and printed one of them."""
    program = f"from collabcanvas import settings; print(settings.{show})"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", sorted(PRODUCTION))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_production_refuses_to_start_without(name: str, value: str | None) -> None:
    environment = {key: text for key, text in PRODUCTION.items() if key != name}
    if value is not None:
        environment[name] = value
    refused = load_settings(**environment)
    assert refused.returncode != 0
    assert f"Set {name}: " in refused.stderr


def test_production_starts_with_the_three_required_variables_and_is_strict() -> None:
    assert load_settings(**PRODUCTION).stdout == "False\n"
    assert load_settings("SECURE_SSL_REDIRECT", **PRODUCTION).stdout == "True\n"
    assert load_settings("SECURE_SSL_REDIRECT", **PRODUCTION, HTTPS_ONLY="0").stdout == "False\n"


@pytest.mark.parametrize("url", ["sqlite:///canvas.db", "mysql://root@localhost/canvas", "canvas"])
def test_a_database_other_than_postgresql_is_refused(url: str) -> None:
    refused = load_settings(**{**PRODUCTION, "DATABASE_URL": url})
    assert refused.returncode != 0
    assert "DATABASE_URL must name a PostgreSQL database" in refused.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("MAX_CONCURRENT_JOBS", "many", "MAX_CONCURRENT_JOBS='many' is not a whole number."),
        ("MAX_CONCURRENT_JOBS", "0", "MAX_CONCURRENT_JOBS=0 must be between 1 and 5000."),
        ("Q_WORKERS", "2.5", "Q_WORKERS='2.5' is not a whole number."),
        ("JOB_TIMEOUT_SECONDS", "soon", "JOB_TIMEOUT_SECONDS='soon' is not a number."),
        ("JOB_TIMEOUT_SECONDS", "nan", "JOB_TIMEOUT_SECONDS=nan must be between"),
        ("JOB_TIMEOUT_SECONDS", "inf", "JOB_TIMEOUT_SECONDS=inf must be between"),
        ("AI_JOBS_ENABLED", "perhaps", "AI_JOBS_ENABLED='perhaps' is neither true nor false."),
        ("DEBUG", "2", "DEBUG='2' is neither true nor false."),
    ],
)
def test_a_malformed_value_is_refused_by_name(name: str, value: str, sentence: str) -> None:
    refused = load_settings(**PRODUCTION, **{name: value})
    assert refused.returncode != 0
    assert sentence in refused.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://u:hidden@h:abc/x"),
        ("DATABASE_URL", "postgresql://u:hidden@h:99999/x"),
        ("DATABASE_URL", "postgresql://u:hidden@h"),
        ("DATABASE_URL", "postgresql:///"),
        ("EMAIL_URL", "smtp+tls://u:hidden@h:abc"),
        ("EMAIL_URL", "smtp+tls://"),
        ("EMAIL_URL", "nope"),
        ("SENTRY_DSN", "nope"),
        ("SENTRY_DSN", "https://hidden@sentry.example.org"),
        ("BACKUP_URL", "s3://k:hid[den@bucket"),
        ("CSRF_TRUSTED_ORIGINS", "x.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://x.org,https://y.org/path"),
        ("ALLOWED_HOSTS", "x.org,https://x.org"),
        ("ALLOWED_HOSTS", "x.org:8000"),
        ("CHANNEL_LAYER_URL", "http://u:hidden@x"),
        ("OPENAI_API_KEY", "hidden ü"),
        ("ANTHROPIC_API_KEY", "hidden key"),
    ],
)
def test_a_malformed_address_or_key_is_refused_by_name_without_showing_it(name: str, value: str) -> None:
    refused = load_settings(**{**PRODUCTION, name: value})
    assert refused.returncode != 0
    (*_, sentence) = refused.stderr.splitlines()
    assert sentence.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} ")
    assert "hidden" not in refused.stderr
    assert "hid[den" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql:///unused"),
        ("DATABASE_URL", "postgresql://somebody@/canvas?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql:///?service=canvas"),
        ("EMAIL_URL", "smtp://localhost:25"),
        ("SENTRY_DSN", "https://0a1b@o1.ingest.sentry.io/450"),
        ("SENTRY_DSN", "http://key@127.0.0.1:9000/under/42"),
        ("CSRF_TRUSTED_ORIGINS", "https://x.org/,http://localhost:8000,https://*.example.org"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", ".example.org,127.0.0.1,[::1],my_host-1"),
        ("CHANNEL_LAYER_URL", "rediss://:secret@x:6379/0"),
    ],
)
def test_an_address_in_any_form_that_works_is_taken(name: str, value: str) -> None:
    loaded = load_settings(**{**PRODUCTION, name: value})
    assert loaded.returncode == 0, loaded.stderr


@pytest.mark.parametrize(
    "url",
    [
        "/backups",
        "file://backups",
        "file:///a?b=c",
        "s3://",
        "s3:///folder",
        "ftp://host/x",
        "s3://b?acl=public",
    ],
)
def test_a_backup_address_of_another_kind_is_refused_without_showing_it(url: str) -> None:
    refused = load_settings(**PRODUCTION, BACKUP_URL=url)
    assert refused.returncode != 0
    assert "BACKUP_URL must be file:///an/absolute/folder or s3://bucket/prefix" in refused.stderr


def test_a_backup_address_becomes_a_storage() -> None:
    assert (
        load_settings(
            "STORAGES['backups']['OPTIONS']['location']", **PRODUCTION, BACKUP_URL="file:///a%20b"
        ).stdout
        == "/a b\n"
    )
    options = load_settings(
        "STORAGES['backups']['OPTIONS']",
        **PRODUCTION,
        BACKUP_URL="s3://k:a%2Fb@Bucket/x/y?endpoint=http://h:1&region=r",
    )
    assert ast.literal_eval(options.stdout) == {
        "bucket_name": "Bucket",
        "location": "x/y",
        "access_key": "k",
        "secret_key": "a/b",
        "endpoint_url": "http://h:1",
        "region_name": "r",
    }


def test_railways_health_check_is_let_in_only_on_railway() -> None:
    on_railway = load_settings("ALLOWED_HOSTS", **PRODUCTION, RAILWAY_ENVIRONMENT="production")
    assert on_railway.stdout == "['canvas.example.org', 'healthcheck.railway.app']\n"
    assert load_settings("ALLOWED_HOSTS", **PRODUCTION).stdout == "['canvas.example.org']\n"


def test_the_origins_that_forms_may_come_from_are_those_that_are_named() -> None:
    assert load_settings("CSRF_TRUSTED_ORIGINS", **PRODUCTION).stdout == "[]\n"
    named = {"CSRF_TRUSTED_ORIGINS": "https://a.example.org,https://b.example.org"}
    loaded = load_settings("CSRF_TRUSTED_ORIGINS", **PRODUCTION, **named)
    assert loaded.stdout == "['https://a.example.org', 'https://b.example.org']\n"


def test_mails_come_from_the_address_that_is_named_or_else_from_the_mail_servers_account() -> None:
    def sender(**given: str) -> str:
        return load_settings("DEFAULT_FROM_EMAIL", **PRODUCTION, **given).stdout.strip()

    account = "smtp+tls://canvas%40example.org:secret@mail.example.org:587"
    assert sender() == "collabcanvas@localhost"
    assert sender(EMAIL_URL=account) == "canvas@example.org"
    assert sender(EMAIL_URL=account.replace("%40example.org", "")) == "collabcanvas@localhost"
    named = "CollabCanvas <hello@example.org>"
    assert sender(EMAIL_URL=account, EMAIL_FROM=named) == named


def test_messages_go_through_the_server_that_the_channel_layer_url_names() -> None:
    own = load_settings("CHANNEL_LAYERS", **PRODUCTION).stdout
    assert "redis" not in own.lower()
    named = load_settings("CHANNEL_LAYERS", **PRODUCTION, CHANNEL_LAYER_URL="redis://carrier:6379/1").stdout
    assert "channels_redis.core.RedisChannelLayer" in named
    assert "redis://carrier:6379/1" in named


def test_manage_py_says_what_is_missing_in_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DEBUG": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("CollabCanvas cannot start: Set SECRET_KEY: ")
    assert len(done.stderr.splitlines()) == 1


def variables_read_by_the_settings() -> dict[str, tuple[str, object]]:
    """Name -> (which reader, its default if that is a literal)."""
    found: dict[str, tuple[str, object]] = {}
    for node in ast.walk(ast.parse((PROJECT / "collabcanvas" / "settings.py").read_text())):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            if ast.unparse(node.value) == "os.environ":
                found.setdefault(str(node.slice.value), ("environ", None))
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = ast.unparse(node.func)
            if function in READERS or function == "os.environ.get" or function.startswith("env."):
                default = node.args[1] if len(node.args) > 1 else None
                literal = default.value if isinstance(default, ast.Constant) else None
                found[str(node.args[0].value)] = (function, literal)
    return found


def documented_variables() -> dict[str, str]:
    """Name -> default as the first table of docs/settings.md has it."""
    table = (PROJECT / "docs" / "settings.md").read_text().partition("These are read by")[0]
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", table, flags=re.MULTILINE))


def test_the_documented_table_names_exactly_what_is_read() -> None:
    assert sorted(documented_variables()) == sorted(variables_read_by_the_settings())


def test_the_documented_defaults_are_the_real_ones() -> None:
    documented = documented_variables()
    for name, (_, default) in variables_read_by_the_settings().items():
        if isinstance(default, bool):
            assert documented[name] == f"`{int(default)}`", name
        elif isinstance(default, int | float):
            assert documented[name] == f"`{default}`", name


def test_the_example_environment_names_exactly_the_settings_with_their_defaults() -> None:
    lines = re.findall(r"^(#? ?)([A-Z_]+)=(.*)$", (PROJECT / ".env.example").read_text(), flags=re.MULTILINE)
    documented = documented_variables()
    # Set by the host or the program itself, or for development alone.
    not_for_people = {"DEBUG", "RAILWAY_ENVIRONMENT", "RAILWAY_GIT_COMMIT_SHA", "COLLABCANVAS_PROCESS"}
    of_compose = {"PORT", "POSTGRES_PASSWORD"}
    assert sorted(name for _, name, _ in lines) == sorted({*documented, *of_compose} - not_for_people)
    for mark, name, value in lines:
        default = documented.get(name, "")
        if mark and re.fullmatch(r"`[^`]*`", default):
            assert default == f"`{value}`", name
        elif mark and value:
            assert f"`{value}`" in default, name
