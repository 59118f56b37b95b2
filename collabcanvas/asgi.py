"""The web process: HTTP through Django, WebSockets through Channels."""

import gc
import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django import setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collabcanvas.settings")
# Read by the settings: the threads of this process, and of no other, keep their database connections.
os.environ["COLLABCANVAS_PROCESS"] = "web"
# Consumers import models, so Django must be set up before the lines below.
setup(set_prefix=False)

import ai_jobs.routing  # noqa: E402
from collabcanvas.lib.correlation import SocketCorrelation  # noqa: E402
from collabcanvas.lib.daphne_protocol import use_restart_protocol  # noqa: E402
from collabcanvas.lib.http_application import HttpApplication  # noqa: E402
from collabcanvas.lib.origin import SocketOrigin  # noqa: E402
from collabcanvas.lib.pulse import Pulse  # noqa: E402
from collabcanvas.lib.reporting import start_reporting  # noqa: E402
from collabcanvas.lib.socket_auth import SocketAuthentication  # noqa: E402

use_restart_protocol()
start_reporting("web")
application = Pulse(
    ProtocolTypeRouter(
        {
            # Pictures take seconds; whoever asks whether this process lives may not wait for anything.
            "http": HttpApplication(
                apart={"/health/live": 1, "/api/canvases/[^/]+/(?:export|thumbnail)": 2},
                in_turn="/api/canvases/([^/]+)(?:/.*)?",
            ),
            "websocket": SocketCorrelation(
                SocketAuthentication(SocketOrigin(URLRouter(ai_jobs.routing.websocket_urlpatterns)))
            ),
        }
    )
)
# What is loaded now stays, so the collector need not walk over it again and again while people wait.
gc.collect()
gc.freeze()
