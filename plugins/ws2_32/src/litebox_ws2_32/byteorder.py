"""Numbers with their bytes the other way round."""


def swap16(value: int) -> int:
    return int.from_bytes(value.to_bytes(2, "little"), "big")


def swap32(value: int) -> int:
    return int.from_bytes(value.to_bytes(4, "little"), "big")
