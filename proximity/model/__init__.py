# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The frozen vocabulary: what every other layer speaks, and nothing that acts."""
