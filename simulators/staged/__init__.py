# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Staged scenarios: what happens (`scenes_*.py`), what must be told and when (`expected/*.toml`), and what was."""
