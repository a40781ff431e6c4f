# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import os
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: the first call of a kernel compiles it. Interpreted kernels are slow, so they get fewer examples.
settings.register_profile("compiled", deadline=None)
settings.register_profile("interpreted", deadline=None, max_examples=15)
settings.load_profile("interpreted" if os.environ.get("NUMBA_DISABLE_JIT") == "1" else "compiled")

MOSQUITTO = Path("/usr/sbin/mosquitto")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `mosquitto` say so when the broker is missing; in CI a missing broker is a failure."""
    if item.get_closest_marker("mosquitto") and not MOSQUITTO.exists():
        why = f"{MOSQUITTO} is missing: apt-get install mosquitto"
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
