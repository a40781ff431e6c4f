# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Parties that are put where a test wants them."""

from pyproj import Transformer

from proximity.kernels.columns import PartyTable
from proximity.model.units import Metres, Millis
from tests.engine.scenes import place

EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def stand(
    parties: PartyTable, party: int, at_ms: Millis, east_m: Metres, north_m: Metres = 0.0, *, sigma_m: Metres = 10.0
) -> None:  # fmt: skip
    """The newest position of a party, from the middle of the scene; the newest until now becomes the one before."""
    lat_deg, lon_deg = place(east_m, north_m)
    parties.before_ms[party] = parties.heard_ms[party]
    parties.before_position[party] = parties.position[party]
    parties.before_sigma_m[party] = parties.sigma_m[party]
    parties.lat_deg[party], parties.lon_deg[party] = lat_deg, lon_deg
    parties.position[party] = EARTH_CENTRED.transform(lon_deg, lat_deg, 0.0)
    parties.fixed_ms[party] = parties.heard_ms[party] = at_ms
    parties.sigma_m[party] = sigma_m
