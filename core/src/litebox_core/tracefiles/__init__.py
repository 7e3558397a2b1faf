"""Traces that were recorded with ``--trace-output json:FILE``: reading, showing, comparing and reporting them.

Nothing here needs an engine or a guest: only the file. :mod:`litebox_core.tracefiles.records` is for programs that read
traces; the other modules are behind ``litebox trace show``, ``diff`` and ``report``.
"""
