# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Distances as they may leave the service: in bands, so that no place can be drawn from them (DESIGN 2, rule 7)."""

from math import ceil, floor, isfinite
from typing import Final

from msgspec import Struct

from proximity.model.incidents import Evidence
from proximity.model.units import Metres

_BANDS: Final = ((1_000.0, 50), (5_000.0, 100))  # below that distance, the width of a band
_WIDEST_M: Final = 500


class Separation(Struct, frozen=True):
    """How far apart, or how far from the edge of a zone, in whole bands; None: not known.

    Inside a zone is 0, however deep: it asks the same of everyone, and in the small zone around a home the depth would
    be a place.
    """

    expected_m: int | None
    low_m: int | None
    high_m: int | None


def band_below_m(distance_m: Metres | None) -> int | None:
    """The edge of the band at or below a distance; None where it is not known."""
    outside_m = _outside_m(distance_m)
    if outside_m is None:
        return None
    width_m = _width_m(outside_m)
    return floor(outside_m) // width_m * width_m


def band_above_m(distance_m: Metres | None) -> int | None:
    """The edge of the band at or above a distance; None where it is not known."""
    outside_m = _outside_m(distance_m)
    if outside_m is None:
        return None
    width_m = _width_m(outside_m)
    return -(-ceil(outside_m) // width_m) * width_m


def band_nearest_m(distance_m: Metres | None) -> int | None:
    """The edge of a band that is nearest to a distance, the farther of two; None where it is not known."""
    outside_m = _outside_m(distance_m)
    if outside_m is None:
        return None
    width_m = _width_m(outside_m)
    return floor(outside_m / width_m + 0.5) * width_m


def separation_of(evidence: Evidence) -> Separation | None:
    """The distances of a judgement in bands: `low_m` down, `high_m` up; None where nothing is known."""
    bands = Separation(band_nearest_m(evidence.expected_m), band_below_m(evidence.low_m), band_above_m(evidence.high_m))
    return None if bands == Separation(None, None, None) else bands


def _width_m(distance_m: Metres) -> int:
    return next((width_m for below_m, width_m in _BANDS if distance_m < below_m), _WIDEST_M)


def _outside_m(distance_m: Metres | None) -> Metres | None:
    return None if distance_m is None or not isfinite(distance_m) else max(distance_m, 0.0)
