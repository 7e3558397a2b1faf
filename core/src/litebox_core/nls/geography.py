"""Nations and regions: GEOIDs and what GetGeoInfo says of them.

data/geography.gz is UTF-8, one line for each, fields separated by tabs: its GEOID and its GEOCLASS, hexadecimal; ISO
3166-1 codes of two and three letters; the UN's number; the parent's GEOID; code and symbol of the currency.
"""

from typing import NamedTuple

GEOCLASS_REGION, GEOCLASS_NATION, GEOCLASS_ALL = 14, 16, 0
WORLD = 39070
"""The GEOID of the world, which all others are in."""


class Place(NamedTuple):
    """One nation or region."""

    id: int
    geoclass: int
    iso2: str
    iso3: str
    un: str
    parent: int
    currency: str
    symbol: str


_places: dict[int, Place] = {}


def places() -> dict[int, Place]:
    """All places by GEOID, nations first."""
    if not _places:
        from .datafile import read_bytes

        for line in read_bytes("geography.gz").decode("utf-8").split("\n"):
            number, geoclass, iso2, iso3, un, parent, currency, symbol = line.split("\t")
            place = Place(int(number, 16), int(geoclass, 16), iso2, iso3, un, int(parent), currency, symbol)
            _places[place.id] = place
    return _places


def nation(code: str) -> Place | None:
    """The nation with a code of two letters. Case does not matter."""
    wanted = code.upper()
    return next((p for p in places().values() if p.iso2 == wanted and p.geoclass == GEOCLASS_NATION), None)
