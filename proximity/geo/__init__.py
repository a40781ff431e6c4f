# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Orders and zones, compiled once into the arrays that kernels read (shapely, pyproj, rtree)."""
