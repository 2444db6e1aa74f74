"""What is said in the first run of an office: names of its steps, and the sentences that go with them."""

from __future__ import annotations

from gateway.domain.language import t
from gateway.domain.setting_words import OF_OFFICE
from gateway.domain.setup import Step

TITLES: dict[Step, str] = {
    Step.OFFICE: t("Your office"),
    Step.ACCOUNT: t("Your account"),
    Step.MODEM: t("Which modem?"),
    Step.NUMBER: t("Its number"),
    Step.TEST: t("A test text"),
    Step.HOURS: t("Opening hours"),
    Step.RULES: t("Rules"),
    Step.OPENING: t("Other computers"),
    Step.COLLEAGUES: t("Colleagues"),
}
"""As they stand in the list of steps and over each."""

COMMANDS: dict[Step, str] = {
    Step.OFFICE: 'sms-gateway setting set office.name "..."; the same with office.country, office.zone, '
    "office.language",
    Step.ACCOUNT: "sms-gateway user add NAME --role admin",
    Step.MODEM: "sms-gateway modems, then: sms-gateway line add front --port PATH",
    Step.NUMBER: "sms-gateway line set front number +...",
    Step.TEST: "sms-gateway line test front +...",
    Step.HOURS: 'sms-gateway setting set hours.office "Mon-Fri 09:00-17:00; holidays none"',
    Step.RULES: "sms-gateway setting set hours.presets us",
    Step.OPENING: "sms-gateway tls init",
    Step.COLLEAGUES: "sms-gateway user add NAME --role agent",
}
"""What does the same at a terminal."""

# --- the one-time code -------------------------------------------------------------------------------

CODE_LOGGED = "nobody can sign in yet: open the panel and type this code to set the office up: %s"
CODE_NEW = "Type this code on the panel: {code}\nIt counts once, in place of any before it."
OVER = "Somebody can sign in already. To help someone who cannot: sms-gateway user passwd NAME"
CODE_WRONG = t("This is not the code. Check it and type it again; small letters and dashes do not matter.")
CODE_SPENT = t(
    "The code was used already. If that was you, just now, open the panel again in this browser. If not, get "
    "a new one on the box (sms-gateway setup code)."
)

FINISHED = t("Ready for the first customer")

# --- steps -------------------------------------------------------------------------------------------

NO_ZONE = t("This country has several time zones. Choose yours, such as {example}.")
NO_COUNTRY_NO_ZONE = t("Choose a country, or give a time zone such as Europe/London.")
PASSWORDS_DIFFER = t("The two passwords differ. Type the same one twice.")
NO_NAME = t("Give your name, as colleagues know you.")
LONG_NAME = t("A name has up to {most} characters. Give the one colleagues know you by.")
FORGOTTEN = t(
    "Forgotten it? An admin can give you a link. On the box, sms-gateway user passwd NAME sets a new one."
)
NO_MODEM_CHOSEN = t("Choose one of the modems, or leave this step out.")
MODEM_GONE = t("This modem was not among what answered last. Look again, then choose it.")
PIN_MISSING = t("This SIM asks for its PIN. Give its 4 to 8 digits.")
PIN_LAST = t(
    "This SIM has one try left for its PIN, and we never use the last one. Put it in a phone, enter the PIN "
    "there, and look again."
)
TRIED_ONCE = t("We try it once and stop if it is wrong, so the SIM cannot lock itself.")
NOT_AN_ADDRESS = t("Write it as host:port, such as 192.168.1.20:4001. The adapter's own page names both.")
NO_LINE_YET = t("No modem was chosen yet, so nothing can be sent. Go back to “Which modem?”.")
SHORT_CODE_OWN = t("This is a short code, not a line's own number. Write the number of the SIM.")

