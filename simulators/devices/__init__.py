# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What devices make of the truth and send: fixes, their errors, their ways to the broker; and recordings."""
