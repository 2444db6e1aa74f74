"""The page of backups, for admins alone, and the banner after a restore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.desk import backups, restored
from gateway.domain import backup_words as words
from gateway.domain.backups import Kind
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import archive, backup_log, sealing, settings
from gateway.store.suppression_log import Log
from tests.office import ANNA, Office
from tests.stories.harness import until
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]
PAGE = "/settings/backups"
PASSPHRASE = "four words from paper"


@pytest.mark.parametrize("role", list(Role))
def test_it_is_for_those_who_may(browser_of: BrowserOf, role: Role) -> None:
    may = Right.BACKUP in RIGHTS[role]
    assert may is (role is Role.ADMIN)
    browser = browser_of(role.value)
    browser.get("/more")
    assert (PAGE in browser.html) is may
    assert browser.client.get(PAGE).status_code == (200 if may else 403)
    token = browser.page.forms["act"]
    for action in ("make", "seal", "place", "seen", "1/download"):
        if not may:
            assert browser.client.post(f"{PAGE}/{action}", data=token).status_code == 403, action


def test_a_passphrase_is_set_and_not_kept(browser_of: BrowserOf, office: Office, tmp_path: Path) -> None:
    ruth = browser_of("admin")
    ruth.get(PAGE)
    assert words.NONE_YET in ruth.text and words.NOT_SEALED in ruth.text
    ruth.submit(f"{PAGE}/seal", passphrase=PASSPHRASE, again="another one")
    assert words.DIFFERENT in ruth.text
    ruth.submit(f"{PAGE}/seal", passphrase="short", again="short")
    assert "too short" in ruth.text
    assert office.read(backups.recipient) is None
    ruth.submit(f"{PAGE}/seal", passphrase=PASSPHRASE, again=PASSPHRASE)
    assert words.SEAL_SET in ruth.text and "Backups are sealed." in ruth.text
    made = backups.make(office.database, office.clock, Kind.NIGHT)
    assert archive.look(Path(made.path), sealing.by_passphrase(PASSPHRASE)).counts["users"] == 4
    office.database.close()
    for file in tmp_path.glob("gateway.db*"):
        assert PASSPHRASE.encode() not in file.read_bytes()


def test_one_is_made_shown_and_taken_away(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get(PAGE)
    ruth.submit(f"{PAGE}/make")
    assert words.MADE in ruth.text
    plain = until(lambda: office.read(backup_log.newest_good), what="it is made")
    ruth.get(PAGE)
    assert "found whole, not sealed" in ruth.text
    assert f"{PAGE}/{plain.id}/download" not in ruth.html, "what is not sealed does not leave this box"
    token = ruth.page.forms["act"]
    assert ruth.client.post(f"{PAGE}/{plain.id}/download", data=token).status_code == 404

    _, recipient = sealing.new_key()
    made = backups.make(office.database, office.clock, Kind.NOW, sealed_for=recipient)
    ruth.get(PAGE)
    answer = ruth.client.post(
        f"{PAGE}/{made.id}/download", data=ruth.page.forms[f"{PAGE}/{made.id}/download"]
    )
    assert answer.status_code == 200 and answer.data == Path(made.path).read_bytes()
    assert Path(made.path).name in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()


def test_where_they_go_is_checked(browser_of: BrowserOf, office: Office, tmp_path: Path) -> None:
    ruth = browser_of("admin")
    ruth.get(PAGE)
    place = f"{PAGE}/place"
    for field, typed, said in (
        ("backup.folder", str(tmp_path / "nowhere"), "is not there"),
        ("backup.folder", "backups", "whole path"),
        ("backup.keep_days", "0", "from 1 to 365"),
    ):
        answer = ruth.submit(place, **{field: typed})
        assert answer.status_code == 422 and said in ruth.text
        assert ruth.page.forms[place][field] == typed
        ruth.get(PAGE)
    ruth.submit(place, **{"backup.folder": f"{tmp_path}/", "backup.keep_weeks": "8"})
    assert office.read(lambda tx: settings.get(tx, "backup.folder")) == str(tmp_path)
    assert office.read(lambda tx: settings.get(tx, "backup.keep_weeks")) == "8"


def test_a_failure_is_told_where_one_looks(browser_of: BrowserOf, office: Office, tmp_path: Path) -> None:
    ruth = browser_of("admin")
    ruth.get(PAGE)
    ruth.submit(f"{PAGE}/seal", passphrase=PASSPHRASE, again=PASSPHRASE)
    (tmp_path / "stick").mkdir()
    ruth.submit(f"{PAGE}/place", **{"backup.folder": str(tmp_path / "stick")})
    (tmp_path / "stick").rmdir()
    backups.nightly(office.database, office.clock)
    ruth.get(PAGE)
    assert "failed" in ruth.text and "Plug the disk in" in ruth.text


# --- after a restore ---------------------------------------------------------------------------------


def come_back(office: Office, *, newer_log: bool = False) -> None:
    """As if this office had been restored."""
    now = office.clock()
    office.write(lambda tx: restored.settle(tx, now, now, Log(), newer_log, "command:test", now))


@pytest.mark.parametrize("role", list(Role))
def test_every_page_says_what_is_missing_until_an_admin_has_looked(
    browser_of: BrowserOf, office: Office, role: Role
) -> None:
    office.accept(ANNA, "it waited")
    come_back(office)
    browser = browser_of(role.value)
    for path in ("/", "/lines", "/more"):
        browser.get(path)
        assert "A backup was restored" in browser.text and words.HELD in browser.text
        assert "Who said STOP after" in browser.text and "1 text may have gone" in browser.text
    may = Right.BACKUP in RIGHTS[role]
    assert (words.SEEN in browser.buttons()) is may
    assert (words.ASK_ADMIN in browser.text) is not may
    if may:
        browser.submit(f"{PAGE}/seen")
        assert "A backup was restored" not in browser.text
        assert not office.read(restored.is_unseen)


def test_who_said_stop_is_known_from_the_old_disk(browser_of: BrowserOf, office: Office) -> None:
    come_back(office, newer_log=True)
    anna = browser_of("agent")
    anna.get("/")
    assert words.STOPS_KNOWN in anna.text
