"""Names of devices in the object manager."""

__all__ = ["device_path", "volume_device"]


def volume_device(letter: str) -> str:
    """The device of a drive; that of C: is the first."""
    return f"\\Device\\HarddiskVolume{(ord(letter.upper()) - ord('C')) % 26 + 1}"


def device_path(path: str) -> str:
    """A DOS path such as ``C:\\folder`` by its device; other names stay as they are."""
    return volume_device(path[0]) + path[2:] if path[1:2] == ":" else path
