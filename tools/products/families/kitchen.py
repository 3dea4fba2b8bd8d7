"""What stands in a kitchen."""

import numpy as np

from products.draw import Draw
from products.families.base import dial, feet
from products.shapes import (
    Mesh,
    above,
    both,
    box,
    drape,
    inside,
    join,
    lathe,
    loft,
    on_surface,
    panel,
    pill,
    rounded,
    slab,
    slits,
)


def kettle(draw: Draw) -> Mesh:
    """Return a kettle: a turned body with lid and knob, a spout at the left and a handle at the right."""
    jug = draw.happens(0.45)
    height = draw(0.85, 1.05) if jug else draw(0.6, 0.75)
    bottom, top = draw(0.36, 0.42), draw(0.25, 0.31) if jug else draw(0.22, 0.29)
    waist = (bottom + top) / 2 + (draw(-0.03, 0.06) if jug else draw(0.06, 0.16))
    profile = [(0.0, 0.0), (bottom, 0.0), (bottom, 0.03), (waist, height * 0.5), (top, height), (0.0, height)]
    body = lathe(rounded(profile, 0.3, steps=10), "main:body", radius=0.0)
    if draw.happens(0.7):
        split = draw(0.16, 0.34) * height
        tilt = draw(-0.25, 0.25)
        body = panel(
            body,
            lambda p: split + tilt * p[:, 0] - p[:, 2],
            draw.pick(["dark:foot", "accent:foot"]),
            depth=0.008,
        )
    if jug:
        window = inside(
            rounded(
                [
                    (-0.045, 0.3 * height),
                    (0.045, 0.3 * height),
                    (0.045, 0.8 * height),
                    (-0.045, 0.8 * height),
                ],
                0.045,
                closed=True,
            )
        )
        body = panel(body, both(window, above(1, 0, -1)), "glass:window", depth=-0.012, on="main")
    base = lathe(
        [(0, -0.09), (bottom + 0.05, -0.09), (bottom + 0.05, -0.05), (bottom + 0.01, -0.012), (0, -0.01)],
        "dark:base",
    )
    rim = height - 0.02
    lid = lathe(
        [
            (0, rim),
            (top - 0.005, rim),
            (top - 0.005, rim + 0.035),
            (top * 0.55, rim + draw(0.07, 0.13)),
            (0, rim + 0.12),
        ],
        draw.pick(["light:lid", "main:lid", "dark:lid"]),
        radius=0.15,
    )
    crest = float(lid.points[:, 2].max())
    knob = lathe(
        [
            (0, crest - 0.02),
            (0.025, crest - 0.02),
            (0.03, crest + 0.02),
            (0.065, crest + 0.05),
            (0.055, crest + 0.085),
            (0, crest + 0.09),
        ],
        "accent:knob",
        radius=0.03,
    )
    at = top + (waist - top) * 0.35
    if jug:
        lip = loft(
            [
                (-top * 0.55, 0, height - 0.16),
                (-top - 0.02, 0, height - 0.06),
                (-top - 0.13, 0, height + 0.01),
            ],
            [0.13, 0.1, 0.035],
            [0.09, 0.07, 0.02],
            "main:spout",
            caps=(0, 0.01),
        )
        parts = [body, base, lid, lip]
        grip = [
            (at - 0.02, 0, height * 0.93),
            (at + 0.14, 0, height * 0.97),
            (at + 0.25, 0, height * 0.8),
            (at + 0.24, 0, height * 0.45),
            (bottom - 0.05, 0, height * 0.2),
        ]
    else:
        reach = draw(0.2, 0.3)
        spout = loft(
            [
                (-waist + 0.08, 0, height * 0.38),
                (-waist - reach * 0.4, 0, height * 0.55),
                (-waist - reach * 0.75, 0, height * 0.82),
                (-waist - reach, 0, height * 0.94),
            ],
            [0.1, 0.075, 0.05, 0.045],
            [0.12, 0.07, 0.048, 0.04],
            "main:spout",
        )
        parts = [body, base, lid, spout]
        if draw.happens(0.5):
            peak = crest + draw(0.2, 0.32)
            grip = [
                (-top + 0.02, 0, height - 0.03),
                (-top - 0.03, 0, height + 0.13),
                (-top * 0.5, 0, peak),
                (top * 0.6, 0, peak),
                (top + 0.03, 0, height + 0.13),
                (top - 0.02, 0, height - 0.03),
            ]
        else:
            grip = [
                (at - 0.02, 0, height * 0.9),
                (at + 0.16, 0, height * 1.02),
                (at + 0.33, 0, height * 0.82),
                (at + 0.3, 0, height * 0.42),
                (waist - 0.04, 0, height * 0.22),
            ]
    handle = loft(
        grip,
        draw(0.04, 0.055),
        [draw(0.03, 0.04)] + [draw(0.032, 0.05)] * (len(grip) - 2) + [0.03],
        "dark:handle",
        power=draw(2, 4),
        caps=(0.02, 0.02),
    )
    return join(*parts, knob, handle)


