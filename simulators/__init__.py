# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Truth motion, receivers, recordings and the demo. Distances come from pyproj, never from what they are to judge."""
