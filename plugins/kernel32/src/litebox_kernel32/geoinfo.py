"""winnls.h: nations and regions."""

from litebox_core.abi import BOOL, DWORD, INT, LANGID, LONG, PCWSTR, Annotated, Callback, CallbackMeta, Len, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls import geography
from litebox_core.nls.geography import GEOCLASS_ALL, GEOCLASS_NATION, GEOCLASS_REGION, WORLD, Place
from litebox_core.process import DllState, Process
from litebox_core.winerror import (
    ERROR_CALL_NOT_IMPLEMENTED,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FLAGS,
    ERROR_INVALID_PARAMETER,
)

from .base import dll

GEO_NATION, GEO_ISO2, GEO_ISO3, GEO_LCID, GEO_ID = 1, 4, 5, 7, 18
GEO_ISO_UN_NUMBER, GEO_PARENT, GEO_CURRENCYCODE, GEO_CURRENCYSYMBOL, GEO_NAME = 12, 13, 15, 16, 17
UNITED_STATES = 244
GEOID_NOT_AVAILABLE = 0xFFFFFFFF
_NOTE = "no positions, names of places, dialling codes, time zones and languages"
_UNKNOWN = range(GEO_NATION, GEO_ID + 1)
"""The GEOTYPEs that there are."""

GeoProc = Annotated[Callback, CallbackMeta([LONG], BOOL)]


class UserGeography(DllState):
    """Where the user is. It lasts as long as the process."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.nation, self.region = UNITED_STATES, WORLD
        self.name = "US"


def _text(place: Place, geotype: int) -> str | None:
    """What GetGeoInfo says; None where it says nothing, without an error. Raises WinError."""
    if geotype == GEO_NATION:
        return str(place.id) if place.geoclass == GEOCLASS_NATION else None
    texts = {
        GEO_ID: str(place.id), GEO_ISO2: place.iso2, GEO_ISO3: place.iso3, GEO_ISO_UN_NUMBER: place.un,
        GEO_PARENT: str(place.parent), GEO_CURRENCYCODE: place.currency, GEO_CURRENCYSYMBOL: place.symbol,
    }  # fmt: skip
    if geotype in texts:
        return texts[geotype]
    raise WinError(ERROR_CALL_NOT_IMPLEMENTED if geotype in _UNKNOWN else ERROR_INVALID_FLAGS)


def _to(buffer: WideBuffer, room: int, text: str | None) -> int:
    if text is None:
        return 0
    data = buffer.encode(text + "\0")
    count = len(data) // buffer.unit
    if not buffer or not room:
        return count
    buffer.memory.write(buffer.addr, data[: max(room, 0) * buffer.unit])
    if count > room:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return count


@dll.export(partial=_NOTE)
def GetGeoInfoW(
    guest: Guest, Location: LONG, GeoType: DWORD, lpGeoData: Annotated[WideBuffer, Len("cchData")], cchData: INT,
    LangId: LANGID,
) -> INT:  # fmt: skip
    place = geography.places().get(Location)
    if place is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return _to(lpGeoData, cchData, _text(place, GeoType))


dll.ansi(GetGeoInfoW)


@dll.export(partial=_NOTE)
def GetGeoInfoEx(
    guest: Guest, location: PCWSTR, geoType: DWORD, geoData: Annotated[WideBuffer, Len("geoDataCount")],
    geoDataCount: INT,
) -> INT:  # fmt: skip
    place = geography.nation(location)
    if place is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if geoType in (GEO_LCID, GEO_NATION):
        raise WinError(ERROR_INVALID_FLAGS)
    return _to(geoData, geoDataCount, _text(place, geoType))


@dll.export
def EnumSystemGeoID(guest: Guest, GeoClass: DWORD, ParentGeoId: LONG, lpGeoEnumProc: GeoProc) -> Steps[BOOL]:
    if not lpGeoEnumProc:
        raise WinError(ERROR_INVALID_PARAMETER)
    if GeoClass not in (GEOCLASS_NATION, GEOCLASS_REGION, GEOCLASS_ALL):
        raise WinError(ERROR_INVALID_FLAGS)
    return _each(lpGeoEnumProc, GeoClass, ParentGeoId)


def _each(call: Callback, geoclass: int, parent: int) -> Steps[bool]:
    for number, place in sorted(geography.places().items()):
        if geoclass not in (GEOCLASS_ALL, place.geoclass) or (parent and place.parent != parent):
            continue
        if not (yield call(number)):
            break
    return True


# -- where the user is -----------------------------------------------------------------------------------------------


@dll.export
def GetUserGeoID(guest: Guest, GeoClass: DWORD, *, user: UserGeography) -> LONG:
    if GeoClass == GEOCLASS_NATION:
        return user.nation
    if GeoClass == GEOCLASS_REGION:
        return user.region
    guest.last_error = ERROR_INVALID_FLAGS
    return -1


@dll.export
def SetUserGeoID(guest: Guest, GeoId: LONG, *, user: UserGeography) -> BOOL:
    place = geography.places().get(GeoId)
    if place is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    _settle(user, place)
    return True


def _settle(user: UserGeography, place: Place) -> None:
    if place.geoclass == GEOCLASS_NATION:
        user.nation = place.id
    else:
        user.region = place.id
    user.name = place.iso2 if place.iso2 != "XX" or place.geoclass == GEOCLASS_NATION else place.un


@dll.export
def GetUserDefaultGeoName(
    guest: Guest, geoName: Annotated[WideBuffer, Len("geoNameCount")], geoNameCount: INT, *, user: UserGeography
) -> INT:
    if geoNameCount < 0 or (geoNameCount and not geoName):
        raise WinError(ERROR_INVALID_PARAMETER)
    return _to(geoName, geoNameCount, user.name)


@dll.export
def SetUserGeoName(guest: Guest, geoName: PCWSTR | None, *, user: UserGeography) -> BOOL:
    name = (geoName or "").upper()
    places = geography.places().values()
    found = next((p for p in places if name == (p.iso2 if p.geoclass == GEOCLASS_NATION else p.un)), None)
    if name == "XX":
        found = geography.places()[WORLD]
    if found is None or not name:
        raise WinError(ERROR_INVALID_PARAMETER)
    _settle(user, found)
    return True
