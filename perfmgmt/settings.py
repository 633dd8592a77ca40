"""Settings: everything that differs between machines comes from the environment, typed, and fails loudly.

`PERFMGMT_ENV=local` (the default) serves one machine on a loopback address with the embedded servers.
`PERFMGMT_ENV=production` demands its secrets and addresses and switches the transport security on.
"""

import os
import secrets as token_source
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from perfmgmt import embedded
from perfmgmt.api.config import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 - settings
from perfmgmt.web.security import CONTENT_SECURITY_POLICY  # noqa: F401 - a setting

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("PERFMGMT_VAR", default=str(BASE_DIR / "var")))
ENVIRONMENT = env.str("PERFMGMT_ENV", default="local")
if ENVIRONMENT not in {"local", "production"}:
    raise ImproperlyConfigured(f"PERFMGMT_ENV is {ENVIRONMENT!r}; it must be 'local' or 'production'.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False) and not PRODUCTION


def _required(name: str) -> str:
    """Return a setting that production must state; a missing one stops the start with its name."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} must be set when PERFMGMT_ENV=production. See docs/operator.md.")
    return value


def _local_secret_key() -> str:
    """Return this checkout's own key, made on first use, so that no key is ever shared between installations."""
    path = VAR_DIR / "secrets" / "django"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"django.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(token_source.token_urlsafe(60), encoding="ascii")
        try:
            os.link(draft, path)  # only one of several first starters wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")


def _database(url: str) -> dict[str, object]:
    """Turn a libpq URI (TCP or Unix socket in `?host=`) into Django's database dictionary."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// (PostgreSQL 16 or newer).")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {**query, "connect_timeout": 10},
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "TEST": {"MIGRATE": False},
    }


SECRET_KEY = _required("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", default="") or _local_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = (
    [host.strip() for host in _required("ALLOWED_HOSTS").split(",")]
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

if PRODUCTION:
    DATABASE_URL, REDIS_URL = _required("DATABASE_URL"), _required("REDIS_URL")
    MIGRATION_DATABASE_URL = env.str("MIGRATION_DATABASE_URL", default="")
else:
    DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.urls(VAR_DIR).app
    REDIS_URL = env.str("REDIS_URL", default="") or embedded.urls(VAR_DIR).redis
    MIGRATION_DATABASE_URL = env.str("MIGRATION_DATABASE_URL", default="") or (
        "" if env.str("DATABASE_URL", default="") else embedded.urls(VAR_DIR).owner
    )

# `default` is the application's role, which owns nothing and is bound by row-level security.
# `owner` exists only where migrations run; web and worker processes of production don't have its URL.
DATABASES = {"default": _database(DATABASE_URL)}
if MIGRATION_DATABASE_URL:
    DATABASES["owner"] = {**_database(MIGRATION_DATABASE_URL), "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 0}

INSTALLED_APPS = [
    "perfmgmt.tenants",
    "perfmgmt.backup",
    "perfmgmt.notify",
    "perfmgmt.people",
    "perfmgmt.web",
    "perfmgmt.jobs",
    "perfmgmt.audit",
    "perfmgmt.customers",
    "perfmgmt.metrics",
    "perfmgmt.closing",
    "perfmgmt.worklog",
    "perfmgmt.workspace",
    "perfmgmt.api",
    "goals",
    "reviews",
    "analytics",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "perfmgmt.web.bounds.BoundsMiddleware",
    "perfmgmt.web.middleware.ActingMiddleware",
    "perfmgmt.web.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "perfmgmt.urls"
WSGI_APPLICATION = "perfmgmt.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "perfmgmt.web.context_processors.shell",
            ],
        },
    },
]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspaces"
ACCOUNT_ADAPTER = "perfmgmt.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "perfmgmt.people.account_forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Who signs up shows first that the address is theirs; who was let in by an operator or an invitation has done so.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# One address each: a new one takes the place of the old one when its mailbox has confirmed it.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/account/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# How many proxies stand before us: whose X-Forwarded-For entries the rate limits believe.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/m/ip",
    "reset_password": "10/m/ip,3/5m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/1m/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
    "invitation": "30/m/ip",
    "invite": "60/h/user",
    "create_workspace": "5/h/user",
    "search": "240/m/user",
    "survey_test": "20/h/user",
    # Customers: per address and per link. Gateways that open every link of a mail ten times must not use it up.
    "survey_open": "600/m/ip,60/m/key",
    "survey_answer": "60/m/ip,20/m/key",
    # One provider's servers post for all of their customers.
    "survey_unsubscribe": "600/m/ip",
    "mail_hook": "1200/m/ip",
}
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
# Whether people may sign up and make a workspace of their own: a try-out yes, production only if it says so.
SIGNUP_OPEN = env.bool("SIGNUP_OPEN", default=not PRODUCTION)
INVITATION_DAYS = env.int("INVITATION_DAYS", default=14)
MFA_ADAPTER = "perfmgmt.people.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "perfmgmt"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
USERSESSIONS_TRACK_ACTIVITY = False

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("FILES_ROOT", default=str(VAR_DIR / "files")))
STORAGES = {
    "default": {"BACKEND": "perfmgmt.tenants.storage.TenantFileStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
# Without a manifest (one machine, tests) WhiteNoise looks files up in their source folders, so that an
# edited file shows at once and nothing has to be collected.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "perfmgmt.tenants.cache.tenant_key",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
SESSION_ENGINE = "perfmgmt.people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Where people reach the site: links in mails that no request causes. Without it such mails have no link.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
EMAIL_HOST = env.str("EMAIL_HOST", default="")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="perfmgmt@localhost")
EMAIL_TIMEOUT = 20
# How many mails a minute one domain of recipients is given, by all workers together; 0: no limit.
MAIL_PER_DOMAIN_PER_MINUTE = env.int("MAIL_PER_DOMAIN_PER_MINUTE", default=60)
# The mailbox to which mail comes back: imaps://user:password@host/INBOX. Without it nobody reads reports.
BOUNCE_IMAP_URL = env.str("BOUNCE_IMAP_URL", default="")
# Mail services that may tell at /hooks/mail/<name>/ what became of a mail, and "user:password" that they must know.
MAIL_WEBHOOKS = env.list("MAIL_WEBHOOKS", default=[])
ANYMAIL = {
    "WEBHOOK_SECRET": env.str("MAIL_WEBHOOK_SECRET", default=""),
    "MAILGUN_WEBHOOK_SIGNING_KEY": env.str("MAILGUN_WEBHOOK_SIGNING_KEY", default=""),
}
if set(MAIL_WEBHOOKS) - {"brevo", "mailgun", "postmark"}:
    raise ImproperlyConfigured("MAIL_WEBHOOKS takes brevo, mailgun and postmark, separated by commas.")
if MAIL_WEBHOOKS and not (ANYMAIL["WEBHOOK_SECRET"].partition(":")[2] and len(ANYMAIL["WEBHOOK_SECRET"]) >= 20):
    raise ImproperlyConfigured("MAIL_WEBHOOKS needs MAIL_WEBHOOK_SECRET, 'user:password' of 20 characters or more.")
if "mailgun" in MAIL_WEBHOOKS and not ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"]:
    raise ImproperlyConfigured("MAIL_WEBHOOKS with mailgun needs MAILGUN_WEBHOOK_SIGNING_KEY.")
# Every mail is a row first; `notify.tasks` hands it to the server above. Without one it is kept and read on a page.
EMAIL_BACKEND = "perfmgmt.notify.backend.OutboxBackend"

# Mail about sign-ins at /mail/, for a try-out without a mail server; shown to browsers on the same machine only.
MAIL_PAGE = env.bool("MAIL_PAGE", default=True) and not PRODUCTION and not EMAIL_HOST

# Bounds of what comes in from outside; the import checks rows and columns as well.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=100 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=1_000_000)
PROOF_MAX_BYTES = env.int("PROOF_MAX_BYTES", default=10 * 1024 * 1024)
PROOFS_PER_ENTRY = 5
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
API_MAX_BYTES = env.int("API_MAX_BYTES", default=8 * 1024 * 1024)
# Requests of one token, batches of facts of one token, and failed attempts from one address.
API_RATES = {
    "token": env.str("API_RATE", default="600/min"),
    "batch": env.str("API_BATCH_RATE", default="60/min"),
    "failed": env.str("API_FAILED_RATE", default="30/min"),
}
REST_FRAMEWORK["NUM_PROXIES"] = ALLAUTH_TRUSTED_PROXY_COUNT

CSRF_FAILURE_VIEW = "perfmgmt.web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True

# A broker URL for Celery: kombu spells a Unix socket and its database differently from redis-py.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "metrics.drain_rollups": {"queue": "rollups"},
    "reviews.drain_scores": {"queue": "rollups"},
    "reviews.feed_answers": {"queue": "rollups"},
    "jobs.run": {"queue": "bulk"},
    "metrics.prepare_forecasts": {"queue": "bulk"},
    "notify.send_mail": {"queue": "mail"},
    "notify.send_account_mail": {"queue": "mail"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = None
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "tenants.sweep", "schedule": env.float("SWEEP_SECONDS", default=10.0)},
    "forget-answers": {"task": "api.forget_old_answers", "schedule": 3600.0},
    "forget-notifications": {"task": "notify.forget_old_notifications", "schedule": 24 * 3600.0},
    "lock-goals": {"task": "goals.lock_due", "schedule": 1800.0},
    "check-ins": {"task": "goals.remind_of_check_ins", "schedule": 1800.0},
    "stand-ins": {"task": "people.tell_begun_stand_ins", "schedule": 1800.0},
    "scores": {"task": "reviews.begin_scores", "schedule": 3600.0},
    "plans": {"task": "goals.remind_of_plans", "schedule": 3600.0},
    "cycles": {"task": "reviews.remind_of_cycles", "schedule": 1800.0},
    "ends": {"task": "reviews.end_cycles", "schedule": 1800.0},
    "voices": {"task": "reviews.settle_voices", "schedule": 3600.0},
    "bounces": {"task": "notify.read_bounces", "schedule": 300.0},
    "survey-mail": {"task": "reviews.write_surveys", "schedule": env.float("SURVEY_MAIL_SECONDS", default=180.0)},
    "follow-ups": {"task": "reviews.remind_of_follow_ups", "schedule": 3600.0},
    "feedback": {"task": "reviews.remind_of_feedback", "schedule": 3600.0},
    "trainings": {"task": "reviews.remind_of_trainings", "schedule": 3600.0},
    "raters": {"task": "reviews.remind_of_raters", "schedule": 3600.0},
    "asking": {"task": "reviews.ask_customers", "schedule": crontab(minute=40)},
    "forecasts": {"task": "metrics.prepare_all_forecasts", "schedule": crontab(minute=20)},
    "account-mail": {"task": "notify.send_account_mail", "schedule": env.float("SWEEP_SECONDS", default=10.0)},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.security.DisallowedHost": {"level": "ERROR"}},
}
