"""Lamps and seats."""

import numpy as np

from products.draw import Draw
from products.families.base import cord, dial
from products.shapes import (
    Mesh,
    above,
    both,
    box,
    inside,
    join,
    lathe,
    loft,
    panel,
    pill,
    rounded,
)


def lamp(draw: Draw) -> Mesh:
    """Return a desk lamp: a heavy foot, two arms with joints, a shade."""
    foot = lathe(
        [(0, 0), (0.26, 0), (0.26, 0.03), (0.22, 0.055), (0.06, 0.075), (0.05, 0.12), (0, 0.12)],
        "main:foot",
        radius=0.025,
    )
    foot = panel(foot, above(2, 0.02, -1), "dark:rim", depth=0.006)
    elbow = np.array([draw(0.1, 0.28), 0, draw(0.52, 0.65)])
    head = np.array([draw(-0.42, -0.28), 0, draw(0.85, 1.0)])
    root = np.array([0.0, 0, 0.11])
    parts = [foot]
    label = draw.pick(["metal:arm", "main:arm", "dark:arm"])
    if draw.happens(0.5):
        for y in (-0.03, 0.03):
            parts += [
                pill([root + (0, y, 0), elbow + (0, y, 0)], 0.013, label, along=20),
                pill([elbow + (0, y, 0), head + (0, y, 0)], 0.013, label, along=20),
            ]
        parts.append(
            pill(
                [root * 0.75 + elbow * 0.25 + (0, 0, 0), root * 0.4 + elbow * 0.6],
                0.024,
                "metal:spring",
                along=20,
            )
        )
    elif draw.happens(0.5):
        for a, b in ((root, elbow), (elbow, head)):
            parts.append(loft([a, b], 0.035, 0.022, label, power=4, caps=(0.01, 0.01)))
    else:
        bend = [
            root,
            root + (0.12, 0, 0.3),
            elbow + (0.0, 0, 0.12),
            (elbow + head) / 2 + (0, 0, 0.18),
            head + (0.05, 0, 0.04),
            head,
        ]
        parts.append(loft(bend, 0.026, 0.026, label, along=80, around=24))
    for spot, r in ((root, 0.05), (elbow, 0.055), (head, 0.05)):
        parts.append(
            lathe([(0, -0.05), (r, -0.05), (r, 0.05), (0, 0.05)], "accent:joint", radius=0.012, around=40)
            .turn("x", 90)
            .move(*spot)
        )
    wide, long = draw(0.2, 0.26), draw(0.24, 0.34)
    style = draw.whole(0, 2)
    if style == 0:
        outer = [
            (0.05, 0),
            (0.075, -0.06),
            (0.1, -0.1),
            (wide, -long),
            (wide - 0.012, -long),
            (0.09, -0.12),
            (0.0, -0.1),
        ]
    elif style == 1:
        outer = [
            (0.05, 0),
            (0.08, -0.02),
            (wide * 0.9, -0.08),
            (wide, -long * 0.75),
            (wide - 0.012, -long * 0.75),
            (wide * 0.85, -0.1),
            (0.0, -0.09),
        ]
    else:
        outer = [
            (0.04, 0.02),
            (0.06, 0.02),
            (0.075, -0.14),
            (wide * 0.98, -long * 0.72),
            (wide, -long),
            (wide - 0.012, -long),
            (0.09, -0.2),
            (0.0, -0.16),
        ]
    shade = lathe(outer[::-1], "main:shade", radius=0.06)
    shade = Mesh(shade.points, tuple(f[::-1] for f in shade.faces), shade.labels) if False else shade
    cap = lathe(
        [(0, -0.02), (0.062, -0.02), (0.055, 0.05), (0.03, 0.07), (0, 0.07)], "dark:cap", radius=0.015
    )
    drop = min(z for _, z in outer)
    bulb = lathe(
        [(0, drop + 0.02), (0.05, drop + 0.03), (0.075, drop + 0.09), (0.04, drop + 0.17), (0, drop + 0.17)],
        "light:bulb",
        radius=0.05,
    )
    ring = lathe(
        [
            (wide - 0.02, drop - 0.008),
            (wide + 0.008, drop - 0.008),
            (wide + 0.008, drop + 0.02),
            (wide - 0.02, drop + 0.02),
        ],
        draw.pick(["accent:ring", "light:ring", "dark:ring"]),
        radius=0.005,
    )
    tilt = draw(20, 42)
    parts.append(join(shade, cap, bulb, ring).turn("y", tilt).move(*(head + (-0.04, 0, -0.03))))
    parts.append(dial(draw, 0.035).move(0.0, -0.15, 0.04))
    return join(*parts, cord(draw, (0.24, 0, 0.03), (1, 0.2, 0.0), 0.011))


