"""What the settings of hours and caps are called on their page."""

from __future__ import annotations

from gateway.domain.language import t

OF_OFFICE: dict[str, str] = {
    "hours.office": t("When we are open"),
    "hours.closed": t("Days on which we are closed besides"),
    "answers.after_hours": t("Answer while we are closed"),
}
"""Settings of the office itself, with their labels."""

OF_CUSTOMERS: dict[str, str] = {
    "hours.conversational": t("Replies"),
    "hours.transactional": t("Reminders and automatic texts"),
    "hours.feedback": t("Questions after a visit"),
    "hours.marketing": t("Offers and news"),
    "hours.live_minutes": t("A live conversation lasts (minutes)"),
    "hours.holidays": t("Whose public holidays are ours"),
    "limits.contact_day": t("Automatic texts to one person in 24 hours"),
    "limits.contact_marketing_day": t("Offers to one person in 24 hours"),
    "limits.contact_marketing_month": t("Offers to one person in 30 days"),
}
"""Settings of when and how much customers are texted, with their labels."""

PRESETS = t("Hours of places, for offers and news")
NOT_ADVICE = t(
    "Each narrows the hours of offers and news to what is asked for in that place, as far as we found on the "
    "day named. This is not legal advice; check what holds for you."
)
ONLY_ADMIN = t("An admin can change these.")
NOTHING_CHANGED = t("Nothing was changed. These fields need another value:")
SAVED = t("Saved. What waits was decided anew.")
NEVER_OPEN = t(
    "The hours set for marketing never open together with the presets. Change one of them under Settings."
)
"""The warning that no offer would ever go."""
TODAY, TODAY_NONE = t("Today: {spans}."), t("Today: not at all.")
"""What the hours come to on this day."""
