"""Recorded conversations of a computer with a modem, in the notation of `notation`, and their replay."""

from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The transcripts there are, by file name without .txt."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def text_of(name: str) -> str:
    """The text of one. Raises OSError where there is none of that name."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
