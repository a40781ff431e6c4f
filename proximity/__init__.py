# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The victim-proximity monitor: notices at once when a wearer comes too close to a protected person."""

from proximity import kernel_cache

__version__ = "0.1.0"

kernel_cache.name_folder()