def mixer(draw: Draw) -> Mesh:
    """Return a stand mixer: foot, column, head, and a bowl under the head."""
    long = draw(0.52, 0.6)
    foot = slab(
        rounded(
            [(-0.42, -0.24), (0.2, -0.24), (0.42, -0.2), (0.42, 0.2), (0.2, 0.24), (-0.42, 0.24)],
            0.25,
            closed=True,
        ),
        0.09,
        "main:foot",
        bevel=0.04,
    )
    column = loft(
        [(0.26, 0, 0.05), (0.27, 0, 0.25), (0.24, 0, 0.5), (0.2, 0, 0.66)],
        [0.17, 0.14, 0.14, 0.16],
        [0.15, 0.11, 0.11, 0.14],
        "main:column",
        power=3,
    )
    fat = draw(0.13, 0.17)
    head = loft(
        [(-long + 0.06, 0, 0.77), (-0.25, 0, 0.76), (0.05, 0, 0.76), (0.3, 0, 0.74), (0.42, 0, 0.72)],
        [fat * 0.75, fat, fat * 1.05, fat, fat * 0.75],
        [fat * 0.75, fat * 0.98, fat * 1.05, fat, fat * 0.7],
        "main:head",
        power=draw(2.2, 3.2),
        caps=(fat * 0.6, fat * 0.6),
        low=draw(0.8, 1),
    )
    band = rounded([(-0.9, 0.735), (0.7, draw(0.7, 0.74)), (0.7, 0.775), (-0.9, 0.78)], 0.01, closed=True)
    head = panel(head, inside(band), draw.pick(["light:band", "accent:band", "dark:band"]), depth=0.008)
    hub = lathe([(0, 0.56), (0.055, 0.56), (0.09, 0.64), (0.095, 0.7), (0, 0.7)], "metal:hub").move(x=-0.28)
    wide = draw(0.21, 0.25)
    bowl = lathe(
        [
            (0, 0.09),
            (0.13, 0.09),
            (0.135, 0.13),
            (0.1, 0.15),
            (wide * 0.95, 0.24),
            (wide, 0.46),
            (wide + 0.02, 0.465),
            (wide + 0.02, 0.48),
            (wide - 0.01, 0.48),
            (wide - 0.015, 0.3),
            (0, 0.2),
        ],
        draw.pick(["metal:bowl", "light:bowl", "glass:bowl"]),
        radius=0.06,
    ).move(x=-0.24)
    parts = [foot, column, head, hub, bowl]
    if draw.happens(0.6):
        x = -0.24 - wide
        parts.append(
            loft(
                [
                    (x + 0.03, -0.03, 0.43),
                    (x - 0.1, -0.06, 0.42),
                    (x - 0.11, -0.06, 0.3),
                    (x + 0.03, -0.03, 0.26),
                ],
                0.012,
                0.02,
                "metal:bowl handle",
            )
        )
    for shift in np.linspace(-0.05, 0.05, 4):
        parts.append(
            loft(
                [(-0.28, 0, 0.58), (-0.28 + shift * 1.6, 0, 0.44), (-0.28 + shift, 0, 0.3), (-0.28, 0, 0.26)],
                0.007,
                0.007,
                "metal:whisk",
                around=8,
            )
        )
    parts.append(on_surface(head, dial(draw, draw(0.045, 0.06)), (0.22, 0.76), sink=0.01))
    parts.append(
        on_surface(
            column,
            lathe([(0, 0), (0.03, 0), (0.03, 0.03), (0, 0.035)], "accent:lock"),
            (0.26, 0.4),
            sink=0.005,
        )
    )
    return join(*parts)


