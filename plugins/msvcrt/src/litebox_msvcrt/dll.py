"""MSVCRT and UCRTBASE: what they share, and what each has alone."""

from . import conversion as conversion
from . import ctype as ctype
from . import math as math
from . import setjmp as setjmp
from . import sorting as sorting
from . import stdlib as stdlib
from . import string_change as string_change
from . import string_compare as string_compare
from . import string_copy as string_copy
from . import string_memory as string_memory
from . import string_search as string_search
from . import string_secure as string_secure
from . import string_tokens as string_tokens
from . import time as time
from . import timetext as timetext
from . import timezone as timezone
from .base import msvcrt, shared, ucrtbase

msvcrt.include(shared)
ucrtbase.include(shared)

dll = msvcrt

__all__ = ["dll", "ucrtbase"]
