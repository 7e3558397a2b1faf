"""``python -m litebox_core`` is the ``litebox`` command."""

from .cli import main

main()
