"""The page that sets when and how much customers are texted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.desk import settings as desk_settings
from gateway.desk.schedules import decide_anew
from gateway.desk.waiting import waits
from gateway.domain.decision_words import CHANGE_HOURS, NEVER_OPENS, SHUT
from gateway.domain.message import Purpose
from gateway.domain.message_words import NO_HOURS, SET_ZONE
from gateway.domain.presets import PRESETS
from gateway.domain.setting_words import NEVER_OPEN, NOTHING_CHANGED, ONLY_ADMIN, SAVED
from gateway.store import settings
from gateway.web import objects_decisions
from tests.office import ANNA, Office
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]
HOURS = "/settings/hours"


def stored(office: Office, name: str) -> str:
    return str(office.read(lambda tx: settings.get(tx, name)))


def test_an_admin_sees_every_setting_with_what_it_comes_to_today(browser_of: BrowserOf) -> None:
    ruth = browser_of("admin")
    ruth.get("/more")
    assert HOURS in ruth.html
    ruth.get(HOURS)
    form = ruth.page.forms[HOURS]
    assert form["hours.conversational"] == "daily 08:00-20:00"
    assert 'name="q" type="search" placeholder="Search texts and people" value=""' in ruth.html
    assert "Today: 08:00 to 20:00." in ruth.text and "Today: 10:00 to 18:00." in ruth.text
    for preset in PRESETS.values():
        assert preset.name in ruth.text
    assert "This is not legal advice" in ruth.text and "Checked 2026-11-22." in ruth.text


def test_what_is_saved_holds_and_is_written_in_the_one_way(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get(HOURS)
    ruth.submit(HOURS, **{"hours.conversational": "monday - friday 9-17:30", "preset": "us-ri"})
    assert SAVED in ruth.text
    assert stored(office, "hours.conversational") == "Mon-Fri 09:00-17:30"
    assert stored(office, "hours.presets") == "us-ri"
    assert "Today: 09:00 to 17:30." in ruth.text and "Changed from default" in ruth.text
    ruth.submit(HOURS)  # without the tick, which a browser does not send
    assert stored(office, "hours.presets") == "us-ri"


def test_hours_are_read_and_typed_in_french_and_kept_in_one_form(
    browser_of: BrowserOf, office: Office
) -> None:
    office.write(lambda tx: settings.put(tx, "office.language", "fr"))
    ruth = browser_of("admin")
    ruth.get(HOURS)
    form = ruth.page.forms[HOURS]
    assert form["hours.conversational"] == "tous les jours 08:00-20:00"
    assert form["hours.marketing"] == "lun-ven 10:00-18:00; sam 10:00-17:00; jours fériés fermé"
    assert "lun-sam 08:30-20:00" in ruth.text  # a preset
    ruth.submit(HOURS, **{"hours.conversational": "lundi - vendredi 9-17:30"})
    assert stored(office, "hours.conversational") == "Mon-Fri 09:00-17:30"
    assert stored(office, "hours.marketing") == "Mon-Fri 10:00-18:00; Sat 10:00-17:00; holidays none"
    assert ruth.page.forms[HOURS]["hours.conversational"] == "lun-ven 09:00-17:30"
    assert "tous les jours 08:00-20:00" in ruth.text  # the default


def test_presets_only_narrow_and_today_shows_it(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get(HOURS)
    ruth.submit(HOURS, **{"hours.marketing": "daily 07:00-22:00", "preset": "us-ct"})
    assert "Today: 09:00 to 20:00." in ruth.text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("hours.conversational", "whenever"),
        ("hours.marketing", "Mon 20:00-08:00"),
        ("hours.closed", "Christmas"),
        ("hours.live_minutes", "-5"),
        ("limits.contact_day", "many"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_kept(
    browser_of: BrowserOf, office: Office, name: str, typed: str
) -> None:
    ruth = browser_of("admin")
    ruth.get(HOURS)
    before = stored(office, "hours.office")
    answer = ruth.submit(HOURS, **{name: typed, "hours.office": "daily 01:00-02:00"})
    assert answer.status_code == 422 and NOTHING_CHANGED in ruth.text
    form = ruth.page.forms[HOURS]
    assert (form[name], form["hours.office"]) == (typed, "daily 01:00-02:00")
    assert f'href="#{name}"' in ruth.html and "It must be" in ruth.text
    assert stored(office, "hours.office") == before


def test_a_manager_sets_the_offices_own_hours_only(browser_of: BrowserOf, office: Office) -> None:
    tom = browser_of("manager")
    tom.get(HOURS)
    assert ONLY_ADMIN in tom.text
    wanted = {
        "hours.office": "daily 08:00-12:00",
        "hours.conversational": "daily 00:00-24:00",
        "preset": "fr",
    }
    tom.submit(HOURS, **wanted)
    assert stored(office, "hours.office") == "daily 08:00-12:00"
    assert stored(office, "hours.conversational") == "daily 08:00-20:00"
    assert stored(office, "hours.presets") == ""


def test_an_agent_sees_no_way_there(anna: Browser) -> None:
    anna.get("/more")
    assert HOURS not in anna.html
    assert anna.get(HOURS).status_code == 403


ASTRAY = "+79161234567"
NIGHT_ONLY = "daily 23:00-24:00"


def test_hours_that_never_open_with_the_presets_are_warned_of(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get(HOURS)
    ruth.submit(HOURS, **{"hours.marketing": NIGHT_ONLY})
    ruth.get(HOURS)
    assert NEVER_OPEN not in ruth.text
    ruth.submit(HOURS, **{"hours.marketing": NIGHT_ONLY, "preset": "us-ri"})
    ruth.get(HOURS)
    assert NEVER_OPEN in ruth.text


def test_a_text_for_such_hours_says_so_and_asks_for_no_zone(browser_of: BrowserOf, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "hours.marketing", NIGHT_ONLY))
    office.write(lambda tx: settings.put(tx, "hours.presets", "us-ri"))
    assert office.read(lambda tx: desk_settings.warning(tx, office.clock())) == NEVER_OPEN
    offer = office.message(office.accept(ANNA, "Half price", Purpose.MARKETING))
    told = office.read(lambda tx: objects_decisions.explained(tx, offer, office.clock()))
    (reason, *_) = told["decision"]["reasons"]
    assert reason["text"] == f"{NEVER_OPENS} {CHANGE_HOURS}"
    assert NEVER_OPENS in [rule["text"] for rule in told["rules"]]
    browser = browser_of("manager")
    browser.get(f"/messages/{offer.public_id}/explain")
    assert NEVER_OPENS in browser.text


def test_its_thread_and_the_schedule_say_so_too(browser_of: BrowserOf, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "hours.marketing", NIGHT_ONLY))
    office.write(lambda tx: settings.put(tx, "hours.presets", "us-ri"))
    offer = office.message(office.accept(ANNA, "Half price", Purpose.MARKETING))
    browser = browser_of("manager")
    for path in ("/schedule", f"/conversations/{offer.conversation_public_id}"):
        browser.get(path)
        assert SHUT in browser.text and CHANGE_HOURS in browser.text
        assert NO_HOURS not in browser.text and SET_ZONE not in browser.text


def test_an_offer_says_on_every_page_that_it_waits_for_holidays(
    browser_of: BrowserOf, office: Office
) -> None:
    offer = office.message(office.accept(ANNA, "Half price", Purpose.MARKETING))
    browser = browser_of("manager")
    pages = (
        "/schedule",
        f"/conversations/{offer.conversation_public_id}",
        f"/messages/{offer.public_id}/explain",
    )
    for path in pages:
        browser.get(path)
        assert "Waiting until the public holidays of GB are known" in browser.text
        assert browser.text.count("They are being computed") == 1
        assert NO_HOURS not in browser.text and SHUT not in browser.text


def test_its_own_page_gives_each_advice_once(browser_of: BrowserOf, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "hours.marketing", NIGHT_ONLY))
    office.write(lambda tx: settings.put(tx, "hours.presets", "us-ri"))
    browser = browser_of("manager")
    for number, advice in ((ANNA, CHANGE_HOURS), (ASTRAY, SET_ZONE)):
        offer = office.message(office.accept(number, "Half price", Purpose.MARKETING))
        browser.get(f"/messages/{offer.public_id}/explain")
        assert browser.text.count(advice) == 1


def test_hours_too_short_for_all_their_places_are_no_time(browser_of: BrowserOf, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "hours.transactional", "daily 12:00-13:00"))
    text = office.message(office.accept(ASTRAY, "Your invoice", Purpose.TRANSACTIONAL))
    browser = browser_of("manager")
    browser.get(f"/conversations/{text.conversation_public_id}")
    assert "Will go" not in browser.text
    assert NO_HOURS in browser.text and SET_ZONE in browser.text


def test_hours_that_close_for_good_are_told_of_what_waited_for_them(office: Office) -> None:
    office.know_holidays()
    offer = office.message(office.accept(ANNA, "Half price", Purpose.MARKETING))
    known = office.read(lambda tx: waits(tx, [offer], office.clock()))[offer.id]
    assert known.until is not None and not known.never_opens
    office.write(lambda tx: settings.put(tx, "hours.marketing", NIGHT_ONLY))
    office.write(lambda tx: settings.put(tx, "hours.presets", "us-ri"))
    assert office.write(lambda tx: decide_anew(tx, offer.id, office.clock()))
    assert not office.write(lambda tx: decide_anew(tx, offer.id, office.clock()))
    offer = office.message(offer.id)
    wait = office.read(lambda tx: waits(tx, [offer], office.clock()))[offer.id]
    assert wait.until is None and wait.never_opens
