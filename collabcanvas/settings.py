"""Every environment variable is read here, once, typed; a malformed one stops the start with a sentence.

The table in docs/settings.md lists them; a test compares it with this file.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from collabcanvas import __version__
from collabcanvas.lib.logs import without_words

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
_Parsed = TypeVar("_Parsed")


def _text(name: str, default: str = "") -> str:
    # A variable that is set but empty counts as unset everywhere: hosting panels and compose files make such.
    return os.environ.get(name) or default


def _names(name: str, default: list[str]) -> list[str]:
    return [part.strip() for part in _text(name).split(",") if part.strip()] or default


def _required_in_production(name: str, what: str) -> None:
    if not DEBUG and not os.environ.get(name, "").strip():
        raise ImproperlyConfigured(f"Set {name}: {what}. (DEBUG is off, so there is no default.)")


def _integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    raw = os.environ.get(name) or str(default)
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number. Set one, or unset it.") from None
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(f"{name}={value} must be between {minimum} and {maximum}.")
    return value


def _number(name: str, default: float, *, minimum: float, maximum: float) -> float:
    raw = os.environ.get(name) or str(default)
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a number. Set one, or unset it.") from None
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(f"{name}={value} must be between {minimum} and {maximum}.")
    return value


def _choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = _text(name, default).strip().lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is unknown. Use one of: {', '.join(choices)}.")
    return value


def _boolean(name: str, default: bool) -> bool:
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither true nor false. Use 1 or 0.")


def _parsed(name: str, parse: Callable[[str], _Parsed], value: str, must_be: str) -> _Parsed:
    """What `parse` makes of the value. Addresses are never shown: they may hold a password."""
    try:
        return parse(value)
    # What the parsers of addresses raise for a port that is no number, for brackets that do not close, and so on.
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} must be {must_be}.") from None


def _key(name: str, value: str) -> str:
    """The value, if it can stand in a header of a request."""
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise ImproperlyConfigured(f"{name} holds a space or a character that no key has. Copy it once more.")
    return value


# --- The process ---
DEBUG = _boolean("DEBUG", False)
VERSION = __version__
_required_in_production("SECRET_KEY", "a long random text, the same for web and worker")
_required_in_production("ALLOWED_HOSTS", "the host names that people use, separated by commas")
_required_in_production("DATABASE_URL", "the address of the PostgreSQL database, postgresql://…")
SECRET_KEY = _text("SECRET_KEY", "development-only-never-used-when-debug-is-off")
ALLOWED_HOSTS = _names("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
if _text("RAILWAY_ENVIRONMENT"):
    # Railway's health check asks under this name; without it no deployment would ever become healthy.
    ALLOWED_HOSTS.append("healthcheck.railway.app")
for _host in ALLOWED_HOSTS:
    # As `HttpRequest.get_host` compares them: no scheme, port or path.
    if not re.fullmatch(r"\*|\.?[a-z0-9._-]+|\[[0-9a-f:.]+\]", _host, re.IGNORECASE):
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS holds {_host!r}. Give names without scheme, port and path: draw.example.org."
        )
CSRF_TRUSTED_ORIGINS = [origin.rstrip("/") for origin in _names("CSRF_TRUSTED_ORIGINS", [])]
for _origin in CSRF_TRUSTED_ORIGINS:
    if not re.fullmatch(r"https?://[^/?#@\s]+", _origin):
        raise ImproperlyConfigured(
            f"CSRF_TRUSTED_ORIGINS holds {_origin!r}. Give scheme and host and nothing else: https://draw.example.org."
        )
# How many proxies stand in front; only what they noted in X-Forwarded-For is believed. Railway has one.
TRUSTED_PROXIES = _integer("TRUSTED_PROXIES", 1 if _text("RAILWAY_ENVIRONMENT") else 0, minimum=0, maximum=10)

# Which build this is: from Railway, or from whoever builds the image.
COMMIT = (_text("COMMIT_SHA") or _text("RAILWAY_GIT_COMMIT_SHA"))[:40]
RELEASE = f"{VERSION}+{COMMIT[:7]}" if COMMIT else VERSION

# --- The database: PostgreSQL and nothing else ---
if not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured(
        "There is no database. Set DATABASE_URL, or start through manage.py or make, which bring their own."
    )
if not os.environ["DATABASE_URL"].startswith(("postgresql://", "postgres://")):
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL database (postgresql://…); nothing else works."
    )
DATABASES = {
    "default": _parsed(
        "DATABASE_URL",
        env.db_url_config,
        os.environ["DATABASE_URL"],
        "postgresql://user:password@host:5432/name, with the special characters of a password written as %2F and so on",
    )
}
if not (DATABASES["default"]["NAME"] or "service" in DATABASES["default"].get("OPTIONS", {})):
    raise ImproperlyConfigured("DATABASE_URL names no database. Put its name at the end: postgresql://…/name")
# Django's own backend, with a check of the connection that costs no round trip.
DATABASES["default"]["ENGINE"] = "collabcanvas.lib.postgres"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The threads of the web process stay and keep their connections, for ten minutes each. In the worker ordinary tasks
# open theirs anew; engines have their own way.
DATABASES["default"]["CONN_MAX_AGE"] = 600 if os.environ.get("COLLABCANVAS_PROCESS") == "web" else 0
# A database that swallows packets must not hold up health checks for as long as TCP tries.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Applications ---
INSTALLED_APPS = [
    # Ours come first: our `qcluster` command takes the place of django-q2's.
    "collabcanvas.lib",
    "canvases",
    "ai_jobs",
    # The look of the admin; our own site stands in the place of Django's and of unfold's.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "collabcanvas.lib.admin_config.OperatorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "django_filters",
    "django_q",
    "django_typer",
    # Of allauth the second factor alone, which needs the tables of its accounts. None of its addresses are mounted.
    "allauth.account",
    "allauth.mfa",
    "knox",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    # First: what the others answer carries the id, too.
    "collabcanvas.lib.correlation.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before WhiteNoise: files carry the policies too.
    "csp.middleware.CSPMiddleware",
    "collabcanvas.lib.middleware.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "collabcanvas.lib.origin.OriginMiddleware",
    "collabcanvas.lib.middleware.BoundRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # It refuses to start without.
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "collabcanvas.urls"
ASGI_APPLICATION = "collabcanvas.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["collabcanvas.lib.sign_in.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = "collabcanvas.lib.formats"

# --- Static files and the page ---
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
# Vite already puts a hash into the names of its own files; the admin's files are few and revalidated.
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[-.][0-9A-Za-z_-]{8,}\.(js|css|woff2|svg|png)$"

# --- Canvases: how much they hold, how long things are kept, and where backups go ---
CANVAS_MAX_MEGABYTES = _integer("CANVAS_MAX_MEGABYTES", 50, minimum=1, maximum=1_000)
CANVAS_TOMBSTONE_DAYS = _integer("CANVAS_TOMBSTONE_DAYS", 30, minimum=0, maximum=36_500)
CANVAS_ARCHIVE_DAYS = _integer("CANVAS_ARCHIVE_DAYS", 30, minimum=0, maximum=36_500)
BACKUP_URL = _text("BACKUP_URL").strip()
BACKUP_KEEP_DAYS = _integer("BACKUP_KEEP_DAYS", 14, minimum=0, maximum=36_500)


def _backup_storage(url: str) -> dict[str, Any]:
    """The storage behind `file:///folder` or `s3://[key:secret@]bucket[/prefix][?endpoint=…&region=…]`."""
    # A key or secret may hold what an address may not; neither is ever shown.
    must_be = (
        "file:///an/absolute/folder or s3://bucket/prefix, with ?endpoint=https://… and &region=… where the storage "
        "needs them"
    )
    parts = _parsed("BACKUP_URL", urlsplit, url, must_be)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/") and not options:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": unquote(parts.path), "allow_overwrite": True},
        }
    if parts.scheme != "s3" or not parts.hostname or not options.keys() <= {"endpoint", "region"}:
        raise ImproperlyConfigured(f"BACKUP_URL must be {must_be}.")
    wanted = {
        "bucket_name": parts.netloc.rpartition("@")[2],
        "location": unquote(parts.path).strip("/"),
        "access_key": unquote(parts.username) if parts.username else None,
        "secret_key": unquote(parts.password) if parts.password else None,
        "endpoint_url": options.get("endpoint"),
        "region_name": options.get("region"),
    }
    return {
        "BACKEND": "collabcanvas.lib.object_storage.ObjectStorage",
        "OPTIONS": {name: value for name, value in wanted.items() if value},
    }


if BACKUP_URL:
    STORAGES["backups"] = _backup_storage(BACKUP_URL)

# --- The look of the admin; its side bar is made by collabcanvas.lib.admin_site ---
UNFOLD = {
    "SITE_TITLE": "CollabCanvas",
    "SITE_HEADER": "CollabCanvas",
    "SITE_SUBHEADER": "Operations",
    "SITE_SYMBOL": "draw",
    "SITE_FAVICONS": [{"rel": "icon", "href": f"{STATIC_URL}icon.svg", "type": "image/svg+xml"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
            {"title": "Second factor", "link": reverse_lazy("admin:second_factor")},
        ]
    },
    "DASHBOARD_CALLBACK": "ai_jobs.admin.live.dashboard_context",
    "STYLES": [lambda request: f"{STATIC_URL}ai_jobs/operations.css"],
    "SCRIPTS": [lambda request: f"{STATIC_URL}ai_jobs/live.js"],
    # The page's own green, from the lightest to the darkest.
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .015 172)",
            "100": "oklch(94.5% .03 172)",
            "200": "oklch(89% .05 172)",
            "300": "oklch(82% .075 172)",
            "400": "oklch(76% .095 172)",
            "500": "oklch(68% .1 172)",
            "600": "oklch(47.6% .085 172)",
            "700": "oklch(39% .07 172)",
            "800": "oklch(33% .055 172)",
            "900": "oklch(27% .045 172)",
            "950": "oklch(20% .035 172)",
        }
    },
}

# --- Safety ---
# Off only where nobody but the person at this machine connects: then neither redirects nor secure cookies.
HTTPS_ONLY = _boolean("HTTPS_ONLY", not DEBUG)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Without a proxy that sets it, anybody could say so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS_ONLY
# The host's health check speaks plain HTTP from inside and must not be redirected.
SECURE_REDIRECT_EXEMPT = [r"^api/ai-agent/health$", r"^health/(live|ready)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- The second factor ---
STAFF_SECOND_FACTOR = _choice("STAFF_SECOND_FACTOR", "optional", ("optional", "required"))
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "CollabCanvas"
# Half minutes that a clock may be off; `collabcanvas.lib.second_factor` knows how long a code lives by it.
MFA_TOTP_TOLERANCE = 1

# --- What people did ---
AUDIT_RETENTION_DAYS = _integer("AUDIT_RETENTION_DAYS", 365, minimum=0, maximum=36_500)

# --- How often (per person and minute; 0 is without limit) ---
THROTTLES = {
    # Clients poll the status of jobs; the contract promises them 600 a minute.
    "status": _integer("THROTTLE_STATUS", 1_200, minimum=600, maximum=1_000_000),
    "read": _integer("THROTTLE_READ", 1_200, minimum=0, maximum=1_000_000),
    "write": _integer("THROTTLE_WRITE", 300, minimum=0, maximum=1_000_000),
    "submit": _integer("THROTTLE_SUBMIT", 120, minimum=0, maximum=1_000_000),
    "export": _integer("THROTTLE_EXPORT", 60, minimum=0, maximum=1_000_000),
    # A list of canvases asks for all of its pictures at once; browsers keep them until the canvas changes.
    "thumbnail": _integer("THROTTLE_THUMBNAIL", 240, minimum=0, maximum=1_000_000),
    # Each one mails somebody.
    "invite": _integer("THROTTLE_INVITE", 20, minimum=0, maximum=1_000_000),
    # Messages with edits; a page sends up to ten a second while somebody draws.
    "edit": _integer("THROTTLE_EDIT", 3_000, minimum=0, maximum=1_000_000),
    "visitor": _integer("THROTTLE_VISITOR", 300, minimum=0, maximum=1_000_000),
}
SIGN_IN_FAILURES_PER_ACCOUNT = _integer("SIGN_IN_FAILURES_PER_ACCOUNT", 10, minimum=0, maximum=1_000_000)
SIGN_IN_FAILURES_PER_ADDRESS = _integer("SIGN_IN_FAILURES_PER_ADDRESS", 50, minimum=0, maximum=1_000_000)

# --- REST ---
REST_FRAMEWORK = {
    # Tokens first: the first class decides that a missing identity is 401 and not 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "collabcanvas.lib.authentication.BearerAuthentication",
        "collabcanvas.lib.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["collabcanvas.lib.throttles.Throttle"],
    "DEFAULT_PARSER_CLASSES": ["collabcanvas.lib.json_parser.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "collabcanvas.lib.pagination.LimitOffset",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # `?format=` belongs to the export of a canvas, not to the choice of a renderer.
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "collabcanvas.lib.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "CollabCanvas",
    "DESCRIPTION": "Canvases, their objects, and the AI jobs that draw on them.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api",
    "COMPONENT_SPLIT_REQUEST": True,
    # A PATCH here changes one thing, and names it.
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "collabcanvas.lib.openapi.add_common_answers",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "canvases.roles.Role.choices",
        "GivenRoleEnum": "canvases.roles.GIVEN_ROLES",
    },
}

# --- Real time ---
CHANNEL_LAYER_URL = _text("CHANNEL_LAYER_URL").strip()
if CHANNEL_LAYER_URL and not CHANNEL_LAYER_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("CHANNEL_LAYER_URL must begin with redis://, rediss:// or unix://.")
CHANNEL_LAYERS = {
    "default": (
        {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [CHANNEL_LAYER_URL]}}
        if CHANNEL_LAYER_URL
        else {"BACKEND": "collabcanvas.lib.channel_layer.PostgresChannelLayer"}
    )
}

# --- AI jobs ---
AI_JOBS_ENABLED = _boolean("AI_JOBS_ENABLED", True)
MAX_CONCURRENT_JOBS = _integer("MAX_CONCURRENT_JOBS", 200, minimum=1, maximum=5000)
AI_JOBS_PER_USER = _integer("AI_JOBS_PER_USER", 5, minimum=1, maximum=100_000)
JOB_PROCESSING_INTERVAL = _number("JOB_PROCESSING_INTERVAL", 5.0, minimum=0.05, maximum=3600)
MAX_JOB_RETRIES = _integer("MAX_JOB_RETRIES", 3, minimum=0, maximum=100)
JOB_RETRY_BASE_SECONDS = _number("JOB_RETRY_BASE_SECONDS", 60.0, minimum=0, maximum=86_400)
JOB_TIMEOUT_SECONDS = _number("JOB_TIMEOUT_SECONDS", 300.0, minimum=0.1, maximum=86_400)
AI_JOBS_DRAIN_SECONDS = _number("AI_JOBS_DRAIN_SECONDS", 20.0, minimum=0, maximum=3600)
JOB_CLEANUP_DAYS = _integer("JOB_CLEANUP_DAYS", 7, minimum=0, maximum=36_500)
# How long a claim holds without a heartbeat, and how often it is renewed; a system check keeps the ratio.
AI_JOBS_LEASE_SECONDS = 15.0
AI_JOBS_HEARTBEAT_SECONDS = 5.0
# job type -> the coroutine function that does it. A literal: nothing registers itself by being imported.
AI_JOBS_HANDLERS = {
    "create_canvas": "ai_jobs.handlers.create_canvas.handle",
    "modify_canvas": "ai_jobs.handlers.modify_canvas.handle",
}

# A canary job so often; 0 asks for none. The schedule that sends it looks once a minute.
CANARY_INTERVAL_SECONDS = _integer("CANARY_INTERVAL_SECONDS", 0, minimum=0, maximum=86_400)

# --- The language model ---
AI_PROVIDER = _choice("AI_PROVIDER", "auto", ("auto", "sketcher", "llm"))
AI_MODEL = _text("AI_MODEL").strip()
AI_BASE_URL = _text("AI_BASE_URL").strip().rstrip("/")
OPENAI_API_KEY = _key("OPENAI_API_KEY", _text("OPENAI_API_KEY").strip())
ANTHROPIC_API_KEY = _key("ANTHROPIC_API_KEY", _text("ANTHROPIC_API_KEY").strip())
AI_MODEL_SHARE = _integer("AI_MODEL_SHARE", 100, minimum=0, maximum=100)
AI_OUTPUT = _choice("AI_OUTPUT", "auto", ("auto", "tool", "native", "prompted"))
AI_SILENCE_SECONDS = _number("AI_SILENCE_SECONDS", 60.0, minimum=0.1, maximum=3600)
AI_ANSWER_TOKENS = _integer("AI_ANSWER_TOKENS", 32_000, minimum=256, maximum=1_000_000)
AI_CANVAS_TOKENS = _integer("AI_CANVAS_TOKENS", 6_000, minimum=200, maximum=1_000_000)
AI_USER_DAILY_TOKENS = _integer("AI_USER_DAILY_TOKENS", 0, minimum=0, maximum=1_000_000_000)


def _model_vendor() -> str:
    """Which protocol the model speaks, `openai` or `anthropic`; "" means that the sketcher draws."""
    if AI_PROVIDER == "sketcher":
        return ""
    if AI_BASE_URL and not AI_BASE_URL.startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"AI_BASE_URL={AI_BASE_URL!r} must begin with http:// or https://.")
    if not (AI_BASE_URL or OPENAI_API_KEY or ANTHROPIC_API_KEY):
        if AI_PROVIDER == "llm":
            raise ImproperlyConfigured(
                "AI_PROVIDER=llm needs a model. Set OPENAI_API_KEY, ANTHROPIC_API_KEY or AI_BASE_URL."
            )
        return ""
    if AI_BASE_URL and not AI_MODEL:
        raise ImproperlyConfigured("Set AI_MODEL: the name of the model that AI_BASE_URL serves.")
    if AI_MODEL.startswith(("openai:", "anthropic:")):
        vendor = AI_MODEL.partition(":")[0]
    elif AI_MODEL:
        vendor = "anthropic" if AI_MODEL.startswith("claude") and not AI_BASE_URL else "openai"
    else:
        vendor = "openai" if OPENAI_API_KEY else "anthropic"
    key = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}[vendor]
    if not AI_BASE_URL and not {"openai": OPENAI_API_KEY, "anthropic": ANTHROPIC_API_KEY}[vendor]:
        raise ImproperlyConfigured(f"AI_MODEL={AI_MODEL} needs {key}. Set it, or choose another model.")
    return vendor


AI_VENDOR = _model_vendor()
AI_MODEL_NAME = AI_MODEL.removeprefix(f"{AI_VENDOR}:") or {
    "openai": "gpt-5.4-mini",
    "anthropic": "claude-haiku-5-5",
}.get(AI_VENDOR, "")

Q_WORKERS = _integer("Q_WORKERS", 2, minimum=1, maximum=64)
# Jobs are background work: where web shares the processors, it goes first.
WORKER_NICE = _integer("WORKER_NICE", 10, minimum=0, maximum=19)
# An ordinary task that does not move for so long while a worker is idle: the queue is stuck (django-q2 #23).
Q_STALL_SECONDS = 60.0
Q_CLUSTER: dict[str, Any] = {
    "name": "collabcanvas",
    "label": "Ordinary tasks",
    "orm": "default",
    "broker_class": "ai_jobs.engine.ordinary_tasks.NotingBroker",
    "workers": Q_WORKERS,
    "timeout": 120,
    "retry": 180,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": 0,
    "poll": 2,
    "catch_up": False,
}

# --- E-mail ---
EMAIL_CONFIG = _parsed(
    "EMAIL_URL",
    env.email_url_config,
    _text("EMAIL_URL", "consolemail://"),
    "smtp+tls://user:password@host:587, or with smtp:// or smtp+ssl:// before it; consolemail:// prints e-mails",
)
if "smtp" in EMAIL_CONFIG["EMAIL_BACKEND"] and not EMAIL_CONFIG["EMAIL_HOST"]:
    raise ImproperlyConfigured("EMAIL_URL names no mail server: smtp+tls://user:password@host:587")
EMAIL_TIMEOUT = 20
vars().update(EMAIL_CONFIG)
# Mail servers take mails from addresses that they know; who signs in to one with an address may write as that.
_account = str(EMAIL_CONFIG.get("EMAIL_HOST_USER") or "")
DEFAULT_FROM_EMAIL = _text("EMAIL_FROM") or (_account if "@" in _account else "collabcanvas@localhost")

# --- Watching it ---
# Whoever has it may read /metrics, beside staff.
METRICS_TOKEN = _text("METRICS_TOKEN").strip()
SENTRY_DSN = _text("SENTRY_DSN").strip()
if SENTRY_DSN and not re.fullmatch(r"https?://[^/?#@\s]+@[^/?#@\s:]+(:\d{1,5})?(/[^?#\s]*)?/\d+", SENTRY_DSN):
    raise ImproperlyConfigured("SENTRY_DSN must be what Sentry shows as DSN: https://KEY@HOST/NUMBER.")
OTEL_EXPORTER_OTLP_ENDPOINT = _text("OTEL_EXPORTER_OTLP_ENDPOINT").strip().rstrip("/")
if OTEL_EXPORTER_OTLP_ENDPOINT and not OTEL_EXPORTER_OTLP_ENDPOINT.startswith(("http://", "https://")):
    raise ImproperlyConfigured(
        f"OTEL_EXPORTER_OTLP_ENDPOINT={OTEL_EXPORTER_OTLP_ENDPOINT!r} must begin with http:// or https://."
    )

# --- Logs ---
LOG_FORMAT = _choice("LOG_FORMAT", "text" if DEBUG else "json", ("text", "json"))
_log_renderer = (
    structlog.processors.JSONRenderer()
    if LOG_FORMAT == "json"
    else structlog.dev.ConsoleRenderer(colors=False)
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _log_renderer],
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                # People's words stay out of logs; at one's own machine they help.
                structlog.processors.format_exc_info
                if LOG_FORMAT == "text"
                else structlog.processors.ExceptionRenderer(without_words),
            ],
        }
    },
    "filters": {"job_lines": {"()": "ai_jobs.logs.JobLineLimit"}},
    "handlers": {
        "stderr": {"class": "collabcanvas.lib.logs.WholeLines", "formatter": "line", "filters": ["job_lines"]}
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # The layout library tells every step of its algorithm at INFO. What django.request says, and that a request named
    # a foreign host, has a line of ours, with the route instead of the address, which may hold a secret.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("httpx2", "rust-sugiyama", "connected_components", "django.server", "daphne")
    }
    | {
        name: {"level": "CRITICAL"}
        for name in ("django.request", "django.security.DisallowedHost", "urllib3")
    },
}
