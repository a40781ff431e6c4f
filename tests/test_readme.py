# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the README shows is true."""

import doctest
import re
from pathlib import Path

from proximity.settings.orders import parse_orders

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_its_python_gives_what_it_says() -> None:
    (text,) = blocks("python")
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    assert len(test.examples) == 6
    assert doctest.DocTestRunner().run(test).failed == 0


def test_its_orders_are_right() -> None:
    (orders,) = blocks("toml")
    ring = "[[[4.47, 51.92], [4.48, 51.92], [4.48, 51.93], [4.47, 51.92]]]"
    area = f'{{"type": "Feature", "id": "home", "geometry": {{"type": "Polygon", "coordinates": {ring}}}}}'
    book, faults = parse_orders({"a.toml": orders, "zones.geojson": area, "schools.geojson": area})
    assert faults == ()
    assert book is not None
    assert [zone.id for zone in book.area_zones] == ["school-home"]
