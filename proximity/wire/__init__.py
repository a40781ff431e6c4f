# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Bytes to the model and back: topics, fixes, status, commands, alerts, heartbeats, traces. Pure."""
