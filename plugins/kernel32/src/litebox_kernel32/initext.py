"""The text of an initialisation file: sections, keys, values."""

from litebox_core.memory import Memory

_BOM = b"\xff\xfe"


class IniFile:
    """The lines of a file. Section and key names are compared without regard to case."""

    def __init__(self, data: bytes, memory: Memory) -> None:
        self.wide, self._memory = data.startswith(_BOM), memory
        text = data[2:].decode("utf-16-le", "replace") if self.wide else memory.ansi_decode(data)
        self.lines: list[str] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def _section(self, name: str) -> tuple[int, int] | None:
        """The lines of a section behind its head: the first and the one behind the last."""
        start, wanted = None, name.strip().upper()
        for index, line in enumerate(self.lines):
            head = _head(line)
            if head is not None:
                if start is not None:
                    return start, index
                if head.upper() == wanted:
                    start = index + 1
        return None if start is None else (start, len(self.lines))

    def sections(self) -> list[str]:
        return [head for head in map(_head, self.lines) if head is not None]

    def entries(self, section: str) -> list[tuple[int, str, str]]:
        """Line number, key and value of the entries of a section."""
        place = self._section(section)
        if place is None:
            return []
        found = []
        for index in range(*place):
            key, equals, value = self.lines[index].partition("=")
            if equals and not key.lstrip().startswith(";"):
                found.append((index, key.strip(), value.strip()))
        return found

    def get(self, section: str, key: str) -> str | None:
        wanted = key.strip().upper()
        return next((value for _, name, value in self.entries(section) if name.upper() == wanted), None)

    def rows(self, section: str) -> list[str] | None:
        """The lines of a section as GetPrivateProfileSection gives them, without comments; None without the section."""
        place = self._section(section)
        if place is None:
            return None
        found = []
        for line in self.lines[place[0] : place[1]]:
            key, equals, value = line.partition("=")
            text = key.strip() + equals + value.strip()
            if text.strip("\0") and not text.startswith(";"):
                found.append(text)
        return found

    def replace(self, section: str, rows: list[str] | None) -> None:
        """Puts rows in the place of a section's; None removes the section."""
        place = self._section(section)
        if rows is None:
            self.put(section, None, None)
        elif place is not None:
            self.lines[place[0] : place[1]] = rows + [""] * (place[1] == len(self.lines))
        else:
            while self.lines and not self.lines[-1].strip():
                self.lines.pop()
            self.lines += [f"[{section.strip()}]", *rows, ""]

    def put(self, section: str, key: str | None, value: str | None) -> None:
        """Sets or (None) removes an entry; without a key the whole section goes."""
        place = self._section(section)
        if key is None or (value is None and place is None):
            if place is not None and key is None:
                last = place[1] == len(self.lines)
                self.lines[place[0] - 1 : place[1]] = [""] * (last and place[0] > 1)
            return
        wanted = key.strip().upper()
        at = next((index for index, name, _ in self.entries(section) if name.upper() == wanted), None)
        if value is None:
            if at is not None:
                del self.lines[at]
            return
        line = f"{key.strip()}={value.strip()}"
        if at is not None:
            self.lines[at] = line
            return
        while place is None and self.lines and not self.lines[-1].strip():
            self.lines.pop()
        if place is None:
            self.lines += [f"[{section.strip()}]", line, ""]
            return
        end = place[1]
        while end > place[0] and not self.lines[end - 1].strip():
            end -= 1
        self.lines.insert(end, line)

    def data(self) -> bytes:
        text = "\r\n".join(self.lines)
        if self.wide:
            return _BOM + text.encode("utf-16-le", "surrogatepass")
        return self._memory.ansi_encode(text)


def _head(line: str) -> str | None:
    """The name of the section that a line begins."""
    line = line.strip()
    if not line.startswith("["):
        return None
    return (line[1:].rpartition("]")[0] if "]" in line else line[1:]).strip()
