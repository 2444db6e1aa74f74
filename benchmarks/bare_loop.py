"""The plain script the program is compared with: pyserial, the same AT exchange, the same two commits.

    python -m benchmarks.bare_loop PORT DATABASE < PDUS

One PDU a line, in hex, with the empty service centre address in front. It says a line when it is ready to be
given them. It checks nothing, recovers from nothing and knows nobody: the least that can send a list of texts
without forgetting which of them left.
"""

from __future__ import annotations

import sqlite3
import sys

import serial

PROMPT, END = b"> ", b"\r\nOK\r\n"
PATIENCE_S = 30


def open_database(path: str) -> sqlite3.Connection:
    """As the program opens its own: every commit is on disk when it returns."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, pdu, state, reference)")
    return database


def say(modem: serial.Serial, words: str, end: bytes = END) -> bytes:
    """Write and read until `end`."""
    modem.write(words.encode())
    heard = b""
    while not heard.endswith(end):
        some = modem.read(modem.in_waiting or 1)
        if not some:
            raise TimeoutError(f"after {words!r} only {heard!r} came")
        heard += some
    return heard


def send(modem: serial.Serial, database: sqlite3.Connection, text_id: int, pdu: str) -> None:
    """One text: prompt, intent on disk, PDU, answer, outcome on disk."""
    say(modem, f"AT+CMGS={len(pdu) // 2 - 1}\r", PROMPT)
    database.execute("UPDATE texts SET state = 'submitting' WHERE id = ?", (text_id,))
    answer = say(modem, f"{pdu}\x1a")
    reference = int(answer.split(b"+CMGS:")[1].split()[0])
    database.execute("UPDATE texts SET state = 'sent', reference = ? WHERE id = ?", (reference, text_id))


def main(port: str, path: str, pdus: list[str]) -> None:
    """Send them all."""
    database = open_database(path)
    insert = "INSERT INTO texts (pdu, state) VALUES (?, 'queued')"
    database.execute("BEGIN")
    queued = [(database.execute(insert, (pdu,)).lastrowid or 0, pdu) for pdu in pdus]
    database.execute("COMMIT")
    with serial.Serial(port, 115200, timeout=PATIENCE_S, exclusive=True) as modem:
        for command in ("ATE0", "AT+CMGF=0", "AT+CMMS=2"):
            say(modem, f"{command}\r")
        for text_id, pdu in queued:
            send(modem, database, text_id, pdu)
    database.close()


if __name__ == "__main__":
    print("ready", flush=True)  # sixteen of them start first, and send then
    main(sys.argv[1], sys.argv[2], sys.stdin.read().split())
