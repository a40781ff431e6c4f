# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import os
from pathlib import Path

import pytest

MOSQUITTO = Path("/usr/sbin/mosquitto")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `mosquitto` say so when the broker is missing; in CI a missing broker is a failure."""
    if item.get_closest_marker("mosquitto") and not MOSQUITTO.exists():
        why = f"{MOSQUITTO} is missing: apt-get install mosquitto"
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
