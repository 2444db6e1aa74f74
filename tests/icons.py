"""`python -m tests.icons`: draws the icons a phone shows of the panel from static/icon.svg, in a real
Chromium. They are this project's own work, under its licence (Apache-2.0), as the drawing is."""

from __future__ import annotations

import re

from playwright.sync_api import Page, sync_playwright

from gateway.web.frame import STATIC, papers
from gateway.web.installing import ICONS, icon_file
from tests.web.test_browser import CHROMIUM, QUIET

SAFE = 0.58
"""Of the width of a picture that the system cuts to its own shape: what is drawn stays, with its corners, in
the middle four fifths (W3C manifest, icon masks and safe zone)."""
PLAIN = 0.92
APPLE = (180, "apple")
"""iOS takes one of its own, rounds it, and paints what is transparent black."""


def _draw(page: Page, size: int, purpose: str) -> bytes:
    is_cut = purpose != "any"
    inner = round(size * (SAFE if is_cut else PLAIN))
    drawing = (STATIC / "icon.svg").read_text(encoding="utf-8")
    drawing = re.sub("<svg ", f'<svg width="{inner}" height="{inner}" ', drawing, count=1)
    ground = papers()[0] if is_cut else "transparent"
    page.set_viewport_size({"width": size, "height": size})
    style = f"margin:0;height:{size}px;display:grid;place-items:center;background:{ground}"
    page.set_content(f'<body style="{style}">{drawing}')
    return page.screenshot(omit_background=True)


def main() -> None:
    """Draw them all."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        for size, purpose in (*ICONS, APPLE):
            (STATIC / icon_file(size, purpose)).write_bytes(_draw(page, size, purpose))
        browser.close()


if __name__ == "__main__":
    main()
