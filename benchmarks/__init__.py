# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Benchmarks: the end-to-end bench (`python -m benchmarks.end_to_end`) and the kernels' (pytest-benchmark)."""