LOOKED = t("We looked at every port of this box and asked each one whether it can text.")
FOUND = {0: t("None can."), 1: t("One can.")}
FOUND_MANY = t("{count} can.")
ASKING = t(
    "We are asking every port of this box whether a modem answers there. This takes up to ten seconds."
)
NOT_ASKED = t("Plug the modem in and wait ten seconds. Then let us ask every port of this box what is there.")
FAILED = t("The ports could not be asked. The log tells more (sudo journalctl -u sms-gateway). Look again.")
NOTHING = t(
    "Tried: every USB serial port. Nothing was found. Plug the modem in, wait ten seconds, look again."
)
TRIED = t("Tried: {path}, first word AT, up to 8 seconds. Came back: {answer}")

AFTER_HOURS = OF_OFFICE["answers.after_hours"]
AFTER_HOURS_HINT = t(
    "It is kept for later: this version does not send it yet. {office} stands for the name, {opens} for when "
    "you open next. Leave it empty for none. Such as: We are closed and answer {opens}. {office}"
)

WARNINGS: dict[str, str] = {
    "US": t(
        "A SIM with a consumer plan is fine for answering people one by one. For newsletters and offers "
        "ask the operator first: most plans forbid them, and a business counts as a business whatever it "
        "sends."
    ),
    "FR": t(
        "In France mobile numbers (06, 07) are for texts between people. Operators block numbers that send "
        "automated texts in bulk. Answering customers one by one is fine; for offers ask the operator first."
    ),
}
"""What an office in that country should know of its SIM, by its two letters."""

STOP_RULE = t("Who texts STOP gets no more texts, but one confirmation. Nobody can switch that off.")
NIGHT_RULE = t(
    "At night, where they are, nothing goes out but an answer to somebody who has just written. The rest "
    "waits until morning and says so."
)
OFFERS_RULE = t("Offers and news need the permission of each person, and have narrower hours.")
NOT_ADVICE = t("This is no legal advice: ask what holds for your trade.")

OPEN_HERE = t("The panel is open at {address}.")
ONLY_HERE = t(
    "That address works on this box alone: passwords and texts never cross the network unprotected."
)
OPEN_OTHERS = t(
    "It can be opened to the other computers and phones of the office: the box makes a certificate, and "
    "nobody on the way can read along."
)
OPEN_BY_IT = t("By that address it opens on the other computers of your network.")
OPEN_TO_OTHERS = t("The panel is open to the other computers and phones of the office:")

INVITED = t("This link counts once, until {until}. We do not keep it: copy it now.")
ONLY_BOX_LINK = t(
    "It leads to an address that works on this box alone. Open the panel for other computers first, "
    "then make the link there."
)
LINK_OVER = t(
    "This link was used, taken back, or is older than a week. If you just joined by it, sign in. If not, "
    "ask for a new one."
)

# --- the second factor -------------------------------------------------------------------------------

FACTOR_WHY = t(
    "An app on your phone shows a new code every half minute. With it, a password that somebody saw or "
    "guessed is not enough to read your customers' texts."
)
FACTOR_SKIP = t("Without it the password alone lets in. You can set it up later under More, Your account.")
FACTOR_LATER = t(
    "Without it the password alone lets in. You may leave it out while you set up; then the panel asks for "
    "it before anything else."
)
FACTOR_WRONG = t(
    "This code does not fit. Type the one the app shows now; if none fits, check that phone and box show "
    "the same time."
)
FACTOR_USED = t(
    "This code was used already. If you have just signed in by it, open the inbox; if not, type the next one "
    "the app shows."
)
NOT_YOU = t(
    "If those tries were not yours, somebody knows your password. Set another one on the box: "
    "sms-gateway user passwd {name}"
)
RECOVERY_LOST = t("Did you not write the recovery codes down?")
RECOVERY = t(
    "If the phone is lost, each of these codes lets you in once. Write them on paper and keep it where only "
    "you look. They are shown this once."
)
RECOVERED = t("You came in by a recovery code, which is used up. Set up another phone if yours is lost.")
LOST_BOTH = t(
    "Lost the phone and the codes? An admin can help under More, People. On the box: "
    "sms-gateway user second-factor {name} --remove"
)
FACTOR_REQUIRED = t("Admins need the second factor. Set it up now; then everything is open to you again.")
ASKED_FOR = t("Your role can change how the office works, so please set up the second factor.")
