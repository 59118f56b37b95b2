"""The page as its tests see it: by roles and names, waiting for what should be there."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.people import Person

SCENE = """() => (window.collabcanvas ? window.collabcanvas.getElements() : []).map((element) => ({
    id: element.id, type: element.type, version: element.version, nonce: element.versionNonce,
    deleted: element.isDeleted, text: element.text ?? null, index: element.index,
}))"""


class Watch:
    """What no page may do: speak to another origin, or complain in the console."""

    def __init__(self, base_url: str) -> None:
        self._allowed = {urlsplit(base_url).netloc}
        self.complaints: list[str] = []
        # Chromium writes refused requests into the console; a test that provokes one says so.
        self.expected: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("request", lambda request: self._address(request.url))
        page.on("websocket", lambda socket: self._address(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"console.{message.type}: {message.text} {message.location['url']}")
                if message.type in {"error", "warning"}
                else None
            ),
        )

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc not in self._allowed:
            self.complaints.append(f"another origin: {url}")

    def unexpected(self) -> list[str]:
        return [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self.expected)
        ]


def carry_session(context: BrowserContext, person: Person, base_url: str) -> None:
    """The browser is signed in as this person."""
    context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value or "", "url": base_url}
            for cookie in person.http.cookies.jar
        ]
    )


def sign_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def overflow(page: Page) -> list[str]:
    """What sticks out of the window to the right or makes the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            const out = [];
            if (document.documentElement.scrollWidth > wide) out.push(`page ${document.documentElement.scrollWidth}`);
            for (const part of document.querySelectorAll("button, a, input, textarea, select, h1, h2, h3, p")) {
                if (part.closest(".excalidraw")) continue;
                const box = part.getBoundingClientRect();
                if (box.width > 0 && (box.right > wide + 1 || box.left < -1)) {
                    out.push(`${part.tagName} ${part.ariaLabel ?? part.innerText} ${box.left}-${box.right}`);
                }
            }
            return out;
        }"""
    )
    return found


class CanvasPage:
    """An open canvas in one browser."""

    def __init__(self, page: Page, base_url: str, canvas_id: str) -> None:
        self.page = page
        self.address = f"{base_url}/c/{canvas_id}"
        page.goto(self.address)
        self.wait_until_live()

    def wait_until_live(self) -> None:
        """The socket stands and the snapshot is drawn."""
        expect(self.connection).to_have_text(re.compile("Saved|Live"))
        self.page.wait_for_function("() => window.collabcanvas !== undefined")
        expect(self.surface).to_be_visible()

    def reload(self) -> None:
        self.page.reload()
        self.wait_until_live()

    def export_image(self, kind: str, *, dark: bool = False, scale: int = 2) -> bytes:
        """The picture that the editor itself makes: a PNG of `scale` pixels per unit, or an SVG.

        The page must have been loaded without `showOpenFilePicker`, or the browser would ask where to.
        """
        self.page.get_by_role("button", name="Main menu").click()
        self.page.get_by_text("Export image...").click()
        dialog = self.page.get_by_role("dialog")
        if dark:
            dialog.locator("input[name='exportDarkModeSwitch']").check(force=True)
        if kind == "PNG":
            dialog.get_by_text(f"{scale}×", exact=True).click()
        with self.page.expect_download() as download:
            dialog.get_by_role("button", name=f"Export to {kind}").click()
        content = Path(download.value.path()).read_bytes()
        self.reload()
        return content

    # --- What it shows ---
    @property
    def connection(self) -> Locator:
        return self.page.get_by_role("status", name="Connection")

    @property
    def notices(self) -> Locator:
        return self.page.get_by_role("status", name="Notices")

    @property
    def surface(self) -> Locator:
        return self.page.get_by_role("img", name=re.compile("Drawing surface"))

    @property
    def question(self) -> Locator:
        return self.page.get_by_label("What should be drawn?")

    def card(self, instructions: str) -> Locator:
        """The newest card of this request."""
        return self.page.get_by_role("article", name=instructions, exact=True).first

    def scene(self, *, deleted: bool = False) -> list[dict[str, Any]]:
        """The elements that the editor holds, live or deleted, in drawing order."""
        elements: list[dict[str, Any]] = self.page.evaluate(SCENE)
        return [element for element in elements if element["deleted"] == deleted]

    def texts(self) -> list[str]:
        """What can be read on the canvas, sorted."""
        return sorted(element["text"] for element in self.scene() if element["type"] == "text")

    def drawn_area(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all that is drawn, in pixels from the top left of the surface."""
        left, top, right, bottom = self.page.evaluate(
            """() => {
                const { scrollX, scrollY, zoom } = window.collabcanvas.getView();
                const live = window.collabcanvas.getElements().filter((element) => !element.isDeleted);
                const edge = (pick, values) => pick(...live.map(values));
                return [
                    (edge(Math.min, ({ x }) => x) + scrollX) * zoom,
                    (edge(Math.min, ({ y }) => y) + scrollY) * zoom,
                    (edge(Math.max, ({ x, width }) => x + width) + scrollX) * zoom,
                    (edge(Math.max, ({ y, height }) => y + height) + scrollY) * zoom,
                ];
            }"""
        )
        return left, top, right, bottom

    def wait_for_scene(self, condition: str, argument: Any = None) -> None:
        """Until the JavaScript `condition`, a function of the live elements and the argument, is true."""
        # Put together here: the page's content policy lets nobody evaluate a text.
        self.page.wait_for_function(
            f"""(argument) => window.collabcanvas !== undefined && ({condition})(
                window.collabcanvas.getElements().filter((element) => !element.isDeleted), argument)""",
            arg=argument,
        )

    def wait_for_count(self, count: int) -> None:
        self.wait_for_scene("(live, count) => live.length === count", count)

    def wait_for_texts(self, texts: list[str]) -> None:
        self.wait_for_scene(
            "(live, texts) => JSON.stringify(live.filter((element) => element.type === 'text')"
            ".map((element) => element.text).sort()) === JSON.stringify(texts)",
            sorted(texts),
        )

    def wait_until_saved(self) -> None:
        expect(self.connection).to_have_text("Saved")

    # --- What a person does ---
    def ask(self, instructions: str) -> Locator:
        """Types and sends a request; returns its card."""
        self.question.fill(instructions)
        self.page.get_by_role("button", name="Draw it").click()
        card = self.card(instructions)
        expect(card).to_be_visible()
        return card

    def draw_rectangle(self, *, at: tuple[int, int] = (330, 180), size: tuple[int, int] = (140, 90)) -> None:
        """Draws by hand; `at` is in pixels from the top left of the surface."""
        box = self.surface.bounding_box()
        assert box is not None
        x, y = box["x"] + at[0], box["y"] + at[1]
        self.page.mouse.click(x, y)
        self.page.keyboard.press("r")
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + size[0] / 2, y + size[1] / 2, steps=4)
        mouse.move(x + size[0], y + size[1], steps=4)
        mouse.up()

    def select_all(self) -> None:
        """Everything on the canvas is selected."""
        box = self.surface.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 30, box["y"] + box["height"] - 120)
        self.page.keyboard.press("Control+a")

    def undo(self) -> None:
        """One Ctrl+Z."""
        self.page.keyboard.press("Control+z")

    def redo(self) -> None:
        """One Ctrl+Shift+Z."""
        self.page.keyboard.press("Control+Shift+z")
