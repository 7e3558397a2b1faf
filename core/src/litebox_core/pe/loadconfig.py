"""The load configuration directory: security cookie, Control Flow Guard, and the safe exception handlers of x86."""

import struct

from .headers import DIR_LOAD_CONFIG
from .image import Image

_MAX_SIZE = 4096
_MAX_HANDLERS = 65536

# Field -> (offset in the 32-bit structure, in the 64-bit one). The fields without a second number are pointer-sized.
_POINTERS = {
    "lock_prefix_table": (32, 40),
    "edit_list": (56, 80),
    "security_cookie": (60, 88),
    "se_handler_table": (64, 96),
    "se_handler_count": (68, 104),
    "guard_cf_check_function_pointer": (72, 112),
    "guard_cf_dispatch_function_pointer": (76, 120),
    "guard_cf_function_table": (80, 128),
    "guard_cf_function_count": (84, 136),
    "guard_long_jump_target_table": (112, 176),
    "guard_long_jump_target_count": (116, 184),
    "guard_eh_continuation_table": (164, 264),
    "guard_eh_continuation_count": (168, 272),
    "guard_xfg_check_function_pointer": (172, 280),
    "guard_xfg_dispatch_function_pointer": (176, 288),
    "guard_xfg_table_dispatch_function_pointer": (180, 296),
    "cast_guard_os_determined_failure_mode": (184, 304),
    "guard_memcpy_function_pointer": (188, 312),
}
_DWORDS = {
    "timestamp": (4, 4),
    "global_flags_clear": (12, 12),
    "global_flags_set": (16, 16),
    "process_heap_flags": (44, 72),
    "guard_flags": (88, 144),
}


class LoadConfig:
    """The load configuration. Addresses are absolute for the preferred base; a field the image leaves out is 0."""

    timestamp: int
    global_flags_clear: int
    global_flags_set: int
    process_heap_flags: int
    lock_prefix_table: int
    edit_list: int
    security_cookie: int
    se_handler_table: int
    se_handler_count: int
    guard_cf_check_function_pointer: int
    guard_cf_dispatch_function_pointer: int
    guard_cf_function_table: int
    guard_cf_function_count: int
    guard_flags: int
    guard_long_jump_target_table: int
    guard_long_jump_target_count: int
    guard_eh_continuation_table: int
    guard_eh_continuation_count: int
    guard_xfg_check_function_pointer: int
    guard_xfg_dispatch_function_pointer: int
    guard_xfg_table_dispatch_function_pointer: int
    cast_guard_os_determined_failure_mode: int
    guard_memcpy_function_pointer: int

    def __init__(self, image: Image, rva: int) -> None:
        """Read the directory at `rva`, as many fields as its own Size says. Raises BadImage when outside the image."""
        place = "load configuration"
        self.rva = rva
        claimed = int.from_bytes(image.at(rva, 4, place), "little")
        self.size = min(claimed or image.directories[DIR_LOAD_CONFIG].size, _MAX_SIZE)
        data = image.at(rva, self.size, place)
        wide = image.bits == 64
        for fields, width in ((_POINTERS, 8 if wide else 4), (_DWORDS, 4)):
            for name, offsets in fields.items():
                offset = offsets[wide]
                whole = offset + width <= len(data)
                setattr(self, name, int.from_bytes(data[offset : offset + width], "little") if whole else 0)
        self._image = image

    def se_handlers(self) -> list[int] | None:
        """RVAs of the registered x86 exception handlers, ascending; None when the image does not register them.

        Raises BadImage when the table lies outside the image.
        """
        if self._image.bits == 64 or not self.se_handler_table:
            return None
        count = self.se_handler_count
        if count > _MAX_HANDLERS:
            raise self._image.bad("SafeSEH table", f"{count} handlers: more than {_MAX_HANDLERS}")
        rva = self._image.rva_of_va(self.se_handler_table, "SafeSEH table")
        return list(struct.unpack(f"<{count}I", self._image.at(rva, 4 * count, "SafeSEH table")))


def load_config(image: Image) -> LoadConfig | None:
    """The load configuration, None when there is none. Raises BadImage when it lies outside the image."""
    rva = image.directories[DIR_LOAD_CONFIG].rva
    return LoadConfig(image, rva) if rva else None