def chair(draw: Draw) -> Mesh:
    """Return a shell chair on four legs, on a sled or on a foot with castors."""
    seat, wide, back = draw(0.44, 0.5), draw(0.24, 0.29), draw(0.86, 1.02)
    arms = draw.happens(0.3)
    profile = [
        (-0.3, 0, seat - 0.03),
        (-0.2, 0, seat + 0.005),
        (0.0, 0, seat - 0.02),
        (0.15, 0, seat + 0.02),
        (0.235, 0, seat + 0.14),
        (0.27, 0, (seat + back) / 2),
        (0.33, 0, back),
    ]
    shell = loft(
        profile,
        [
            wide * 0.86,
            wide * 0.96,
            wide,
            wide * 0.96,
            wide * 0.9,
            wide * draw(0.9, 1.05),
            wide * draw(0.6, 0.85),
        ],
        [0.02, 0.02, 0.02, 0.02, 0.018, 0.016, 0.014],
        "main:shell",
        power=6,
        caps=(0.01, 0.01),
        along=80,
        around=96,
    )
    points = shell.points.copy()
    curl = draw(0.35, 1.0)
    rise = np.clip((points[:, 2] - seat - 0.1) / 0.3, 0, 1)
    points[:, 2] += (1 - rise) * curl * np.abs(points[:, 1]) ** 2.2 * 1.2
    points[:, 0] -= rise * curl * np.abs(points[:, 1]) ** 2.0 * 1.1
    shell = Mesh(points, shell.faces, shell.labels)
    if draw.happens(0.6):
        pad = rounded(
            [(-0.25, -wide * 0.72), (0.12, -wide * 0.74), (0.12, wide * 0.74), (-0.25, wide * 0.72)],
            0.1,
            closed=True,
        )
        shell = panel(
            shell,
            both(inside(pad, (0, 1)), above(2, seat + 0.14, -1)),
            draw.pick(["accent:cushion", "dark:cushion", "light:cushion"]),
            depth=0.03,
        )
    if draw.happens(0.5):
        hole = box(wide * draw(0.7, 1.0), draw(0.05, 0.09), 0.03) + (0, back - draw(0.1, 0.14))
        shell = panel(shell, inside(hole, (1, 2)), "dark:handle hole", depth=-0.008)
    parts = [shell]
    kind = draw.whole(0, 2)
    label = draw.pick(["accent:legs", "dark:legs", "metal:legs", "light:legs"])
    if kind == 0:
        spread, thick = draw(0.04, 0.1), draw(0.018, 0.026)
        for a in (-1, 1):
            for b in (-1, 1):
                parts.append(
                    loft(
                        [
                            (a * 0.15, b * wide * 0.6, seat - 0.02),
                            (a * (0.2 + spread) + 0.02, b * (wide * 0.75 + spread), 0.0),
                        ],
                        [thick * 1.3, thick * 0.7],
                        [thick * 1.3, thick * 0.7],
                        label,
                        around=24,
                        along=14,
                    )
                )
        for b in (-1, 1):
            parts.append(
                pill([(-0.17, b * wide * 0.64, seat - 0.1), (0.2, b * wide * 0.64, seat - 0.1)], 0.011, label)
            )
    elif kind == 1:
        for b in (-1, 1):
            y = b * wide * 0.8
            corners = rounded(
                [
                    (-0.12, y * 0.75, seat - 0.02),
                    (-0.27, y, 0.012),
                    (0.3, y, 0.012),
                    (0.16, y * 0.75, seat - 0.02),
                ],
                0.06,
            )
            parts.append(loft(corners, 0.013, 0.013, label, smooth=False, along=90, around=14))
        parts += [
            pill([(x, -wide * 0.62, seat - 0.03), (x, wide * 0.62, seat - 0.03)], 0.012, label)
            for x in (-0.12, 0.15)
        ]
    else:
        parts.append(
            lathe(
                [
                    (0, 0.09),
                    (0.04, 0.09),
                    (0.035, 0.2),
                    (0.024, 0.22),
                    (0.024, seat - 0.05),
                    (0.09, seat - 0.02),
                    (0, seat - 0.01),
                ],
                "metal:post",
                radius=0.015,
            )
        )
        for angle in np.arange(5) * 72 + draw(0, 72):
            foot = loft(
                [(0, 0, 0.11), (0.15, 0, 0.105), (0.28, 0, 0.075)],
                [0.035, 0.028, 0.02],
                [0.028, 0.024, 0.016],
                "dark:star",
                power=4,
                caps=(0, 0.012),
                along=16,
                around=24,
            )
            castor = (
                lathe(
                    [(0, -0.022), (0.034, -0.022), (0.034, 0.022), (0, 0.022)],
                    "dark:castor",
                    around=24,
                    radius=0.01,
                )
                .turn("x", 90)
                .move(0.27, 0, 0.034)
            )
            parts.append(join(foot, castor).turn("z", float(angle)))
    if arms:
        for b in (-1, 1):
            y = b * (wide + 0.03)
            parts.append(
                loft(
                    [
                        (0.08, b * wide * 0.85, seat),
                        (0.1, y, seat + 0.12),
                        (0.05, y, seat + 0.2),
                        (-0.16, y, seat + 0.2),
                    ],
                    0.03,
                    0.016,
                    "dark:arms",
                    power=4,
                    caps=(0.01, 0.015),
                )
            )
    return join(*parts)
