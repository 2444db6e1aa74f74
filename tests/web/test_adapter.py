"""The panel on a line adapter that can do next to nothing (R95): tests that pass against a full modem where
they are written pass here as well, and what cannot work is greyed with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from gateway.domain.line import Abilities, LineState, LineStatus
from gateway.store import lines
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.test_beginning import (  # noqa: F401
    test_a_number_that_is_none_is_said_before_anything_is_sent,
    test_it_is_said_when_it_will_go_and_what_was_typed_stays,
)
from tests.web.test_browser import (  # noqa: F401
    chromium,
    desk,
    playwright,
    served,
    test_a_text_that_comes_in_shows_in_list_thread_and_title,
)
from tests.web.test_conversation_state import (  # noqa: F401
    test_each_form_changes_the_conversation_and_leads_back,
)
from tests.web.test_conversations import (  # noqa: F401
    test_a_text_received_twice_says_so,
    test_chips_say_what_needs_somebody,
    test_every_state_is_said_in_words,
    test_opening_a_thread_reads_it,
    test_search_leads_to_the_text_in_its_thread,
    test_the_list_says_who_wrote_last,
    test_the_newest_conversation_stands_first_and_unread_is_said,
    test_the_very_first_day_says_what_to_do,
)
from tests.web.test_lines import (  # noqa: F401
    test_a_test_text_goes_to_ones_own_number_and_its_state_is_shown,
    test_the_queue_is_told_by_kind,
)
from tests.web.test_thread_notes import (  # noqa: F401
    test_a_note_stands_in_the_thread_with_its_author_and_is_in_no_outbox,
)

ADAPTER = Abilities(
    delivery_reports=False, multipart=False, unicode=False, notifications=False, signal=False, calls=False,
    ussd=False, deletes=False, lacks="€@",
)  # fmt: skip
"""It sends plain short texts and takes in what is sent to it."""


@pytest.fixture(autouse=True)
def adapter(office: Office) -> None:
    """The office's line is one; its device says so as soon as it is up."""
    office.hear(LineState(LineStatus.UP, "ready", {}, ADAPTER))


def _line(office: Office) -> str:
    return f"/lines/{office.line_id}"


def test_all_it_lacks_is_told_with_what_follows(anna: Browser, office: Office) -> None:
    anna.get(_line(office))
    for words in (
        "Tell whether a text arrived.", "Send long texts as one.", "Write emoji or other alphabets",
        "Announce texts: we look", "Tell the signal.", "Tell of missed calls.", "Ask for the balance.",
        "Delete what was read", "Write these characters: € @.", "Fetch pictures.",
    ):  # fmt: skip
        assert words in anna.text
    assert "No signal was measured yet" not in anna.text


def test_options_that_do_nothing_are_greyed_with_the_reason(
    browser_of: Callable[[str], Browser], office: Office
) -> None:
    admin = browser_of("admin")
    admin.get(_line(office))
    for option, why in (
        ("calls", "This line’s device does not tell of calls"),
        ("balance", "This line’s device cannot ask for it."),
    ):
        (field,) = [tag for tag in admin.html.split("<") if f'id="option-{option}"' in tag]
        assert " disabled" in field and why in admin.text
    (works,) = [tag for tag in admin.html.split("<") if 'id="option-long_texts"' in tag]
    assert " disabled" not in works


def test_saving_the_other_options_leaves_those_as_they_are(
    browser_of: Callable[[str], Browser], office: Office
) -> None:
    office.write(
        lambda tx: lines.change(tx, office.line_id, options={"calls": "hang_up", "balance": "*100#"})
    )
    admin = browser_of("admin")
    admin.get(_line(office))
    kept = {"roaming": "no", "long_texts": "number", "fallback_after": "15"}
    admin.client.post(
        f"{_line(office)}/options", data={**_token(admin, office), **kept}, follow_redirects=True
    )
    assert office.line().options == {"calls": "hang_up", "balance": "*100#", "long_texts": "number"}


def _token(browser: Browser, office: Office) -> dict[str, str]:
    return {"csrf_token": browser.page.forms[f"{_line(office)}/options"]["csrf_token"]}


def test_what_it_cannot_carry_is_said_before_send_and_is_not_sent(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "How much is it?")
    place = f"/conversations/{office.conversation(ANNA).public_id}"
    anna.get(place)
    assert 'data-unicode="no"' in anna.html and 'data-lacks="€@"' in anna.html
    assert "The line front is not told whether a text arrived" in anna.text
    for words in ("It costs 5 €", "Ναι", "A long answer. " * 20):
        anna.get(place)
        anna.submit(f"{place}/messages", body=words)
        assert anna.answer is not None and anna.answer.status_code == 422
    anna.get(place)
    anna.submit(f"{place}/messages", body="Five euros.")
    assert [row.body for row in office.messages(ANNA, "outbound")] == ["Five euros."]


def test_a_full_modem_greys_nothing(browser_of: Callable[[str], Browser], office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, abilities=asdict(Abilities())))
    admin = browser_of("admin")
    admin.get(_line(office))
    assert not [tag for tag in admin.html.split("<") if 'id="option-' in tag and " disabled" in tag]
