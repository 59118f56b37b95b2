"""The smallest Django project around django-q2 on its ORM broker; PEER_OPTIONS says how it is set."""

import json
import os

SECRET_KEY = "measured-and-thrown-away"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_q"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["PEER_DATABASE"],
        "USER": "postgres",
        "HOST": os.environ["PEER_HOST"],
        "PORT": "5432",
    }
}
Q_CLUSTER = {
    "name": "peer",
    "orm": "default",
    **json.loads(os.environ["PEER_OPTIONS"]),
}
