"""The engines of the C run-time: formatting, scanning, numbers, time, searching and command lines.

Pure Python on Python values. They know nothing of the guest; the API functions marshal arguments to and from them.
"""
