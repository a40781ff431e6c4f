# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""numba only: arrays in, arrays filled, no allocation in a loop, NaN in gives NaN out."""
