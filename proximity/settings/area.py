# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The part of the world that the orders are for: a zone elsewhere is a mistake, most often latitude put first."""

from typing import Final, NamedTuple

from proximity.model.units import Degrees
from proximity.settings.checks import Range, number
from proximity.settings.table import Table


class Area(NamedTuple):
    """A box in degrees; east of 180 the longitudes of one across the antimeridian run on."""

    west_deg: Degrees
    south_deg: Degrees
    east_deg: Degrees
    north_deg: Degrees
    declared: bool  # the orders say so themselves: then what lies outside is a fault even if it is not swapped

    def holds(self, lon_deg: Degrees, lat_deg: Degrees) -> bool:
        """Whether a position lies in it."""
        within = any(self.west_deg <= lon_deg + turn_deg <= self.east_deg for turn_deg in (-360.0, 0.0, 360.0))
        return within and self.south_deg <= lat_deg <= self.north_deg

    def misplaced(self, lon_deg: Degrees, lat_deg: Degrees) -> str | None:
        """The mend of a position that lies elsewhere, None where it is in place."""
        here = f"longitude {lon_deg:g}, latitude {lat_deg:g} lies outside {self.name}"
        if self.holds(lon_deg, lat_deg):
            return None
        if self.holds(lat_deg, lon_deg):
            return f"{here}, the other way round within it: the two look swapped, write them the other way round"
        return f"{here}: correct it, or widen [area]" if self.declared else None

    @property
    def name(self) -> str:
        """What it is called in a fault."""
        own = f"longitude {self.west_deg:g} to {self.east_deg:g}, latitude {self.south_deg:g} to {self.north_deg:g}"
        return f"[area] ({own})" if self.declared else "the Netherlands"


# Where no file has an [area]: the pilot's country, and only to see that longitude and latitude are swapped.
NETHERLANDS: Final = Area(3.2, 50.7, 7.3, 53.7, declared=False)
LON: Final = number(Range(-180, 360, "degrees"))
LAT: Final = number(Range(-90, 90, "degrees"))


def read_area(table: Table) -> Area | None:
    """`[area]` of an orders file; None where it has a fault."""
    west_deg, east_deg = table.need("west", LON), table.need("east", LON)
    south_deg, north_deg = table.need("south", LAT), table.need("north", LAT)
    table.done()
    if west_deg is not None and east_deg is not None and west_deg >= east_deg:
        table.fault("east", f"not east of west, {west_deg:g}: across the antimeridian go on past 180, such as 190")
        return None
    if south_deg is not None and north_deg is not None and south_deg >= north_deg:
        table.fault("north", f"not north of south, {south_deg:g}: write more")
        return None
    if west_deg is None or east_deg is None or south_deg is None or north_deg is None:
        return None
    return Area(west_deg, south_deg, east_deg, north_deg, declared=True)
