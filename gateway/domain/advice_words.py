"""What is said below the box while somebody writes; soft, and never in their way."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.hints import Tone, Trouble
from gateway.domain.language import t

GUILTY = t("These characters make one text hold 70 instead of 160:")
"""Said before each of them with the word it stands in."""

MISSING = t("{places} is not filled in: we do not know it of them. Write it into the text, then send.")
"""Said where a place of a template stands in the words; Send is off."""

LONG = t("{count} texts: shorter ones are read sooner, and cost less.")
VERY_LONG = t(
    "{count} texts: long ones can arrive broken. A link, a call or an appointment may say it better."
)

OFFERS: Mapping[str, tuple[str, str]] = {
    "link": (t("Send a link"), t("You find all of it here: ")),
    "call": (
        t("Offer a call"),
        t("That is easier to explain by phone. May we call you? Reply YES and we will."),
    ),
    "visit": (
        t("Offer an appointment"),
        t("That is easier to show than to write. Shall we make an appointment? Tell us what suits you."),
    ),
}
"""Other ways than a long text: the button, and the words it puts at the beginning, in their language."""

TONES: Mapping[Tone, str] = {
    Tone.TEXT_SPEAK: t("{words}: this reads like a chat. Write it out."),
    Tone.EMOJI: t("{words}: not every phone shows it alike, and not everybody reads it alike."),
    Tone.CAPITALS: t("{words}: capitals read as shouting."),
    Tone.SARCASM: t("{words}: irony is easily misread in a text."),
}

TROUBLES: Mapping[Trouble, str] = {
    Trouble.ANGRY: t("They sound upset. A call, or a manager, may settle it sooner than a text."),
    Trouble.QUESTIONS: t("They ask several things. A call, or a manager, may settle it sooner than texts."),
    Trouble.LONG: t("They wrote at length. A call, or a manager, may settle it sooner than texts."),
}
"""Said of what they wrote, the weightiest first."""

HANDED_OVER = t("@{username} please take this over: it needs more than a text.")
"""The note that is left where somebody hands a conversation to a manager."""
