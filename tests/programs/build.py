"""Builds the test programs: ``python tests/programs/build.py [NAME ...]``."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from catalogue import build, chosen

for program in chosen(sys.argv[1:]):
    build(program, program.exe)
    print(f"{program.name}: {os.path.getsize(program.exe)} bytes")
