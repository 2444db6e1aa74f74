"""Which rows of the fault matrix this product must show, and the tests that show each, by name.

A test that exists under several parameters stands here once; one in another file stands here with that
file. `test_rows.py` holds that all of them exist.
"""

from __future__ import annotations

ROWS: dict[int, tuple[str, ...]] = {
    1: (
        "test_row_01_killed_at_some_writes_and_syncs",
        "test_row_01_killed_at_every_write_and_sync",
    ),
    2: (
        "test_row_02_killed_at_some_awaits",
        "test_row_02_killed_at_every_await",
        "test_row_02_killed_at_some_octets",
        "test_row_02_killed_at_many_octets",
    ),
    3: (
        "test_row_03_killed_while_recovering",
        "test_row_03_killed_at_every_step_of_a_recovery",
    ),
    4: (
        "test_row_04_power_cut_at_any_write",
        "test_row_04_power_cut_at_any_write_of_an_update",
        "test_row_04_power_cut_at_every_write_of_an_update",
    ),
    5: (
        "test_row_05_torn_and_reordered_sectors_at_every_write",
        "test_row_05_without_full_syncs_acknowledged_texts_would_be_lost",
    ),
    6: ("test_row_06_a_sync_that_fails_once",),
    7: ("test_row_07_syncs_that_always_fail_keep_it_down_after_the_third_time",),
    8: ("test_row_08_no_space_for_the_journal",),
    9: (
        "test_row_09_full_while_the_copy_is_written",
        "test_row_09_full_while_the_backup_goes_to_a_stick",
        "test_row_09_a_backup_does_not_take_the_room_that_texts_need",
    ),
    10: ("test_row_10_a_full_disk_until_the_reserve_is_given_up",),
    11: ("test_row_11_a_disk_that_became_read_only",),
    12: ("test_row_12_a_slow_disk_fails_no_text",),
    13: ("test_row_13_locked_by_another_program",),
    14: ("test_row_14_texts_are_accepted_as_before_while_a_backup_is_made",),
    15: (
        "test_row_15_a_damaged_page_is_found_by_the_check",
        "test_row_15_a_truncated_file",
        "test_row_15_damage_that_is_met_while_it_runs",
    ),
    16: ("test_row_16_the_journal_was_deleted",),
    17: ("test_row_17_a_file_that_is_not_ours_to_open",),
    18: (
        "stories/test_bad_input.py::test_one_data_folder_and_one_port_for_one_daemon",
        "faults/test_rows_sim.py::test_row_52_a_port_that_another_program_holds",
    ),
    19: ("test_row_19_killed_for_its_memory",),
    20: ("test_row_20_no_descriptors_left",),
    21: (
        "test_row_21_a_task_that_dies_ends_the_program",
        "test_row_21_a_task_that_dies_is_begun_anew",
    ),
    22: (
        "test_row_22_a_loop_that_is_blocked",
        "stories/test_service.py::test_a_loop_that_stands_still_ends_them",
    ),
    23: (
        "stories/test_stopping.py::test_a_stop_waits_for_the_text_on_the_air",
        "stories/test_stopping.py::test_a_stop_does_not_wait_for_ever",
    ),
    24: (
        "test_row_24_the_copy_is_whole_on_disk_before_the_database_is_touched",
        "test_row_24_an_update_killed_at_some_writes",
        "test_row_24_an_update_killed_at_every_write",
        "test_row_24_no_update_while_the_version_before_still_serves",
    ),
    25: ("test_row_25_data_of_a_newer_version_is_refused_with_both_named",),
    26: (
        "test_row_26_nothing_of_an_old_backup_is_sent_again",
        "test_row_26_the_later_parts_of_a_text_that_was_on_the_air_do_not_go",
        "test_row_26_what_was_sent_again_is_asked_about_no_more",
        "test_row_26_who_said_stop_since_is_heard",
        "test_row_26_a_stop_is_lifted_only_where_nothing_speaks_against_it",
        "test_row_26_a_second_restore_knows_no_more_than_the_first",
        "test_row_26_a_log_without_a_line_is_no_newer_one",
        "test_row_26_what_makes_it_safe_comes_along_or_nothing_does",
        "test_row_26_what_was_promised_before_does_not_count_again",
        "test_row_26_a_living_database_is_not_touched_unless_told",
    ),
    27: (
        "test_row_27_unplugged_while_idle",
        "test_row_27_unplugged_before_ctrl_z",
        "test_row_27_unplugged_after_ctrl_z",
    ),
    28: ("test_row_28_comes_back_under_another_port_name",),
    29: ("test_row_29_another_sim_stops_the_line_until_confirmed",),
    30: (
        "test_row_30_a_mute_device_is_healed_one_step_at_a_time",
        "test_row_30_a_device_is_restarted_at_most_once_in_ten_minutes",
        "test_row_30_a_device_that_answers_nothing_but_at_is_healed",
    ),
    31: (
        "test_row_31_a_result_40_seconds_late_is_attributed",
        "test_row_31_a_result_later_than_our_patience_is_attributed",
    ),
    32: (
        "test_row_32_without_a_result_the_report_settles_it",
        "test_row_32_without_any_evidence_it_stays_unconfirmed",
    ),
    33: ("test_row_33_a_device_that_restarts_is_set_up_again",),
    34: ("test_row_34_notices_switched_off_silently_are_found_within_a_minute",),
    35: (
        "test_row_35_news_inside_any_answer",
        "test_row_35_a_notice_between_prompt_and_body",
        "test_row_35_news_at_any_octet",
    ),
    36: (
        "test_row_36_bytes_that_mean_nothing",
        "test_row_36_any_bytes_at_any_time",
        "test_row_36_echo_on",
    ),
    37: (
        "test_row_37_the_pdu_comes_back_as_an_echo",
        "test_row_37_a_prompt_inside_an_answer_is_no_prompt",
        "test_row_37_without_a_prompt_nothing_is_typed",
    ),
    38: (
        "test_row_38_unknown_refusals_for_ever_are_no_resends",
        "test_row_38_a_failing_device_is_brought_back",
        "test_row_38_busy_at_the_prompt_for_ever_is_tried_with_pauses",
    ),
    39: (
        "test_row_39_an_error_after_ctrl_z",
        "test_row_39_a_refusal_for_good_is_believed_the_second_time",
        "test_row_39_an_error_before_ctrl_z",
    ),
    40: (
        "test_row_40_without_a_reference_the_report_is_matched_by_recipient_and_time",
        "test_row_40_two_that_a_report_could_mean_are_not_guessed",
    ),
    41: (
        "test_row_41_references_wrap_and_one_is_alive_twice",
        "test_row_41_many_texts_with_wrapping_references",
    ),
    42: (
        "test_row_42_reports_too_early_twice_or_in_another_order",
        "test_row_42_reports_of_anothers_reference_and_of_nothing",
    ),
    43: (
        "test_row_43_a_full_sim_is_drained_oldest_first",
        "test_row_43_a_person_sees_that_the_store_is_nearly_full",
    ),
    44: ("test_row_44_a_crash_between_commit_and_delete",),
    45: (
        "test_row_45_a_delete_that_fails_is_tried_again",
        "test_row_45_a_delete_that_takes_the_neighbour_loses_nothing_that_was_read",
    ),
    46: ("test_row_46_a_new_text_in_a_slot_that_was_read_is_kept",),
    47: (
        "test_row_47_without_a_network_texts_are_held",
        "test_row_47_abroad_only_if_allowed",
    ),
    48: (
        "test_row_48_a_wrong_pin_is_tried_once_over_twenty_restarts",
        "test_row_48_the_right_pin_is_entered_after_each_power_cut",
        "test_row_48_a_pin_that_nobody_gave_is_asked_for",
        "test_row_48_the_last_try_is_left_to_a_person",
        "test_row_48_a_puk_is_never_tried",
    ),
    49: (
        "test_row_49_a_lost_service_centre_stops_the_line_and_is_told",
        "test_row_49_with_the_number_in_the_settings_it_heals_itself",
    ),
    50: ("test_row_50_a_balance_that_is_used_up",),
    51: (
        "test_row_51_parts_as_they_come",
        "test_row_51_a_missing_part_is_shown_and_completes_the_text_in_place",
        "test_row_51_colliding_references_of_two_people",
    ),
    52: (
        "test_row_52_a_port_that_another_program_holds",
        "test_row_52_while_a_line_has_its_port_no_other_program_can_lock_it",
    ),
    53: ("test_row_53_an_absurd_time_stamp_is_kept_and_our_time_is_the_order",),
    54: (
        "test_row_54_the_clock_is_set_wrong_and_right_again",
        "test_row_54_a_step_that_a_time_service_made_holds_nothing",
        "test_row_54_a_refusal_at_a_wrong_time_gives_nothing_up",
    ),
    55: (
        "test_row_55_a_time_in_a_gap_goes_once_at_its_end",
        "test_row_55_a_time_that_comes_twice_goes_once_at_the_first",
        "test_row_55_their_morning_is_their_morning_after_the_clocks_changed",
        "test_row_55_a_zone_that_a_person_changes_moves_no_stated_time",
    ),
    56: (
        "test_row_56_a_box_that_starts_in_the_past",
        "test_row_56_nobody_sets_it_and_a_person_says_that_it_is_right",
    ),
    58: (
        "test_row_58_cancel_races_with_the_lane",
        "test_row_58_edit_races_with_the_lane",
    ),
    61: (
        "web/test_aborted_requests.py::test_row_61_hung_up_at_any_octet",
        "web/test_aborted_requests.py::test_row_61_hung_up_while_it_is_stored",
    ),
    66: (
        "test_row_66_a_flood_of_long_texts_that_never_end",
        "test_row_66_a_flood_from_many_numbers",
        "test_row_66_the_newest_of_a_sender_are_still_joined",
    ),
    67: ("test_row_67_a_flood_of_single_texts",),
    68: ("test_row_68_a_name_can_neither_opt_out_nor_be_answered",),
    72: (
        "test_row_72_special_texts_are_kept_and_labelled",
        "test_row_72_a_replace_type_adds_a_version",
        "test_row_72_data_for_the_sim_is_kept_and_given_to_nobody",
    ),
    73: (
        "test_row_73_ten_thousand_damaged_pdus_are_decoded_or_said_to_be_unreadable",
        "test_row_73_damaged_pdus_for_a_minute",
        "test_row_73_what_cannot_be_read_is_kept_raw_and_shown",
        "test_row_73_an_edge",
    ),
    92: (
        "web/test_setup.py::test_row_92_a_panel_without_an_account_answers_nothing_but_the_question_for_the_code",
        "web/test_setup.py::test_row_92_no_step_is_open_without_the_code",
        "stories/test_first_run.py::test_each_start_gives_a_new_code_until_somebody_can_sign_in",
    ),
}
"""Rows 1 to 56, 58, 61, 66 to 68, 72, 73 and 92: storage and process, modem and network, time, hostile
texts, and a panel that is not set up. Row 4 in steady state and while the schema changes.
"""
