"""The product's settings; `create_canvas` waits as long as a model would, and an address of its own does it at once."""

from collabcanvas.settings import *  # noqa: F403
from collabcanvas.settings import AI_JOBS_HANDLERS

AI_JOBS_HANDLERS = {**AI_JOBS_HANDLERS, "create_canvas": "benchmarks.load_work.think_and_draw"}
ROOT_URLCONF = "benchmarks.load_urls"
