# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Thousands of pair-days from a seed with faults by chance, and what must hold of every one: invariants, no scores.

A failure names its seed and number, and one command repeats exactly that one. `invariants` has the table of what must
hold; `inside` alone looks into the engine.
"""
