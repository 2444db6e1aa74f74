"""What a browser that has never been here loads to show the inbox, as it comes over the line."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium

from tests.office import SHOP, Office
from tests.web.practice import fill
from tests.web.serving import Served
from tests.web.test_browser import Desk, chromium, playwright, served  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser

MOST = 100_000
"""Octets, heads of the answers included."""
WORDS = (
    "Good morning, could we move our appointment from Thursday to the week after, please? Around ten is best."
)


def test_the_first_load_of_a_full_inbox_is_under_100_kB(
    chromium: Chromium,  # noqa: F811
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    fill(office)
    for n in range(60):
        office.text_from(f"+4477009003{n:02d}", WORDS)
        office.accept(f"+4477009003{n:02d}", WORDS, author=SHOP)
    desk = Desk(chromium, served)
    desk.sign_in()
    tools = desk.context.new_cdp_session(desk.page)
    names: dict[str, str] = {}
    loaded: dict[str, int] = {}
    tools.on("Network.responseReceived", lambda of: names.update({of["requestId"]: of["response"]["url"]}))
    tools.on(
        "Network.loadingFinished", lambda of: loaded.update({of["requestId"]: int(of["encodedDataLength"])})
    )
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    desk.page.reload(wait_until="load")
    desk.page.wait_for_timeout(500)  # what scripts ask for by themselves counts too
    sizes = {  # what ended now but began before the reload is not of this load
        names[of].removeprefix(served.address): size for of, size in loaded.items() if of in names
    }
    assert {"/", "panel.css", "live.js"} <= {
        name.partition("?")[0].rpartition("/")[2] or "/" for name in sizes
    }
    assert desk.page.get_by_role("list", name="Conversations").get_by_role("link").count() > 50
    assert sum(sizes.values()) < MOST, sizes
    desk.context.close()