def toaster(draw: Draw) -> Mesh:
    """Return a toaster: a rounded body with two slots, lever and dial at its right end."""
    long, deep, tall = draw(0.5, 0.62), draw(0.2, 0.27), draw(0.42, 0.5)
    slope = draw(0.85, 1.0)
    body = loft(
        [
            (-long, 0, tall / 2 + 0.05),
            (-long * 0.5, 0, tall / 2 + 0.05),
            (long * 0.5, 0, tall / 2 + 0.05),
            (long, 0, tall / 2 + 0.05),
        ],
        [deep * slope, deep, deep, deep * slope],
        [tall / 2 * slope, tall / 2, tall / 2, tall / 2 * slope],
        "main:body",
        power=draw(3.2, 6),
        caps=(draw(0.06, 0.12),) * 2,
        along=90,
        around=112,
    )
    cut = long * draw(0.62, 0.8)
    lean = draw(-0.15, 0.2)
    if draw.happens(0.8):
        label = draw.pick(["dark:end", "light:end", "accent:end"])
        body = panel(
            body,
            lambda p: np.abs(p[:, 0] + 0.0 * p[:, 2]) - cut - lean * (p[:, 2] - tall / 2),
            label,
            depth=draw.pick([0.0, -0.012, 0.012]),
        )
    else:
        body = panel(body, above(2, 0.14, -1), "dark:skirt", depth=0.01)
    gap = deep * draw(0.33, 0.42)
    reach = min(cut * 0.95, long * 0.75)
    slot = box(2 * reach, draw(0.055, 0.075), 0.03)
    for y in (-gap, gap):
        body = panel(
            body,
            both(inside(slot + (0, y), (0, 1)), above(2, tall * 0.6)),
            "dark:slot",
            depth=-0.05,
            on="main",
        )
    parts = [body, *feet(long * 0.7, deep * 0.6, 0.04)]
    end, normal = drape(body, [(0.0, tall * 0.65)], 0, 1.0)
    parts.append(slab(box(0.1, 0.05, 0.02), 0.05, "accent:lever", bevel=0.018).point_to(normal[0], end[0]))
    track, _ = drape(body, [(0, tall * 0.3), (0, tall * 0.6), (0, tall * 0.85)], 0, 1.0)
    parts.append(pill(track, 0.012, "dark:track"))
    if draw.happens(0.6):
        parts.append(on_surface(body, dial(draw, 0.055), (deep * 0.45, tall * 0.32), 0, 1.0))
        parts += [
            on_surface(
                body,
                lathe([(0, 0), (0.022, 0), (0.022, 0.02), (0, 0.022)], "accent:button"),
                (-deep * 0.5, tall * z),
                0,
                1.0,
            )
            for z in (0.25, 0.4, 0.55)
        ]
    else:
        parts.append(on_surface(body, dial(draw, 0.06), (draw(-0.2, 0.3), tall * 0.3)))
    if draw.happens(0.5):
        z = tall * draw(0.35, 0.6)
        parts.append(
            slits(
                body,
                [(-reach * 0.8, z + d) for d in (0, 0.05)],
                [(reach * 0.6, z + d) for d in (0, 0.05)],
                0.008,
                "dark:groove",
            )
        )
    return join(*parts)


def blender(draw: Draw) -> Mesh:
    """Return a blender: a base with dial and buttons, a jar of glass with a handle, and a lid."""
    wide, tall = draw(0.25, 0.3), draw(0.3, 0.4)
    power = draw.pick([2.0, 2.0, 3.5])
    base = loft(
        [(0, 0, 0.03), (0, 0, tall * 0.5), (0, 0, tall)],
        [wide, wide * draw(0.88, 1.02), wide * 0.66],
        [wide, wide * 0.94, wide * 0.66],
        "main:base",
        power=power,
        caps=(0.03, 0.03),
        along=60,
        around=80,
    )
    base = panel(base, above(2, draw(0.07, 0.12), -1), "dark:foot", depth=0.008)
    face = rounded(
        [(-wide * 0.55, 0.12), (wide * 0.55, 0.12), (wide * 0.4, tall * 0.9), (-wide * 0.4, tall * 0.9)],
        draw(0.05, 0.2),
        closed=True,
    )
    base = panel(
        base,
        both(inside(face), above(1, 0, -1)),
        draw.pick(["dark:face", "accent:face", "light:face"]),
        depth=draw.pick([0.01, -0.01]),
        on="main",
    )
    low, high = tall + 0.02, tall + draw(0.55, 0.7)
    neck, mouth = wide * 0.62, wide * draw(0.72, 0.9)
    collar = lathe([(0, low), (neck + 0.025, low), (neck + 0.03, low + 0.08), (0, low + 0.08)], "dark:collar")
    jar = lathe(
        [(0, low + 0.08), (neck, low + 0.08), (neck * 1.06, low + 0.2), (mouth, high), (0, high)],
        "glass:jar",
        radius=0.05,
    )
    fill = draw(0.3, 0.6)
    jar = panel(jar, above(2, low + (high - low) * fill, -1), "glass:content")
    lid = lathe(
        [
            (0, high - 0.01),
            (mouth + 0.015, high - 0.01),
            (mouth + 0.015, high + 0.05),
            (mouth * 0.75, high + 0.07),
            (mouth * 0.4, high + 0.08),
            (mouth * 0.36, high + 0.13),
            (0, high + 0.13),
        ],
        draw.pick(["dark:lid", "main:lid", "accent:lid"]),
    )
    handle = loft(
        [
            (mouth - 0.02, 0, high - 0.06),
            (mouth + 0.13, 0, high - 0.05),
            (mouth + 0.16, 0, high - 0.17),
            (mouth + 0.1, 0, low + 0.26),
            (neck, 0, low + 0.14),
        ],
        0.035,
        0.026,
        "dark:handle",
        power=3,
    )
    parts = [base, collar, jar, lid, handle]
    z = tall * 0.55
    if draw.happens(0.6):
        parts.append(on_surface(base, dial(draw, 0.07), (0, z)))
    else:
        parts += [
            on_surface(
                base, slab(box(0.05, 0.035, 0.012), 0.02, "light:button", bevel=0.006).turn("z", 90), (x, z)
            )
            for x in np.linspace(-0.09, 0.09, 4)
        ]
    marks = [(-0.06, low + (high - low) * share) for share in (0.35, 0.5, 0.65, 0.8)]
    parts.append(slits(jar, marks, [(0.0, z) for _, z in marks], 0.004, "dark:scale"))
    return join(*parts)


