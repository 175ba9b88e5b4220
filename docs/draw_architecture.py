# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Draw docs/images/architecture.svg from the code: rooms as boxes, imports as arrows.

    python docs/draw_architecture.py

A room is a folder of a package. Modules beside the rooms (`camera`, `errors` …) may be imported
by all and have one box without arrows. An arrow that a chain of others tells already is left out.
"""

import ast
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PICTURE = REPOSITORY / 'docs' / 'images' / 'architecture.svg'
PACKAGES = 'adu_depth_ros', 'adu_depth_core'  # upper first
WIDTH, BOX, HEIGHT, GAP, STEP, MARGIN = 1180, 178, 44, 14, 92, 24
COLOURS = {'adu_depth_ros': '#dbe9f6', 'adu_depth_core': '#e7f2e4'}

Arrows = dict[str, set[str]]


def rooms() -> dict[str, str]:
    """Return every room as `package.folder`, and what its docstring says it is."""
    found = {}
    for package in PACKAGES:
        for init in sorted((REPOSITORY / package).glob('*/__init__.py')):
            text = ast.get_docstring(ast.parse(init.read_text(encoding='utf-8'))) or ''
            found[f'{package}.{init.parent.name}'] = text.split('\n')[0].rstrip('.')
    return found


def imports(names: Mapping[str, str]) -> Arrows:
    """Return which rooms each room imports, itself left out."""
    arrows: Arrows = {name: set() for name in names}
    for name in names:
        folder = REPOSITORY / name.replace('.', '/')
        for file in sorted(folder.rglob('*.py')):
            arrows[name] |= {'.'.join(module.split('.')[:2]) for module in imported(file)}
        arrows[name] = (arrows[name] & set(names)) - {name}
    return arrows


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f'{node.module}.{alias.name}' for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def reachable(arrows: Arrows, start: str) -> set[str]:
    """Return all rooms that a room imports, if only through others."""
    seen: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        room = waiting.pop()
        if room not in seen:
            seen.add(room)
            waiting += arrows[room]
    return seen


def floors(arrows: Arrows) -> dict[str, int]:
    """Return each room's floor: above all that it imports; rooms in a circle share one."""
    below = {room: reachable(arrows, room) for room in arrows}

    def floor(room: str) -> int:
        circle = {other for other in below[room] if room in below[other]} | {room}
        under = {other for member in circle for other in arrows[member]} - circle
        return 1 + max((floor(other) for other in under), default=-1)

    found = {room: floor(room) for room in arrows}
    top_of_core = max(f for room, f in found.items() if room.startswith('adu_depth_core.'))
    ros = {room: f for room, f in found.items() if room.startswith('adu_depth_ros.')}
    levels = sorted(set(ros.values()))
    return found | {room: top_of_core + 1 + levels.index(f) for room, f in ros.items()}


def told_by_others(arrows: Arrows, room: str, other: str) -> bool:
    """Whether a chain of arrows leads from a room to another one without the direct arrow."""
    return any(
        other in reachable(arrows, between)
        for between in arrows[room] - {other}
        if room not in reachable(arrows, between)
    )


def places(levels: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Return the upper left corner of each box."""
    top = max(levels.values())
    found = {}
    for level in sorted(set(levels.values())):
        row = sorted(room for room, at in levels.items() if at == level)
        left = (WIDTH - len(row) * (BOX + GAP) + GAP) / 2
        for column, room in enumerate(row):
            found[room] = (left + column * (BOX + GAP), MARGIN + (top - level) * STEP)
    return found


def picture() -> str:
    """Return the whole picture as SVG; the same code gives the same text."""
    names = rooms()
    arrows = imports(names)
    at = places(floors(arrows))
    bottom = max(y for _, y in at.values()) + STEP
    lines = [
        line(at[room], at[other])
        for room in sorted(arrows)
        for other in sorted(arrows[room])
        if not told_by_others(arrows, room, other)
    ]
    boxes = [box(*at[room], room, names[room]) for room in sorted(names)]
    return '\n'.join(
        [*opening(bottom + HEIGHT + MARGIN), *lines, *boxes, base(bottom), '</svg>\n']
    )


def opening(height: float) -> list[str]:
    """Begin a picture."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        'font-family="sans-serif">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height:g}" fill="#fff"/>',
    ]


def line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Draw an arrow from one box down to another, or sideways on a floor."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        x1, x2 = (x1 + BOX, x2) if x1 < x2 else (x1, x2 + BOX)
        y1, y2 = y1 + HEIGHT / 2, y2 + HEIGHT / 2
    else:
        x1, x2, y1 = x1 + BOX / 2, x2 + BOX / 2, y1 + HEIGHT
    return (
        f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="#667" stroke-width="1.2" fill="none" '
        'marker-end="url(#tip)"/>'
    )


def box(x: float, y: float, room: str, says: str) -> str:
    """Draw a room: its name, and in a tooltip what it is."""
    package, name = room.split('.')
    return (
        f'<g><title>{escape(says)}</title><rect x="{x:g}" y="{y:g}" width="{BOX}" '
        f'height="{HEIGHT}" rx="6" fill="{COLOURS[package]}" stroke="#334"/>'
        f'<text x="{x + BOX / 2:g}" y="{y + 20:g}" font-size="15" text-anchor="middle">'
        f'{escape(name)}/</text><text x="{x + BOX / 2:g}" y="{y + 36:g}" font-size="10" '
        f'fill="#556" text-anchor="middle">{package}</text></g>'
    )


def base(y: float) -> str:
    """Draw what everybody may import."""
    modules = sorted(
        file.stem
        for file in (REPOSITORY / 'adu_depth_core').glob('*.py')
        if not file.stem.startswith('__')
    )
    return (
        f'<rect x="{MARGIN}" y="{y:g}" width="{WIDTH - 2 * MARGIN}" height="{HEIGHT}" rx="6" '
        f'fill="#f3f0e4" stroke="#334"/><text x="{WIDTH / 2:g}" y="{y + 27:g}" font-size="14" '
        f'text-anchor="middle">adu_depth_core: {escape(", ".join(modules))}</text>'
    )


if __name__ == '__main__':
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture(), encoding='utf-8')
