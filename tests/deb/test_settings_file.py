"""The settings file that is installed is one the program reads, and says what each setting means."""

from __future__ import annotations

import re
from pathlib import Path

from deb.settings import DATA_DIR, config_file
from gateway.config import OPTIONS, load


def test_as_installed_it_sets_the_data_folder_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(config_file())
    found, usual = load(file, {}), load(None, {"SMS_GATEWAY_DATA_DIR": DATA_DIR, "SMS_GATEWAY_CONFIG": ""})
    assert found == usual
    assert str(found.data_dir) == DATA_DIR


def test_every_setting_can_be_uncommented_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(re.sub(r"^#(?=\w+ = )", "", config_file(), flags=re.MULTILINE))
    assert str(load(file, {}).data_dir) == DATA_DIR
    for option in OPTIONS:
        assert f"\n# {option.meaning}\n" in config_file()
        assert f"\n{option.name} = " in file.read_text()
