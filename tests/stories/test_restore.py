"""The PC died: a backup is made while texts go out and in, the program is killed, the data folder is gone,
and the office goes on elsewhere. What docs/backup.md tells to do is done here, word for word."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories.harness import ROOT, Done, Office, until

OUT = [f"+120255501{number}" for number in range(60, 66)]
WAITING, STOPPED, FRIEND = "+12025550170", "+12025550171", "+12025550172"
OPTED_OUT = 21610
PASSPHRASE = "four words from paper"


def passphrase_file(folder: Path) -> str:
    path = folder / "passphrase.txt"
    path.write_text(f"{PASSPHRASE}\n")
    return str(path)


def backed_up_at_work(office: Office, modem: FakeModem, file: Path) -> dict[str, Any]:
    """Texts go out and in while the backup is made; returns the one that waited then."""
    office.start()
    office.until_up()
    before = [office.post(to, f"before {to}") for to in OUT[:3]]
    modem.control.text(FRIEND, "Are you open?")
    for message in before:
        office.until_state(message["id"], "delivered")
    until(lambda: office.inbound(FRIEND))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    waiting = office.post(WAITING, "it waits", scheduled_at=tomorrow.isoformat())
    assert waiting["state"] == "queued"
    going = office.launch("backup", "--to", str(file), "--passphrase-file", passphrase_file(office.folder))
    during = [office.post(to, f"meanwhile {to}") for to in OUT[3:]]
    done = office.finish(going)
    assert done.code == 0, done
    for message in during:
        office.until_state(message["id"], "delivered")
    return waiting


def after_the_backup(office: Office, modem: FakeModem) -> None:
    """What the backup does not know: a text that went, a STOP; then the PC dies."""
    office.until_state(office.post(FRIEND, "after the backup")["id"], "delivered")
    modem.control.text(STOPPED, "STOP")
    until(lambda: modem.control.texts(STOPPED), what="STOP is confirmed")
    office.kill()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_office_goes_on_elsewhere_and_nobody_is_texted_twice(
    office: Office, modem: FakeModem, tmp_path: Path
) -> None:
    file = tmp_path / "office.smsbackup"
    waiting = backed_up_at_work(office, modem, file)
    after_the_backup(office, modem)
    log = shutil.copy(office.data / "suppressions.log", tmp_path / "old.log")
    shutil.rmtree(office.data)
    words = ["restore", str(file), "--passphrase-file", passphrase_file(tmp_path)]
    with_log, without = (Office(tmp_path / name, office.token) for name in ("with", "without"))
    for one in (with_log, without):
        one.folder.mkdir()
    done = with_log.must(*words, "--suppressions", str(log))
    assert "nobody who did is texted" in done
    assert re.search(r"[1-4] texts? may have gone or not", done), "what waited, and what was just going out"
    told = without.must(*words)
    assert "Who said STOP after" in told and "is not known here" in told
    try:
        goes_on(with_log, modem, waiting, knows_stop=True)
        goes_on(without, modem, waiting, knows_stop=False)
    finally:
        with_log.close()
        without.close()
        office.said += [with_log.output(), without.output()]


def goes_on(office: Office, modem: FakeModem, waiting: dict[str, Any], *, knows_stop: bool) -> None:
    before = {to: modem.control.texts(to) for to in (*OUT, WAITING, STOPPED, FRIEND)}
    office.start()
    office.until_up()
    assert {one["body"] for one in office.inbound(FRIEND)} == {"Are you open?"}
    history = {one["body"]: one["state"] for one in office.pages(direction="outbound")}
    assert [history[f"before {to}"] for to in OUT[:3]] == ["delivered"] * 3
    assert "after the backup" not in history
    assert {history.get(f"meanwhile {to}", "sent") for to in OUT[3:]} <= {"unconfirmed", "sent", "delivered"}
    assert history["it waits"] == "unconfirmed"
    assert office.message(waiting["id"])["reason"]["code"] == "restored"
    refused = office.api("POST", "/api/v1/messages", {"to": STOPPED, "body": "Offer"})
    if knows_stop:
        assert (refused.status, refused.body["code"]) == (422, OPTED_OUT)
    else:  # nobody can know; that is what an admin has to look at first
        assert refused.status == 202 and refused.body["waiting_for"] == "approval"
        office.must("schedule", "cancel", refused.body["id"])
    held = office.post(FRIEND, f"automatic {knows_stop}")
    assert (held["state"], held["waiting_for"]) == ("queued", "approval")
    assert "Who said STOP" in office.must("backup", "gap")
    assert {to: modem.control.texts(to) for to in before} == before, "nothing is sent again, or by itself"
    office.must("backup", "gap", "--seen")
    office.until_state(held["id"], "delivered")
    after = {to: modem.control.texts(to) for to in before}
    assert after == before | {FRIEND: [*before[FRIEND], f"automatic {knows_stop}"]}
    assert office.stop() == 0


# --- as the page tells it ----------------------------------------------------------------------------


def commands_of(heading: str) -> list[str]:
    """The commands of one part of the page, in their order."""
    page = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    part = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert part, f"docs/backup.md has no part {heading!r}"
    blocks = re.findall(r"^ *```\n(.*?)^ *```", part, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


def typed(office: Office, line: str, places: dict[str, str]) -> Done:
    for written, real in places.items():
        line = line.replace(written, real)
    words = shlex.split(line.removeprefix("sudo "))
    assert words[0] == "sms-gateway", line
    return office.run(*words[1:])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_page_is_walked_through(office: Office, modem: FakeModem, tmp_path: Path) -> None:
    stick, old = tmp_path / "stick", tmp_path / "old"
    stick.mkdir()
    places = {
        "/media/usb": str(stick),
        "/mnt/old/var/lib/sms-gateway": str(old),
        "passphrase.txt": passphrase_file(tmp_path),
    }
    office.start()
    office.until_up()
    office.until_state(office.post(FRIEND, "Your glasses are ready.")["id"], "delivered")
    modem.control.text(STOPPED, "STOP")
    until(lambda: modem.control.texts(STOPPED), what="STOP is confirmed")
    for line in commands_of("Ten minutes, once"):
        done = typed(office, line, places)
        assert done.code == 0, (line, done)
    office.kill()
    (made,) = stick.glob("*.smsbackup")
    places["sms-gateway-2026-11-22-024000.smsbackup"] = made.name
    office.data.rename(old)
    new = Office(tmp_path / "new", office.token)
    new.folder.mkdir()
    try:
        for line in commands_of("The PC died: what now"):
            if line == "sudo systemctl stop sms-gateway":
                assert new.process is None
            elif line == "sudo systemctl start sms-gateway":
                new.start()
                new.until_up()
            elif "doctor" in line:
                assert "[ok]" in typed(new, line, places).out
            else:
                done = typed(new, line, places)
                assert done.code == 0, (line, done)
        assert "Your glasses are ready." in [one["body"] for one in new.pages()]
        new.until_state(new.post(FRIEND, "And we go on.")["id"], "delivered")
        running = new.run("restore", str(made), "--replace", "--passphrase-file", places["passphrase.txt"])
        assert running.code == 1 and "Stop it first" in running.err
    finally:
        new.close()
        office.said.append(new.output())
