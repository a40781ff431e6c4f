# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What other limits and settings would tell, and what they would lose: simulated pair-days or a service's journal."""
