"""A program: draws the SVG picture of its standard input and writes the PNG, `zoom` pixels for each unit.

Drawing keeps Python's lock from beginning to end, and how long it takes cannot be told from a picture's size: in the
web process nobody else would be answered meanwhile. Here it gives way to others, and can be ended. It exits with 1
for what is no picture.
"""

import os
import resource
import sys

from resvg_py import svg_to_bytes

_MEMORY = 2 * 1024**3


def _draw(zoom: float) -> None:
    os.nice(10)
    if sys.platform == "linux":  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        drawn = svg_to_bytes(svg_string=sys.stdin.buffer.read().decode(), zoom=zoom)
    except ValueError:
        sys.exit(1)
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    _draw(float(sys.argv[1]))
