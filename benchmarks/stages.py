"""Where the time goes until a program runs: starts one, without the command line, and prints milliseconds as JSON.

Run by ``python -m benchmarks`` in a fresh interpreter each time.
"""

import sys
import time

clock = time.perf_counter
begun = clock()
marks: list[tuple[str, float]] = []


def mark(stage: str) -> None:
    global begun
    marks.append((stage, 1000 * (clock() - begun)))
    begun = clock()


def main(path: str) -> None:
    import gc

    gc.disable()
    import litebox_core.cli.run

    mark("import the command line")
    import litebox_core.process
    from litebox_core import pe
    from litebox_core.config import Options
    from litebox_core.loader.mapping import read_image_file
    from litebox_core.plugins import Plugins

    mark("import the core")
    options = Options()
    options.program = path
    image = pe.parse(read_image_file(path, path), path)
    plugins = Plugins(options)
    mark("read the program, find plugins")
    plugins.service_offers()
    mark("find services")
    process = litebox_core.process.Process(options, plugins)
    mark("make engine and process")
    for dll in ("ntdll.dll", "kernel32.dll", "kernelbase.dll", "msvcrt.dll"):
        choice = plugins.choose(dll)
        assert choice is not None and choice.dll is not None
        mark(f"import {dll}")
    process.start(image, path, "hello")
    mark("map, bind")
    process.run()
    mark("run")

    import json

    print(json.dumps(dict(marks)), file=sys.stderr)


main(sys.argv[1])
