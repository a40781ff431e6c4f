# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Where simulated people truly are: streets, routes, days; never by what is to be judged."""
