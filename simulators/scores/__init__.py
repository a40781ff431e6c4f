# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How much is missed, how much is needless, how late: our engine and rule models on the same days."""
