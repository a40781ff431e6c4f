# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The pure engine: `step(state, inputs, now) -> (state, events, next_due)`. It reads no clock and does no I/O."""
