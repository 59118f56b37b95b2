"""`make pictures`: takes the pictures of the operators' pages, of `doctor` and of the gallery anew.

For docs/images a CollabCanvas with an hour of made-up history; the pages in light and dark, and at a phone's width into
a folder that is named at the end, to be looked at. For docs/gallery the words of docs/gallery.md, drawn and exported by
the editor. Not among the tests: it writes into the repository.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import psycopg2
from playwright.sync_api import Browser, BrowserContext, Page, expect
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, DIMMED_MONOKAI
from rich.text import Text

from canvases.demo import PASSWORD
from tests.pages import CanvasPage, Watch, carry_session
from tests.people import Person
from tests.running import PROJECT, Running

IMAGES = PROJECT / "docs" / "images"
GALLERY = PROJECT / "docs" / "gallery.md"
_COLUMNS = 100
_TERMINALS = {"light": DEFAULT_TERMINAL_THEME, "dark": DIMMED_MONOKAI}
_SUFFIX = {"light": "", "dark": "-dark"}
# One and a half thousand jobs, more of them lately, a few of them failed or cancelled; and what models cost today.
_HISTORY = """
INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, priority, request_data, max_retries, attempt,
    created_at, next_processing_at, started_at, completed_at, error_code, error_message)
SELECT gen_random_uuid(), (SELECT min(id) + number / 3 % 2 FROM auth_user),
    CASE WHEN number % 5 < 2 THEN 'create_canvas' ELSE 'modify_canvas' END, status, 0,
    '{"instructions": "Pack -> Ship"}', 3, 1, at, at, at + make_interval(secs => wait),
    at + make_interval(secs => wait + run),
    CASE status WHEN 'failed' THEN (ARRAY['not_understood', 'provider_error', 'rate_limited'])[1 + number % 3]
        WHEN 'cancelled' THEN 'cancelled' ELSE '' END, ''
FROM generate_series(1, 1500) AS number, LATERAL (SELECT
    CASE WHEN number % 31 = 0 THEN 'failed' WHEN number % 47 = 0 THEN 'cancelled' ELSE 'completed' END AS status,
    0.02 + (number * 0.6180339 % 1) ^ 3 AS wait, 0.4 + (number * 0.4142135 % 1) ^ 2 * 25 AS run,
    now() - interval '40 seconds' - interval '58 minutes' * (1 - sqrt(number / 1500.0)) AS at
) AS made;
INSERT INTO ai_jobs_tokenuse (user_id, day, requests, input_tokens, output_tokens, cost_usd)
SELECT min(id), (now() AT TIME ZONE 'UTC')::date, 141, 812000, 157000, 6.51 FROM auth_user;
"""


def test_the_pictures_are_taken(
    running: Running, cast: dict[str, Person], browser: Browser, tmp_path: Path
) -> None:
    job_id = _fill(running, cast["ada"])
    # A mail server that is not there: so the picture has something to say.
    said = _in_a_terminal(running, "doctor", EMAIL_URL="smtp://localhost:9")
    for scheme in ("light", "dark"):
        _pages(browser, running.base_url, job_id, scheme, 1440, IMAGES)
        _pages(browser, running.base_url, job_id, scheme, 390, tmp_path)
        _terminal(browser, "python manage.py doctor", said, scheme)
    print(f"The same pages at a phone's width: {tmp_path}")  # noqa: T201  # to be looked at


def test_the_gallery_is_drawn_anew(
    cast: dict[str, Person], new_browser: Callable[..., BrowserContext], base_url: str, watch: Watch
) -> None:
    # The editor's own export cuts its fonts in a worker that the content policy does not allow, and then without.
    watch.expected += ["subsetting"]
    ada = cast["ada"]
    for section in GALLERY.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        words = re.search(r"```text\n(.*?)\n```", section, re.DOTALL)
        before = re.search(r"On a canvas that holds `(.+?)`", section)
        light, dark = re.findall(r"\((gallery/[\w-]+\.png)\)", section)
        assert words, heading
        canvas_id = ada.make_canvas(heading)
        for instructions in [*(before.groups() if before else ()), words[1]]:
            ada.wait_for_job(ada.ask(instructions, canvas_id=canvas_id))
        context = new_browser()
        carry_session(context, ada, base_url)
        page = context.new_page()
        page.add_init_script("delete window.showOpenFilePicker")
        canvas = CanvasPage(page, base_url, canvas_id)
        canvas.wait_for_scene("(live) => live.length > 0")
        (PROJECT / "docs" / light).write_bytes(canvas.export_image("PNG", scale=1))
        (PROJECT / "docs" / dark).write_bytes(canvas.export_image("PNG", scale=1, dark=True))
        context.close()


def _fill(running: Running, ada: Person) -> str:
    """There is a history, and one job whose page has something to tell: moved forward, begun, drawn."""
    canvas_id = ada.make_canvas("Product launch")
    running.manage("aijobs", "pause", "--reason", "The vendor is being changed")
    job_id = ada.ask("Mind map of a product launch: press, beta, docs", canvas_id=canvas_id)
    ada.call("PATCH", f"/api/jobs/{job_id}", {"priority": 5})
    running.manage("aijobs", "resume")
    ada.wait_for_job(job_id)
    with psycopg2.connect(running.database_url) as database, database.cursor() as cursor:
        cursor.execute(_HISTORY)
    database.close()
    return job_id


def _pages(
    browser: Browser,
    address: str,
    job_id: str,
    scheme: Literal["light", "dark"],
    width: int,
    folder: Path,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address}/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="ended")).to_be_visible()
    _take(page, folder / f"dashboard{_SUFFIX[scheme]}.png")
    page.goto(f"{address}/admin/ai_jobs/aijob/{job_id}/change/")
    _take(page, folder / f"job-page{_SUFFIX[scheme]}.png")
    page.goto(f"{address}/admin/ai_jobs/aijob/")
    _take(page, folder / f"job-list{_SUFFIX[scheme]}.png", whole=False)
    context.close()


def _take(page: Page, path: Path, *, whole: bool = True) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=whole)


def _in_a_terminal(running: Running, *arguments: str, **environment: str) -> str:
    """What the command writes to a terminal, with its colours."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, _COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**running.environment, "TERM": "xterm-256color", "COLUMNS": str(_COLUMNS), **environment},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:
        pass  # Linux tells so that nobody writes to the terminal any more.
    process.wait()
    os.close(ours)
    return said.decode().replace("\r\n", "\n").rstrip()


def _terminal(browser: Browser, command: str, said: str, scheme: Literal["light", "dark"]) -> None:
    theme = _TERMINALS[scheme]
    with open(os.devnull, "w") as nowhere:
        console = Console(
            record=True, width=_COLUMNS, file=nowhere, force_terminal=True, legacy_windows=False
        )
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text.from_ansi(said))
        written = console.export_html(theme=theme, inline_styles=True, code_format="{code}")
    ground, ink = theme.background_color.hex, theme.foreground_color.hex
    page = browser.new_page(device_scale_factor=2)
    style = f"display: inline-block; margin: 0; padding: 16px 20px; font: 13px/1.5 monospace; background: {ground}"
    style += f"; color: {ink}"
    page.set_content(f'<body style="margin: 0"><pre style="{style}">{written}</pre>')
    page.locator("pre").first.screenshot(path=IMAGES / f"doctor{_SUFFIX[scheme]}.png")
    page.close()
