"""Writes down what the test programs do under Wine: ``python tests/programs/record.py [NAME ...]``."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import wine
from catalogue import chosen
from outcome import comparable, run

command = wine.command()
if command is None:
    sys.exit("Wine is not installed")
os.makedirs(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected"), exist_ok=True)
for program in chosen(sys.argv[1:]):
    outcomes = []
    for case in program.cases:
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(comparable(run([*command, program.exe], folder, case, wine.ENVIRONMENT)))
    with open(program.expected, "w", encoding="utf-8") as file:
        json.dump(outcomes, file, indent=1, ensure_ascii=False)
        file.write("\n")
    print(f"{program.name}: {len(outcomes)} runs")
