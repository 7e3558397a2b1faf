"""What a processor keeps for each thread beyond x87 and SSE: the features that XSAVE knows."""

from typing import NamedTuple

LEGACY = 3
"""x87 and SSE, which every processor has."""
AVX = 4
"""The upper halves of YMM0 to YMM15."""
AVX512 = 0xE0
"""Mask registers, the upper halves of ZMM0 to ZMM15, ZMM16 to ZMM31."""
FXSAVE_SIZE = 512
HEADER_SIZE = 64
"""What an XSAVE area has before everything that is neither x87 nor SSE."""
AVX_SIZE = 256


class ExtendedState(NamedTuple):
    """What an engine's processor has, as CPUID leaf 0Dh and XGETBV tell programs."""

    enabled: int = LEGACY
    """The features whose state a context can carry: LEGACY, with AVX or without."""
    optimized: bool = False
    """Whether there is XSAVEOPT: what is in its initial state is not stored."""
    compacted: bool = False
    """Whether there is XSAVEC: what is stored lies together, and the header says what that is."""

    @property
    def extended(self) -> int:
        """The features that are in the area behind the header."""
        return self.enabled & ~LEGACY

    def area_size(self, features: int) -> int:
        """The bytes that header and such features take."""
        return HEADER_SIZE + (AVX_SIZE if features & self.enabled & AVX else 0)
