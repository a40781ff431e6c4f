# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The JSON Schemas that `dataschema` of our events names; they are in the package."""

from importlib.resources import files
from typing import Final

INCIDENT_SCHEMA: Final = "urn:proximity:schema:incident:v1"
REFUSAL_SCHEMA: Final = "urn:proximity:schema:refusal:v1"
_FILES: Final = {INCIDENT_SCHEMA: "incident-v1.json", REFUSAL_SCHEMA: "refusal-v1.json"}


def schema_bytes(dataschema: str) -> bytes:
    """The schema (JSON Schema 2020-12) of the `data` of an event. KeyError where we have none of that name."""
    return files("proximity.wire").joinpath("schemas", _FILES[dataschema]).read_bytes()
