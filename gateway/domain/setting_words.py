"""What the settings of hours and caps are called on their page."""

from __future__ import annotations

OF_OFFICE: dict[str, str] = {
    "hours.office": "When we are open",
    "hours.closed": "Days on which we are closed besides",
    "answers.after_hours": "Answer while we are closed",
}
"""Settings of the office itself, with their labels."""

OF_CUSTOMERS: dict[str, str] = {
    "hours.conversational": "Replies",
    "hours.transactional": "Reminders and automatic texts",
    "hours.feedback": "Questions after a visit",
    "hours.marketing": "Offers and news",
    "hours.live_minutes": "A live conversation lasts (minutes)",
    "hours.holidays": "Whose public holidays are ours",
    "limits.contact_day": "Automatic texts to one person in 24 hours",
    "limits.contact_marketing_day": "Offers to one person in 24 hours",
    "limits.contact_marketing_month": "Offers to one person in 30 days",
}
"""Settings of when and how much customers are texted, with their labels."""

PRESETS = "Hours of places, for offers and news"
NOT_ADVICE = (
    "Each narrows the hours of offers and news to what is asked for in that place, as far as we found on the "
    "day named. This is not legal advice; check what holds for you."
)
ONLY_ADMIN = "An admin can change these."
NOTHING_CHANGED = "Nothing was changed. These fields need another value:"
SAVED = "Saved. What waits was decided anew."
NEVER_OPEN = (
    "The hours set for marketing never open together with the presets. Change one of them under Settings."
)
"""The warning that no offer would ever go."""
TODAY, TODAY_NONE = "Today: {spans}.", "Today: not at all."
"""What the hours come to on this day."""
