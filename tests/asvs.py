"""Which requirements of the OWASP ASVS 5.0.0, levels 1 and 2, concern this program, what it does about each,
and the tests that hold it. Written into docs/asvs.md by `python -m tests.docs`; `test_asvs.py` holds that
they are there."""

# ruff: noqa: E501 - one line for each thing
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One line: the requirements by number, what is done, which tests fail if it is not; `but`: what is left,
    and why."""

    ids: str
    done: str
    tests: tuple[str, ...]
    but: str = ""


ITEMS: tuple[Item, ...] = (
    Item(
        "1.1.2, 1.2.1-1.2.3, 3.2.2",
        "Pages are templates that escape; scripts write text, never markup.",
        (
            "test_source.py::test_pages_hold_nobodys_markup",
            "web/test_strangers.py::test_row_62_nothing_anybody_wrote_becomes_part_of_a_page",
            "web/test_strangers.py::test_row_62_a_browser_runs_nothing_of_it",
        ),
    ),
    Item(
        "1.2.4, 1.2.9",
        "What is given goes into SQL as parameters; what is typed to be looked for is words.",
        (
            "test_source.py::test_no_statement_is_made_of_words_that_were_given",
            "web/test_search_syntax.py::test_row_87_syntax_is_words",
        ),
    ),
    Item(
        "1.2.5, 1.3.2, 1.5.2",
        "Nothing that was given is run or made into objects: no shell, no eval, no pickle.",
        (
            "test_source.py::test_nothing_that_was_given_is_run",
            "test_source.py::test_nothing_is_read_that_could_make_objects_and_no_chance_can_be_guessed",
        ),
    ),
    Item(
        "1.2.10",
        "Files for spreadsheets hold no formulas.",
        (
            "domain/test_spreadsheet.py::test_row_65_what_could_begin_a_formula_has_a_quote_before_it",
            "web/test_thread_tools.py::test_row_65_a_thread_goes_out_as_a_table_without_formulas",
        ),
    ),
    Item(
        "1.3.6, 13.2.4, 13.2.5, 15.3.2",
        "The one call out is the webhook an admin set; redirects are not followed.",
        ("test_webhook.py::test_a_redirect_is_not_followed",),
    ),
    Item(
        "1.3.7",
        "Templates of texts are names in braces, filled in once; nothing in them is run.",
        ("web/test_strangers.py::test_row_62_nothing_anybody_wrote_becomes_part_of_a_page",),
    ),
    Item(
        "2.1.1-2.1.3, 2.2.1-2.2.3, 2.3.2",
        "Limits of texts, parts and lines are settings and are checked where a text is accepted.",
        (
            "web/test_api.py::test_what_cannot_be_sent_is_refused_and_nothing_stored",
            "web/test_line_limits.py::test_what_waits_for_a_limit_says_when_it_goes_on_and_what_was_held",
        ),
    ),
    Item(
        "2.3.3, 2.3.4, 15.3.5",
        "What belongs together is one transaction of one writer; a part is claimed before it goes.",
        (
            "faults/test_rows_process.py::test_row_02_killed_at_some_awaits",
            "web/test_api.py::test_requests_racing_with_one_key_send_one_text",
        ),
    ),
    Item(
        "2.4.1",
        "Searches and copies that leave are counted for each person; texts go by a line's limits.",
        (
            "web/test_allow_lists.py::test_so_many_exports_an_hour_and_no_more",
            "web/test_allow_lists.py::test_every_copy_that_leaves_the_panel_is_counted",
        ),
        "A token has no limit of its own for texts: the line's limits hold for all who send.",
    ),
    Item(
        "3.3.1-3.3.4, 3.4.1-3.4.6, 3.5.1-3.5.3",
        "One cookie, bound to the host over TLS; headers on every answer; a token in every form.",
        (
            "web/test_access.py::test_over_tls_the_cookie_is_bound_to_this_host",
            "web/test_access.py::test_row_89_every_answer_of_every_route_has_the_security_headers",
            "web/test_forgery.py::test_row_75_a_form_of_another_site_with_the_right_token",
            "web/test_forgery.py::test_row_75_without_the_token_of_the_page",
        ),
        "HSTS is sent only with a public certificate: a device that lost the box's own root could not even "
        "read what to do about it.",
    ),
    Item(
        "4.1.1-4.1.3, 4.2.1",
        "The API takes JSON alone; headers of proxies count from trusted ones; a request has one end.",
        (
            "web/test_api.py::test_a_body_that_cannot_be_read_is_refused",
            "web/test_proxies.py::test_row_81_a_stranger_is_not_believed",
            "web/test_raw_http.py::test_row_90_one_answer_and_the_end",
        ),
    ),
    Item(
        "4.4.1-4.4.3",
        "The stream of events asks for the session and the host's name, and ends with the session.",
        (
            "web/test_server.py::test_a_stranger_hears_nothing",
            "web/test_server.py::test_a_stream_ends_with_its_session",
        ),
    ),
    Item(
        "5.1.1, 5.2.1, 5.2.2, 5.3.2, 5.4.1, 5.4.2",
        "Lists that are brought in have a largest size; files are named by the program.",
        (
            "web/test_imports.py::test_fault_79_a_file_of_more_than_10_mib_is_refused_in_words",
            "web/test_addresses.py::test_row_84_no_id_is_taken_for_a_path",
            "web/test_addresses.py::test_row_84_downloads_have_names_of_ours",
        ),
    ),
    Item(
        "6.1.1, 6.2.1-6.2.12, 6.3.1-6.3.4",
        "Passwords of 12 to 128 characters, any of them, none that is known or simple; guessing is slowed by "
        "place; nothing tells who works here.",
        (
            "domain/test_passwords.py::test_what_stands_in_the_lists_is_known_however_it_is_written",
            "web/test_sessions.py::test_the_whole_password_counts",
            "web/test_guessing.py::test_row_77_one_name_many_passwords",
            "web/test_guessing.py::test_row_78_nothing_in_the_answer_tells_who_there_is",
        ),
        "The second factor is asked of admins and managers until they set it up, and can be put off: an "
        "office with one phone must not be locked out of its texts.",
    ),
    Item(
        "6.4.1-6.4.4, 6.5.1-6.5.5",
        "Codes of the second factor and recovery codes count once; links for a password end within a day.",
        (
            "desk/test_second_factor.py::test_no_code_counts_twice_nor_an_older_one",
            "desk/test_second_factor.py::test_each_of_ten_recovery_codes_counts_once",
            "web/test_people.py::test_a_link_for_a_password_ends_with_a_day_and_with_another",
        ),
    ),
    Item(
        "7.1.1-7.2.4, 7.3.1, 7.3.2, 7.4.1-7.4.5, 7.5.1, 7.5.2",
        "Sessions stand on the server, new at each sign-in, 12 hours idle and 7 days at most; listed, ended "
        "by their owner, by an admin, and with every change of password, factor or role.",
        (
            "web/test_sessions.py::test_row_76_a_planted_cookie_is_no_session_before_or_after",
            "web/test_sessions.py::test_row_76_every_session_ends_with",
            "web/test_access.py::test_a_session_ends_after_twelve_idle_hours_or_seven_days",
            "web/test_people.py::test_one_signs_out_elsewhere",
        ),
        "Admins have the idle time of everybody: what counts is asked for with the password again.",
    ),
    Item(
        "8.1.1-8.3.1",
        "Every route declares its right; roles are a table; what stands on a line one may not see is not there.",
        (
            "web/test_access.py::test_every_route_declares_what_it_asks_for",
            "web/test_access.py::test_each_role_gets_what_its_rights_say",
            "web/test_rights.py::test_row_86_each_role_meets_404_at_what_is_on_another_line",
        ),
    ),
    Item(
        "11.2.1-11.5.1",
        "Cryptography of libraries alone; secrets are drawn by the system.",
        (
            "test_source.py::test_nothing_is_read_that_could_make_objects_and_no_chance_can_be_guessed",
            "desk/test_second_factor.py::test_the_seed_lies_sealed",
        ),
    ),
    Item(
        "12.1.1, 12.1.2, 12.2.1, 12.3.1, 12.3.2",
        "TLS of 1.2 and later; certificates of others are checked.",
        (
            "web/test_secure_door.py::test_no_tls_before_1_2_is_spoken",
            "test_webhook.py::test_a_server_without_a_known_certificate_is_not_told",
        ),
    ),
    Item(
        "12.2.2",
        "A certificate of a public authority is used where there is one.",
        ("web/test_secure_door.py::test_a_certificate_of_the_settings_is_followed_too",),
        "Without one the box has an authority of its own, for its own names: an office's network has no public "
        "name.",
    ),
    Item(
        "13.2.1-13.3.2, 13.4.1-13.4.5",
        "An account of its own for the service; no debugging, no listings, no TRACE; figures for those with a token.",
        (
            "web/test_health.py::test_lines_and_metrics_are_told_to_programs_with_the_scope",
            "web/test_addresses.py::test_row_84_no_name_leads_out_of_the_static_files",
            "web/test_nothing_leaks.py::test_nothing_answers_trace_or_lists_a_folder",
        ),
    ),
    Item(
        "14.1.1-14.2.4, 14.3.1-14.3.3",
        "No secret in an address, nothing kept by browsers, nothing in their stores.",
        (
            "web/test_nothing_leaks.py::test_row_88_no_secret_is_in_an_address_a_header_a_page_or_the_log",
            "web/test_access.py::test_row_89_every_answer_of_every_route_has_the_security_headers",
            "test_source.py::test_pages_hold_nobodys_markup",
        ),
        "A link to join or to choose a password holds its secret: it counts once, and no page it leads to tells "
        "where it was found.",
    ),
    Item(
        "15.1.1-15.2.3, 15.3.1-15.3.4, 15.3.7",
        "Packages are pinned by hash; the API refuses fields it does not know, forms read their own; a field "
        "that is given twice is refused.",
        (
            "web/test_allow_lists.py::test_row_85_no_form_of_an_agent_takes_more_than_it_asks_for",
            "web/test_allow_lists.py::test_row_85_the_api_refuses_fields_it_does_not_know",
            "web/test_allow_lists.py::test_a_field_that_is_given_twice_is_refused",
        ),
        "A form with a field more than it has is taken without that field, and not refused: browsers' "
        "extensions add some. There is no SBOM beside the lock files.",
    ),
    Item(
        "16.1.1-16.2.5, 16.3.1-16.3.4, 16.4.1-16.4.3",
        "Every event of the log is listed; one event is one line; no text, number or secret is in it; the audit "
        "log is kept by the database.",
        (
            "test_log_lines.py::test_row_64_one_event_is_one_line",
            "test_docs.py::test_the_page_says_what_the_program_says",
            "stories/test_stopping.py::test_the_log_holds_no_text_no_number_and_no_token",
            "web/test_people.py::test_rows_of_the_audit_log_stay_as_they_were_written",
        ),
        "Sending the log to another machine is the journal's (systemd-journal-upload).",
    ),
    Item(
        "16.5.1-16.5.3",
        "Whatever fails is told in general, by a name the log knows; nothing is done and nobody let through.",
        (
            "web/test_nothing_leaks.py::test_whatever_fails_inside_is_told_in_general_with_a_name_that_the_log_knows",
            "web/test_nothing_leaks.py::test_a_gate_that_fails_lets_nobody_through",
        ),
    ),
)


def page() -> str:
    """What docs/asvs.md must hold."""
    return "\n".join(
        [
            "# Security requirements",
            "",
            "The OWASP Application Security Verification Standard 5.0.0, levels 1 and 2: the requirements that",
            "concern this program, what it does, and the tests (in `tests/`) that fail if it does not. OAuth,",
            "self-contained tokens and WebRTC (V9, V10, V17) do not apply: nothing of them is built.",
            "",
            "| requirements | what is done | tests | what is left, and why |",
            "|---|---|---|---|",
            *(
                f"| {item.ids} | {item.done} | {'<br>'.join(f'`{name}`' for name in item.tests)} | {item.but} |"
                for item in ITEMS
            ),
            "",
        ]
    )
