# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""All that touches the world: broker, ingest, clock, journal, outbox, and the runner that holds them together."""
