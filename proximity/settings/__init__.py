# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""TOML -> frozen values: settings and orders. Every fault names the file, the path, the value and the mend."""
