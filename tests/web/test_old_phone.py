"""The texts of an old phone at the panel: file, columns, a look, the result, taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.store import imports, waiting_lists
from tests.domain.test_old_texts import sms, xml
from tests.office import ANNA, BEN, Office
from tests.web.browser import Browser

PATH = "/contacts/import/texts"
BACKUP = xml(sms('"Is the boiler ready?"', ANNA), sms('"STOP"', BEN), '<mms date="1"/>')


@pytest.fixture
def tom(browser_of: Callable[[str], Browser]) -> Browser:
    """A manager at the panel."""
    return browser_of("manager")


def upload(browser: Browser, content: bytes, name: str, line: object) -> int:
    browser.get(PATH)
    token = browser.page.forms[PATH]["csrf_token"]
    fields = (("csrf_token", token), ("line", line))
    body = b"".join(
        f'--xx\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields
    )
    head = f'--xx\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body += head.encode() + content + b"\r\n--xx--\r\n"
    kind = "multipart/form-data; boundary=xx"
    browser.answer = browser.client.post(PATH, data=body, content_type=kind, follow_redirects=True)
    return int(browser.answer.status_code)


def place(browser: Browser) -> str:
    assert browser.answer is not None
    return str(browser.answer.request.path)


def test_a_backup_goes_in_and_is_taken_back(tom: Browser, office: Office) -> None:
    tom.get("/contacts/import")
    assert f'href="{PATH}"' in tom.html
    assert upload(tom, BACKUP, "sms.xml", office.line_id) == 200
    here = place(tom)
    assert "Nothing is saved yet." in tom.text and "With 2 people." in tom.text
    assert "Pictures and group texts, not taken" in tom.text
    assert "They wrote STOP on 2020-09-13" in tom.text
    assert "Bring in 2 texts" in tom.buttons() and office.messages() == []
    tom.submit(f"{here}/start")
    assert "What became of the texts" in tom.text and len(office.messages()) == 2
    tom.get(f"/conversations/{office.conversation(ANNA).public_id}")
    assert "Is the boiler ready?" in tom.text and "From an old phone" in tom.text
    tom.get("/contacts/import")
    assert f'href="{here}"' in tom.html
    tom.get(here)
    tom.submit(f"{here}/undo")
    assert "Whoever wrote STOP stays opted out." in tom.text and office.messages() == []


def test_the_columns_of_a_list_are_named(tom: Browser, office: Office) -> None:
    upload(
        tom, f"Wann,Sens,Wer,Text\n2021-05-03 09:00,in,{ANNA},Hallo\n".encode(), "texts.csv", office.line_id
    )
    here = place(tom)
    form = tom.page.forms[f"{here}/columns"]
    assert [form[f"column-{at}"] for at in range(4)] == ["", "direction", "", "body"]
    assert "Hallo" in tom.text
    assert tom.submit(f"{here}/columns").status_code == 422
    assert "which columns hold" in tom.text
    tom.submit(f"{here}/columns", **{"column-0": "at", "column-2": "number"})
    assert "Bring in 1 text" in tom.buttons()


def test_what_is_no_such_file_is_said_in_words(tom: Browser, office: Office) -> None:
    assert upload(tom, b"hello", "x.xml", office.line_id) == 422
    assert "SMS Backup" in tom.text
    assert upload(tom, BACKUP, "x.xml", 99) == 422
    assert "Choose the line" in tom.text
    assert upload(tom, BACKUP[:-20], "x.xml", office.line_id) == 200
    assert "The file breaks off" in tom.text
    assert tom.get(f"{PATH}/imp_0").status_code == 404


def test_a_disk_that_keeps_no_file_is_said_in_words(tom: Browser, office: Office) -> None:
    folder = office.database.keys.folder / waiting_lists.FOLDER
    folder.touch()  # in the way of the folder
    assert upload(tom, BACKUP, "sms.xml", office.line_id) == 422
    assert "The box cannot keep the file" in tom.text
    (row,) = office.read(lambda tx: imports.newest(tx, 5))
    assert (row.state, row.problem) == ("failed", "history_not_kept")


def test_fault_79_a_file_beyond_the_limit_is_refused(tom: Browser, office: Office) -> None:
    assert upload(tom, b"<smses>" + b" " * (33 << 20), "x.xml", office.line_id) == 413
    folder = office.database.keys.folder / waiting_lists.FOLDER
    assert not folder.exists() or list(folder.iterdir()) == []
