"""Why a verb refused: a row for each reason, and the exception that names it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.language import filled, t


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal's number in the API (Twilio's where it has one), its title, and the sentence."""

    number: int
    title: str
    text: str


REFUSALS: dict[str, Refusal] = {
    "empty": Refusal(21602, "Empty text", t("There is nothing to send. Write a text first.")),
    "not_seen": Refusal(
        21640, "Not of this conversation", t("The text seen last is not of this conversation. Read it anew.")
    ),
    "note_empty": Refusal(21602, "Empty note", t("There is nothing in the note. Write it first.")),
    "note_long": Refusal(
        21617, "Note too long", t("A note has {most} characters at most. Shorten it, or write two.")
    ),
    "not_text": Refusal(
        21617,
        "Not a text",
        t("The text holds characters that are no characters (half of an emoji). Type it again."),
    ),
    "too_long": Refusal(
        21617,
        "Text too long",
        t("This text needs {count} parts; at most 255 can be sent. Shorten it or split it."),
    ),
    "cannot_write": Refusal(
        21617,
        "Characters this line cannot write",
        t("The line {line} cannot write {characters}. Replace them, or send by another line."),
    ),
    "cannot_join": Refusal(
        21617,
        "Too long for this line",
        t(
            "This text needs {count} parts, and the line {line} cannot join them on their phone. Shorten "
            "it, or set the line's option long_texts to number: it is then sent as {count} or more "
            "numbered texts."
        ),
    ),
    "bad_number": Refusal(21211, "Not a phone number", "{detail}"),
    "opted_out": Refusal(
        21610,
        "They asked to stop",
        t("They asked us to stop on {since}. Only they can start again, by texting START."),
    ),
    "no_lines": Refusal(
        21606, "No line", t("There is no line yet. Add one with: sms-gateway line add NAME --port PATH")
    ),
    "emergency": Refusal(
        21211, "Emergency number", t("{number} cannot be reached by text from here. Call it on a telephone.")
    ),
    "own_number": Refusal(21266, "Our own number", t("This is the number of the line {line} itself.")),
    "line_removed": Refusal(
        21606, "Line removed", t("The line this was held on is no longer in use. Begin a new conversation.")
    ),
    "send_by_past": Refusal(
        21633,
        "Too late already",
        t("The time after which it is useless has passed already. Give a later one, or leave it out."),
    ),
    "never_in_time": Refusal(
        21633,
        "Never in time",
        t(
            "By the time it may go it would be useless already, so it would never be sent. Give a later time "
            "after which it is useless, or none."
        ),
    ),
    "urgent_marketing": Refusal(
        21620, "Not urgent", t("Offers and news are never urgent. Choose another purpose, or let it wait.")
    ),
    "unknown_line": Refusal(21606, "No such line", t("There is no line called {name}. Lines: {names}.")),
    "which_line": Refusal(
        21606, "Which line", t("There are several lines. Say which one to send by: {names}.")
    ),
    "cannot_answer": Refusal(
        21612,
        "Cannot be answered",
        t("{name} is a sender's name and not a number, so it cannot be answered."),
    ),
    "withheld": Refusal(21612, "Cannot be answered", t("They withheld their number, so nobody can answer.")),
    "unplaced": Refusal(
        21612,
        "Cannot be answered",
        t(
            "{number} is no whole number, so it cannot be answered. "
            "If you know its country code, write to it anew with that."
        ),
    ),
    "purpose": Refusal(
        21620, "Purpose not allowed", t("This token may not send {purpose} texts, only: {allowed}.")
    ),
    "not_unconfirmed": Refusal(
        21621, "Already decided", t("This text is no longer unclear: it is {state}. Nothing was changed.")
    ),
    "sent_again": Refusal(
        21621, "Already sent again", t("This text was sent again already. Nothing was changed.")
    ),
    "not_a_service_code": Refusal(
        21622,
        "Not a service code",
        t("{code} is no service code. It is made of *, # and digits, such as *100#."),
    ),
    "pin_code": Refusal(
        21622,
        "Would touch the PIN",
        t("{code} would change or unblock the SIM's PIN. Do that in a phone, where you see what it answers."),
    ),
    "changes_calls": Refusal(
        21622,
        "Would change how calls go",
        t("{code} would divert or bar calls, or change a password. Do that in a phone, with this SIM in it."),
    ),
    "not_running": Refusal(
        21624,
        "Not running",
        t("The program is not running, so the line {line} cannot be asked. Start it with: sms-gateway run"),
    ),
    "nothing_to_confirm": Refusal(
        21623,
        "Nothing to confirm",
        t("The line {line} has the SIM and the modem it always had. There is nothing to confirm."),
    ),
    "no_modem_yet": Refusal(
        21623,
        "Nothing to confirm",
        t(
            "The line {line} has met no modem yet; there is nothing to confirm. It takes the first that "
            "works."
        ),
    ),
    "not_waiting": Refusal(
        21621, "Too late", t("This text is {state}; only a waiting text can be canceled.")
    ),
    "not_changeable": Refusal(
        21621, "Too late", t("This text is {state}; only a text that waits can be changed.")
    ),
    "waits_for_approval": Refusal(
        21621,
        "Waiting for approval",
        t("This text waits for an admin: a backup was restored. It can be canceled."),
    ),
    "waits_for_a_look": Refusal(
        21621, "Needs a look", t("Somebody has to decide first what they meant. Read the conversation.")
    ),
    "answers_by_itself": Refusal(
        21621,
        "Answers by itself",
        t(
            "This text answers theirs by itself, so its words and its time stay as they are. You can only "
            "cancel it."
        ),
    ),
    "on_its_way": Refusal(21621, "Too late", t("This text is on its way already. Nothing was changed.")),
    "was_tried": Refusal(
        21621,
        "Too late",
        t(
            "This text was given to the modem once and is tried again, so its words cannot change. Cancel "
            "it and write a new one."
        ),
    ),
    "no_time": Refusal(21635, "No time", t("Say on which date and at what time it should go.")),
    "time_past": Refusal(21635, "Time has passed", t("That time has passed. Choose a later one.")),
    "time_far": Refusal(
        21635, "Too far ahead", t("That is more than {days} days ahead. Choose an earlier time.")
    ),
    "unknown_zone": Refusal(21635, "No such zone", "{detail}"),
    "never_asleep": Refusal(
        21635,
        "Never asleep",
        t("Texts may reach them at any hour, so there is no time at which they wake. Choose a time."),
    ),
    "always_open": Refusal(
        21635,
        "Always open",
        t("The office is always open, so it has no time at which it opens. Choose a time."),
    ),
    "no_opening": Refusal(
        21635, "No opening", t("There is no opening in the next year. Choose a time, or correct the hours.")
    ),
    "no_reason": Refusal(
        21636, "Why urgent", t("Say in up to {most} characters why it is urgent; that is kept with the text.")
    ),
    "no_message": Refusal(20404, "No such text", t("There is no text with the id {id}.")),
    "no_contact": Refusal(20404, "Nobody known", t("Nobody with the number {number} is known.")),
    "text_on_its_way": Refusal(
        21638,
        "A text is on its way",
        t("A text to them went out just now, and its outcome is not known yet. Try again in three minutes."),
    ),
    "under_hold": Refusal(
        21638,
        "Under legal hold",
        t(
            "A legal hold keeps their history since {since} ({why}). Lift it first, with: "
            "sms-gateway contact hold NUMBER --lift"
        ),
    ),
    "being_erased": Refusal(
        21638,
        "Being erased",
        t("Their history is being erased already. That ends by itself, in some minutes."),
    ),
    "no_why": Refusal(
        21639, "Why", t("Say in up to {most} characters why. It is kept for good, so it names nobody.")
    ),
    "why_names_them": Refusal(
        21639,
        "Why names them",
        t("The reason holds their name or their number, and it is kept for good. Word it without them."),
    ),
    "not_typed": Refusal(
        21640, "Not confirmed", t("To confirm, type {wanted} as it is shown. Nothing was erased.")
    ),
    "wrong_password": Refusal(21640, "Wrong password", t("This is not your password. Type it again.")),
    "blocked_contact": Refusal(
        21610, "Blocked", t("They are blocked, so nothing goes to them by itself. Unblock them first.")
    ),
    "number_bad": Refusal(
        21614,
        "Number does not work",
        t(
            "{number} has failed again and again, so nothing goes to it by itself. Correct it, or say that "
            "it works."
        ),
    ),
    "number_confirm": Refusal(
        21614,
        "Number not confirmed",
        t(
            "Nobody has used {number} for two years, so nothing goes to it by itself. Ask whether it is "
            "still theirs."
        ),
    ),
    "number_wrong": Refusal(
        21614,
        "Wrong number",
        t(
            "Somebody wrote that {number} is the wrong number, so nothing goes to it by itself. Decide "
            "whose it is."
        ),
    ),
    "number_taken": Refusal(
        21637,
        "Somebody's number",
        t("{number} belongs to {name} already. Move it, share it, or make the two one person."),
    ),
    "number_moved": Refusal(
        21612,
        "Not their number",
        t(
            "{number} is {name}'s number now, so an answer would not reach them. Write to another of their "
            "numbers."
        ),
    ),
    "last_number": Refusal(
        21637,
        "The only number",
        t("{number} is the only number there is for them. Add their new one first, or move this one."),
    ),
    "not_mergeable": Refusal(21637, "One person already", t("They are one person already.")),
    "merged_since": Refusal(
        21637, "Merged since", t("They were merged with somebody else since. Part them from {name} first.")
    ),
    "not_merged": Refusal(21637, "Not merged", t("These two are not one person. Nothing was changed.")),
    "bad_email": Refusal(
        21637, "No e-mail address", t("{typed} is no e-mail address. Write it like name@example.org.")
    ),
    "import_large": Refusal(
        21641,
        "File too large",
        t("The file is larger than {most} MiB. Cut it into several, and bring them in one after the other."),
    ),
    "import_long": Refusal(
        21641,
        "Too many rows",
        t("The file has more than {most} rows. Cut it into several, and bring them in one after the other."),
    ),
    "import_empty": Refusal(
        21641,
        "Nothing in the file",
        t("Nothing is in the file. Choose a CSV or vCard file with people in it."),
    ),
    "import_no_number": Refusal(
        21641, "No number", t("No column holds a number. Say which one does, or nobody could be texted.")
    ),
    "import_twice": Refusal(
        21641, "Twice the same", t("Two columns are said to hold the same. Choose one of them.")
    ),
    "import_consent": Refusal(
        21641,
        "Permission without proof",
        t(
            "Permission counts only with where and when it was given. Name the columns of both, or leave it "
            "out."
        ),
    ),
    "no_import": Refusal(20404, "No such list", t("There is no list with the id {id} that was brought in.")),
    "list_name": Refusal(
        21641, "No name", t("Give the folder a name of up to 80 characters that no other has.")
    ),
    "list_folder": Refusal(
        21641,
        "No folder",
        t("Give the whole path of a folder, and {least} to {most} minutes between two looks."),
    ),
    "no_list_folder": Refusal(20404, "No such folder", t("There is no watched folder called {name}.")),
    "history_unknown": Refusal(
        21641,
        "No texts in it",
        t(
            "This is neither an XML file of SMS Backup & Restore nor a list with a row for each text. Choose "
            "another file."
        ),
    ),
    "history_broken": Refusal(
        21641,
        "Broken off",
        t("The file breaks off or is damaged. Make the backup on the phone anew, and choose that."),
    ),
    "history_doctype": Refusal(
        21641,
        "Not such a backup",
        t("The file has a document type, which such backups never have. It was not read."),
    ),
    "history_columns": Refusal(
        21641,
        "Columns are missing",
        t("Say which columns hold the date, the direction, the number and the text, each once."),
    ),
    "history_line": Refusal(
        21641, "No such line", t("Choose the line that goes on with these conversations.")
    ),
    "history_not_kept": Refusal(
        21641,
        "The file cannot be kept",
        t("The box cannot keep the file: its disk is full or faulty. Make room, then choose it again."),
    ),
    "history_gone": Refusal(
        21641, "The file is gone", t("The file is no longer there. Choose it once more.")
    ),
    "import_over": Refusal(
        21641, "Too late", t("This list was taken in already, or is being read. Look at it again.")
    ),
    "import_erased": Refusal(
        21641,
        "Somebody in it was erased",
        t("Somebody in this file was erased since, so it is not kept. Upload one without them."),
    ),
    "import_many": Refusal(
        21641,
        "Not kept any more",
        t("Others were uploaded since and nobody took this one in, so it is not kept. Upload it again."),
    ),
    "import_undo_late": Refusal(
        21641, "Too late", t("A list can be undone for 24 hours after it was taken in, and once.")
    ),
    "bad_external_id": Refusal(
        21637,
        "No customer number",
        t(
            "A customer number has up to {most} characters, all of which can be seen, and is no id of ours "
            "(con_...)."
        ),
    ),
    "other_external_id": Refusal(
        21637,
        "Somebody else's number",
        t("{number} is of somebody with another customer number. Correct one of the two."),
    ),
    "no_number_given": Refusal(
        21637, "No number", t("Nobody has this customer number yet. Give a phone number to add them.")
    ),
    "bad_choice": Refusal(21637, "No such choice", t("{typed} is none of: {choices}.")),
    "bad_language": Refusal(
        21637, "No language", t("{typed} is no code of a language. Write two letters, such as en or fr.")
    ),
    "bad_tag": Refusal(21637, "No tag", t("A tag has up to {most} characters, all of which can be seen.")),
    "bad_filter": Refusal(21637, "No name", t("Name the filter in up to {most} characters.")),
    "many_fields": Refusal(21637, "Too many fields", t("A contact has {most} fields of your own at most.")),
    "cannot_assign": Refusal(
        21637,
        "Cannot be theirs",
        t("They cannot answer on this line, or are here no longer. Choose somebody else."),
    ),
    "bad_template": Refusal(21637, "Template cannot be used", "{detail}"),
    "template_name_taken": Refusal(
        21637, "Name taken", t("There is a template called {name} already. Give this one another name.")
    ),
    "no_template": Refusal(20404, "No such template", t("There is no template {name}.")),
    "reserved_word": Refusal(
        21637,
        "Reserved word",
        t("Whoever answers {word} is opted out, or helped, by carriers and by us. Write instead: {instead}"),
    ),
    "place_missing": Refusal(
        21642,
        "Not filled in",
        t("{places} is not filled in: we do not know it of them. Write it into the text, then send."),
    ),
    "no_block_why": Refusal(21639, "Why", t("Say in up to {most} characters why they are blocked.")),
    "bad_name": Refusal(21637, "No name", t("A name has up to {most} characters, all of which can be seen.")),
}


class Refused(Exception):
    """A verb refused; `key` names the row above, `data` fills its sentence. Nothing was changed. The
    sentence is made when it is read, in its reader's language: verbs run on a thread that speaks English."""

    def __init__(self, key: str, **data: object) -> None:
        self.key = key
        self.data = data
        super().__init__(filled(REFUSALS[key].text, **data))

    @property
    def refusal(self) -> Refusal:
        """The table's row."""
        return REFUSALS[self.key]

    @property
    def text(self) -> str:
        """The sentence for the person who asked."""
        return str(self)
