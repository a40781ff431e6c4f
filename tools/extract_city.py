# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Cuts the middle of Rotterdam out of OpenStreetMap data, for the simulators.

`python tools/extract_city.py FOLDER` reads rotterdam_graph.npz, rotterdam_roads.npz and rotterdam_rail.geojson there
((c) OpenStreetMap contributors, ODbL 1.0) and writes simulators/truth/rotterdam/streets.npz.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

WEST, SOUTH, EAST, NORTH = 4.40, 51.86, 4.56, 51.97
UNITS_A_DEGREE = 1e7
TARGET = Path(__file__).parents[1] / "simulators" / "truth" / "rotterdam" / "streets.npz"
RAIL_KINDS = ("rail", "tram", "metro")


def units(degrees: Any) -> Any:  # noqa: ANN401 - an array of any shape
    """Degrees as whole ten-millionths, as OpenStreetMap has them."""
    return np.round(np.asarray(degrees) * UNITS_A_DEGREE).astype(np.int32)


def inside(lat: Any, lon: Any) -> Any:  # noqa: ANN401
    """Which positions lie in the box."""
    return (lat > SOUTH) & (lat < NORTH) & (lon > WEST) & (lon < EAST)


def ways(folder: Path) -> dict[str, Any]:
    """Every street and path: a class and flags each, and stretches between neighbouring points that both lie inside."""
    roads = np.load(folder / "rotterdam_roads.npz")
    kept = inside(roads["lat"], roads["lon"])
    way_of = np.repeat(np.arange(len(roads["cls"])), np.diff(roads["offset"]))
    stretch = kept[:-1] & kept[1:] & (way_of[:-1] == way_of[1:])
    ends = np.stack([np.flatnonzero(stretch), np.flatnonzero(stretch) + 1])
    places = np.stack([units(roads["lat"]), units(roads["lon"])], axis=1)
    nodes, place_of = np.unique(places[ends.reshape(-1)], axis=0, return_inverse=True)
    own = way_of[ends[0]]
    return {
        "way_node": nodes, "way_stretch": place_of.reshape(2, -1).astype(np.int32), "way_class": roads["cls"][own],
        "way_flags": roads["flags"][own], "class_names": roads["class_names"],
    }  # fmt: skip


def drives(folder: Path) -> dict[str, Any]:
    """Where cars drive: stretches between neighbouring points, with speed limits and whether one may drive back."""
    graph = np.load(folder / "rotterdam_graph.npz")
    starts, ends, speed, one_way = [], [], [], []
    for edge in range(len(graph["edge_a"])):
        own = np.arange(graph["geo_off"][edge], graph["geo_off"][edge] + graph["geo_n"][edge])
        starts.append(own[:-1])
        ends.append(own[1:])
        speed.append(np.full(len(own) - 1, graph["edge_speed_kmh"][edge], np.uint8))
        one_way.append(np.full(len(own) - 1, graph["edge_flags"][edge] & 1, np.bool_))
    one, other = np.concatenate(starts), np.concatenate(ends)
    kept = inside(graph["geo_lat"], graph["geo_lon"])
    both = kept[one] & kept[other]
    places = np.stack([units(graph["geo_lat"]), units(graph["geo_lon"])], axis=1)
    nodes, place_of = np.unique(places[np.concatenate([one[both], other[both]])], axis=0, return_inverse=True)
    return {
        "drive_node": nodes, "drive_stretch": place_of.reshape(2, -1).astype(np.int32),
        "drive_speed_kmh": np.concatenate(speed)[both], "drive_one_way": np.concatenate(one_way)[both],
    }  # fmt: skip


def rails(folder: Path) -> dict[str, Any]:
    """Rail, tram and metro: stretches between neighbouring points."""
    features = json.loads((folder / "rotterdam_rail.geojson").read_text(encoding="utf-8"))["features"]
    pairs, kinds = [], []
    for feature in features:
        for line in feature["geometry"]["coordinates"]:
            places = np.array(line)[:, 1::-1]
            kept = inside(places[:, 0], places[:, 1])
            both = kept[:-1] & kept[1:]
            pairs.append(np.stack([units(places[:-1][both]), units(places[1:][both])]))
            kinds += [RAIL_KINDS.index(feature["properties"]["kind"])] * int(both.sum())
    ends = np.concatenate(pairs, axis=1)
    nodes, place_of = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    return {
        "rail_node": nodes, "rail_stretch": place_of.reshape(2, -1).astype(np.int32),
        "rail_kind": np.array(kinds, np.uint8), "rail_names": np.array(RAIL_KINDS),
    }  # fmt: skip


def main() -> int:
    """Read, cut, write."""
    if len(sys.argv) != len(["script", "folder"]):
        print("usage: python tools/extract_city.py FOLDER", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    arrays = ways(folder) | drives(folder) | rails(folder)
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(TARGET, **arrays)
    print(f"{TARGET}: {TARGET.stat().st_size / 1e6:.1f} MB;", {name: array.shape for name, array in arrays.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
