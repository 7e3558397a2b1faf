"""The version resource: the numbers and strings that Windows shows as a file's details."""

import struct
from typing import NamedTuple

from .image import Image
from .resources import RT_VERSION, Resource, resource_data, resources

_HEADER = struct.Struct("<3H")
_FIXED = struct.Struct("<13I")
_FIXED_SIGNATURE = 0xFEEF04BD
_MAX_NODES = 4096


class VersionInfo(NamedTuple):
    """`file_version` and `product_version` are None without fixed information; `strings` are as the file has them."""

    file_version: tuple[int, int, int, int] | None
    product_version: tuple[int, int, int, int] | None
    strings: dict[str, str]


class _Node(NamedTuple):
    key: str
    value: bytes
    children: bytes


def version_info(image: Image) -> VersionInfo | None:
    """The first version resource, None when there is none. Raises BadImage when it or the resources are malformed."""
    for resource in resources(image):
        if resource.type == RT_VERSION:
            return _parse(image, resource)
    return None


def _parse(image: Image, resource: Resource) -> VersionInfo:
    budget = [_MAX_NODES]
    file_version = product_version = None
    strings: dict[str, str] = {}
    for root in _nodes(image, resource_data(image, resource), budget)[:1]:
        if len(root.value) >= _FIXED.size:
            signature, _, file_high, file_low, product_high, product_low, *_ = _FIXED.unpack_from(root.value)
            if signature == _FIXED_SIGNATURE:
                file_version = (file_high >> 16, file_high & 0xFFFF, file_low >> 16, file_low & 0xFFFF)
                product_version = (product_high >> 16, product_high & 0xFFFF, product_low >> 16, product_low & 0xFFFF)
        for group in _nodes(image, root.children, budget):
            if group.key != "StringFileInfo":
                continue
            for table in _nodes(image, group.children, budget):
                for item in _nodes(image, table.children, budget):
                    text = item.value.decode("utf-16-le", "replace").partition("\0")[0]
                    strings.setdefault(item.key, text)
    return VersionInfo(file_version, product_version, strings)


def _nodes(image: Image, data: bytes, budget: list[int]) -> list[_Node]:
    """The blocks that follow one another in `data`, each 4-byte aligned."""
    found: list[_Node] = []
    position = 0
    while position + _HEADER.size <= len(data):
        length, value_length, is_text = _HEADER.unpack_from(data, position)
        if length < _HEADER.size:
            break  # padding
        budget[0] -= 1
        if budget[0] < 0:
            raise image.bad("version resource", f"more than {_MAX_NODES} blocks")
        block = data[position : position + length]
        end = _HEADER.size
        while end + 2 <= len(block) and block[end : end + 2] != b"\0\0":
            end += 2
        key = block[_HEADER.size : end].decode("utf-16-le", "replace")
        start = -(-(end + 2) // 4) * 4
        size = value_length * 2 if is_text else value_length
        # The length of a text is in characters, but some compilers count bytes: the string itself ends at a zero.
        value = block[start : start + size]
        found.append(_Node(key, value, block[-(-(start + size) // 4) * 4 :]))
        position += -(-length // 4) * 4
    return found