def coffee(draw: Draw) -> Mesh:
    """Return a coffee machine: a C of foot, column and head, with a jug on the warming plate."""
    wide, deep, tall = draw(0.26, 0.32), draw(0.36, 0.42), draw(0.85, 1.0)
    power = draw(3.5, 7)
    foot = slab(box(2 * deep, 2 * wide, 0.12), 0.1, "main:foot", bevel=0.03)
    column = loft(
        [(deep * 0.55, 0, 0.05), (deep * 0.55, 0, tall * 0.5), (deep * 0.55, 0, tall * 0.85)],
        wide * 0.98,
        deep * 0.45,
        "main:column",
        power=power,
        along=50,
        around=72,
    )
    column = panel(
        column, both(above(0, deep * draw(0.5, 0.7)), above(2, tall * 0.2)), "glass:tank", depth=0.005
    )
    head = loft(
        [(0, 0, tall * 0.68), (0, 0, tall * 0.85), (0, 0, tall)],
        [wide, wide, wide * 0.92],
        [deep, deep, deep * draw(0.75, 0.95)],
        "main:head",
        power=power,
        caps=(0.02, 0.05),
        along=50,
        around=96,
    )
    trim = rounded(
        [
            (-deep * 1.2, tall * 0.72),
            (0, tall * draw(0.74, 0.8)),
            (deep * 1.2, tall * 0.78),
            (deep * 1.2, tall * 0.86),
            (0, tall * 0.88),
            (-deep * 1.2, tall * 0.92),
        ],
        0.3,
        closed=True,
    )
    head = panel(head, inside(trim), draw.pick(["dark:trim", "accent:trim", "light:trim"]), depth=0.008)
    plate = lathe([(0, 0.1), (0.19, 0.1), (0.19, 0.125), (0, 0.125)], "dark:plate").move(x=-deep * 0.35)
    belly = draw(0.17, 0.2)
    jug = lathe(
        [(0, 0.125), (belly, 0.125), (belly * 1.1, 0.25), (belly * 0.7, tall * 0.55), (0, tall * 0.55)],
        "glass:jug",
        radius=0.09,
    )
    jug = panel(jug, above(2, draw(0.25, 0.38), -1), "dark:coffee").move(x=-deep * 0.35)
    lid = lathe(
        [(0, tall * 0.54), (belly * 0.78, tall * 0.54), (belly * 0.78, tall * 0.59), (0, tall * 0.61)],
        "dark:jug lid",
    ).move(x=-deep * 0.35)
    x, y = -deep * 0.35 - belly * 0.7, -belly * 0.55
    handle = loft(
        [
            (x + 0.05, y, tall * 0.55),
            (x - 0.1, y - 0.05, tall * 0.54),
            (x - 0.13, y - 0.06, tall * 0.36),
            (x - 0.02, y, 0.2),
        ],
        0.02,
        0.03,
        "dark:jug handle",
        power=3,
    )
    parts = [foot, column, head, plate, jug, lid, handle]
    parts += [
        on_surface(head, lathe([(0, 0), (r, 0), (r, 0.02), (0, 0.024)], label), (x, tall * 0.83))
        for x, r, label in (
            (-0.16, 0.035, "accent:button"),
            (-0.06, 0.022, "light:button"),
            (0.0, 0.022, "light:button"),
        )
    ]
    return join(*parts, on_surface(head, dial(draw, 0.05), (0.16, tall * 0.83)))
