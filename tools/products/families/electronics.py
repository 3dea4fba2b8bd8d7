"""Electronic devices."""

import numpy as np

from products.draw import Draw
from products.families.base import cord, feet
from products.shapes import (
    Mesh,
    above,
    both,
    box,
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


def _cone(radius: float) -> Mesh:
    """Return a loudspeaker's chassis along z."""
    return join(
        lathe(
            [
                (radius * 0.8, 0),
                (radius * 1.08, 0),
                (radius * 1.08, 0.02),
                (radius * 0.95, 0.03),
                (radius * 0.8, 0.01),
            ],
            "light:ring",
            radius=0.01,
        ),
        lathe(
            [
                (0, -0.02),
                (radius * 0.95, 0.012),
                (radius * 0.8, 0.03),
                (radius * 0.72, 0.0),
                (radius * 0.3, -0.035),
                (radius * 0.25, 0.0),
                (0, 0.012),
            ],
            "dark:cone",
            radius=0.02,
        ),
    )


def speaker(draw: Draw) -> Mesh:
    """Return a loudspeaker: upright with two chassis, or a portable one with a grille and a handle."""
    if draw.happens(0.5):
        wide, tall, deep = draw(0.26, 0.32), draw(0.85, 1.05), draw(0.24, 0.32)
        body = loft(
            [(0, 0, 0.08), (0, 0, tall * 0.5), (0, 0, tall)],
            [deep, deep * draw(1, 1.12), deep * draw(0.85, 1)],
            [wide, wide * draw(1, 1.08), wide * draw(0.7, 1)],
            "main:body",
            power=draw(3, 7),
            caps=(0.05, 0.06),
            along=80,
            around=110,
        )
        front = rounded(
            [(-wide * 0.82, 0.1), (wide * 0.82, 0.1), (wide * 0.8, tall), (-wide * 0.8, tall)],
            draw(0.06, 0.25),
            closed=True,
        )
        body = panel(
            body,
            both(inside(front), above(1, -deep * 0.3, -1)),
            draw.pick(["dark:front", "accent:front", "light:front"]),
            depth=draw.pick([0.012, -0.012]),
        )
        big = wide * 0.62
        parts = [
            body,
            on_surface(body, _cone(big), (0, 0.1 + big * 1.3)),
            on_surface(body, _cone(big * 0.5), (0, tall - 0.22)),
            *feet(wide * 0.7, deep * 0.6, 0.05),
        ]
        return join(
            *parts,
            on_surface(
                body,
                lathe([(0, 0), (0.03, 0), (0.025, 0.015), (0, 0.015)], "accent:light"),
                (wide * 0.55, tall - 0.1),
            ),
        )
    long, fat = draw(0.5, 0.65), draw(0.2, 0.26)
    body = loft(
        [(-long, 0, fat), (-long * 0.5, 0, fat), (long * 0.5, 0, fat), (long, 0, fat)],
        [fat * 0.9, fat, fat, fat * 0.9],
        [fat * 0.9, fat, fat, fat * 0.9],
        "main:body",
        power=draw(2, 3.2),
        caps=(0.05, 0.05),
        along=100,
        around=90,
    )
    cut, slant = long * draw(0.8, 0.9), draw(-0.25, 0.25)
    body = panel(
        body,
        lambda p: cut - np.abs(p[:, 0]) - slant * (p[:, 2] - fat),
        draw.pick(["dark:grille", "main:grille"]),
        depth=-0.01,
    )
    parts = [body]
    mesh_z = np.linspace(fat * 0.25, fat * 1.75, 10)
    if draw.happens(0.6):
        parts.append(
            slits(
                body,
                [(-cut * 0.88, z) for z in mesh_z],
                [(cut * 0.88, z) for z in mesh_z],
                0.006,
                "dark:grille bars",
            )
        )
    else:
        parts += [on_surface(body, _cone(fat * 0.6), (x, fat * 0.98)) for x in (-cut * 0.55, cut * 0.55)]
    for x in (-1, 1):
        parts.append(
            lathe([(0, 0), (fat * 0.72, 0), (fat * 0.7, 0.02), (fat * 0.4, 0.015), (0, 0.03)], "accent:end")
            .turn("y", 90 * x)
            .move(x * (long + 0.05), 0, fat)
        )
    parts.append(
        on_surface(
            body, slab(box(0.26, 0.1, 0.05), 0.02, "light:badge", bevel=0.008), (0, fat * 1.0), sink=0.004
        )
    )
    z = fat * 2 + 0.02
    h = draw(0.12, 0.2)
    parts.append(
        loft(
            [
                (-long * 0.75, 0, z - 0.06),
                (-long * 0.62, 0, z + h * 0.8),
                (0, 0, z + h),
                (long * 0.62, 0, z + h * 0.8),
                (long * 0.75, 0, z - 0.06),
            ],
            0.055,
            0.022,
            "dark:handle",
            power=4,
            along=70,
        )
    )
    parts += [
        on_surface(
            body,
            lathe([(0, 0), (0.03, 0), (0.028, 0.02), (0, 0.022)], "accent:button", around=32),
            (x, 0.0),
            2,
            1.0,
        )
        for x in (-0.12, 0, 0.12)
    ]
    return join(*parts)


def headphones(draw: Draw) -> Mesh:
    """Return headphones: a band across, two cups with cushions."""
    span, tall = draw(0.36, 0.42), draw(0.85, 0.98)
    band_path = [
        (-span, 0, 0.42),
        (-span * 1.02, 0, 0.62),
        (-span * 0.75, 0, tall - 0.08),
        (0, 0, tall),
        (span * 0.75, 0, tall - 0.08),
        (span * 1.02, 0, 0.62),
        (span, 0, 0.42),
    ]
    thick = draw(0.02, 0.03)
    band = loft(
        band_path,
        [0.035, 0.045, 0.07, 0.085, 0.07, 0.045, 0.035],
        thick,
        "main:band",
        power=4,
        along=110,
        around=40,
        caps=(0.01, 0.01),
    )
    limit = tall - draw(0.14, 0.26)
    band = panel(
        band,
        both(above(2, limit)),
        draw.pick(["dark:pad", "accent:pad", "light:pad"]),
        depth=draw(0.008, 0.016),
    )
    rx, rz = draw(0.17, 0.2), draw(0.21, 0.24)
    cushion_outline = np.stack(
        [
            rz * np.cos(np.linspace(0, 2 * np.pi, 64, endpoint=False)),
            rx * np.sin(np.linspace(0, 2 * np.pi, 64, endpoint=False)),
        ],
        1,
    )
    cushion = slab(cushion_outline, 0.09, "dark:cushion", bevel=0.042)
    hole = slab(cushion_outline * 0.55, 0.005, "light:cloth").move(z=0.088)
    shell = slab(cushion_outline * 1.02, 0.05, "main:cup", bevel=0.02).move(z=-0.052)
    plate = (
        slab(
            cushion_outline * draw(0.66, 0.8),
            0.02,
            draw.pick(["accent:plate", "metal:plate", "dark:plate"]),
            bevel=0.01,
            crown=-0.012,
        )
        .turn("x", 180)
        .move(z=-0.05)
    )
    ring = (
        lathe([(0, 0), (0.07, 0), (0.06, 0.012), (0, 0.012)], draw.pick(["light:logo", "dark:logo"]))
        .turn("x", 180)
        .move(z=-0.058)
    )
    cup = join(cushion, hole, shell, plate, ring)
    left = cup.turn("y", 90 + draw(-8, 2)).move(-span - 0.01, 0, 0.26)
    arm = loft(
        [
            (-span - 0.02, -rx * 0.9, 0.26),
            (-span - 0.035, -rx * 0.85, 0.4),
            (-span - 0.02, 0, 0.5),
            (-span - 0.035, rx * 0.85, 0.4),
            (-span - 0.02, rx * 0.9, 0.26),
        ],
        0.02,
        0.016,
        draw.pick(["metal:arm", "main:arm", "accent:arm"]),
        side=(1, 0, 0),
        around=20,
        along=50,
    )
    half = join(left, arm)
    other = Mesh(half.points * (-1, 1, 1), tuple(face[::-1] for face in half.faces), half.labels)
    solid = join(band, half, other)
    if draw.happens(0.5):
        solid = solid + cord(draw, (-span - 0.04, 0, 0.04), (-0.1, -0.1, -1), 0.011)
    return solid


def camera(draw: Draw) -> Mesh:
    """Return a camera looking towards the viewer: body, lens, grip, finder or flash on top."""
    wide, tall, deep = draw(0.5, 0.58), draw(0.34, 0.4), draw(0.14, 0.19)
    body = loft(
        [(-wide, 0, tall / 2), (-wide * 0.4, 0, tall / 2), (wide * 0.4, 0, tall / 2), (wide, 0, tall / 2)],
        [deep * draw(0.8, 1), deep, deep, deep * 0.9],
        [tall / 2 * 0.94, tall / 2, tall / 2, tall / 2 * draw(0.85, 1)],
        "main:body",
        power=draw(4, 8),
        caps=(0.06, 0.06),
        along=100,
        around=120,
    )
    low, high = tall * draw(0.06, 0.15), tall * draw(0.68, 0.78)
    body = panel(
        body,
        lambda p: np.minimum(p[:, 2] - low, high - p[:, 2]),
        draw.pick(["dark:leather", "dark:leather", "accent:leather"]),
        depth=0.006,
    )
    centre, r = draw(-0.02, 0.12), draw(0.17, 0.2)
    long = draw(0.18, 0.38)
    lens = lathe(
        [
            (0, 0),
            (r * 1.08, 0),
            (r * 1.08, 0.03),
            (r, 0.035),
            (r, long * 0.4),
            (r * 0.95, long * 0.42),
            (r * 0.95, long * 0.5),
            (r, long * 0.52),
            (r, long * 0.96),
            (r * 0.94, long),
            (r * 0.8, long),
            (r * 0.72, long - 0.05),
            (0, long - 0.05),
        ],
        "dark:lens",
        radius=0.01,
        around=80,
    )
    lens = panel(lens, lambda p: 0.02 - np.abs(p[:, 2] - long * draw(0.6, 0.61)), "accent:lens ring")
    glass = lathe(
        [(0, long - 0.06), (r * 0.72, long - 0.06), (r * 0.4, long - 0.03), (0, long - 0.02)],
        "glass:glass",
        radius=0.08,
    )
    ribs = [
        pill([(r, 0, long * 0.7), (r, 0, long * 0.9)], 0.008, "dark:lens ribs", along=4, around=6).turn(
            "z", a
        )
        for a in range(0, 360, 9)
    ]
    optic = join(lens, glass, *ribs).turn("x", 90).move(centre, -deep + 0.01, tall * 0.47)
    grip = loft(
        [(0, 0, tall * 0.06), (0, 0, tall * 0.5), (0, 0, tall * 0.96)],
        [0.08, 0.085, 0.075],
        [0.085, 0.08, 0.085],
        "dark:grip",
        power=2.5,
        caps=(0.02, 0.05),
    ).move(-wide + 0.06, -deep + 0.0, 0)
    parts = [body, optic, grip]
    if draw.happens(0.6):
        w = draw(0.13, 0.17)
        prism = slab(
            rounded(
                [
                    (centre - w, -deep * 0.9),
                    (centre + w, -deep * 0.9),
                    (centre + w * 0.75, deep * 0.8),
                    (centre - w * 0.75, deep * 0.8),
                ],
                0.05,
                closed=True,
            ),
            0.13,
            "main:prism",
            bevel=0.06,
        ).move(z=tall - 0.01)
        parts += [
            prism,
            slab(box(0.12, 0.1, 0.01), 0.015, "metal:shoe", bevel=0.004).move(centre, 0.02, tall + 0.115),
        ]
        parts.append(
            on_surface(
                prism,
                slab(box(0.05, 0.14, 0.01), 0.01, "light:badge", bevel=0.004),
                (centre, tall + 0.05),
                sink=0.004,
            )
        )
    else:
        parts.append(
            on_surface(
                body,
                slab(box(0.1, 0.17, 0.02), 0.012, "glass:finder", bevel=0.006),
                (wide * 0.6, tall * 0.86),
                sink=0.002,
            )
        )
        parts.append(slab(box(0.24, 0.12, 0.02), 0.05, "main:hump", bevel=0.02).move(centre, 0, tall - 0.01))
    parts.append(
        lathe([(0, 0), (0.062, 0), (0.062, 0.05), (0, 0.052)], "metal:mode dial").move(
            wide * 0.55, 0.02, tall - 0.005
        )
    )
    parts.append(
        lathe(
            [(0, 0), (0.045, 0), (0.04, 0.03), (0.026, 0.035), (0.024, 0.05), (0, 0.052)], "accent:shutter"
        ).move(-wide + 0.07, -0.05, tall - 0.01)
    )
    parts.append(
        lathe([(0, 0), (0.04, 0), (0.04, 0.03), (0, 0.03)], "dark:wheel").move(-wide + 0.2, 0.0, tall - 0.005)
    )
    for x in (-1, 1):
        parts.append(
            loft(
                [
                    (x * (wide + 0.04), -0.03, tall * 0.84),
                    (x * (wide + 0.085), 0, tall * 0.84),
                    (x * (wide + 0.04), 0.03, tall * 0.84),
                ],
                0.01,
                0.01,
                "metal:eyelet",
                side=(0, 0, 1),
                around=10,
            )
        )
    return join(*parts)


def mouse(draw: Draw) -> Mesh:
    """Return a computer mouse, its buttons at the left."""
    wide, tall, hump = draw(0.27, 0.33), draw(0.29, 0.38), draw(0.05, 0.2)
    body = loft(
        [
            (-0.52, 0, 0.05),
            (-0.4, 0, 0.05),
            (-0.1, 0, 0.05),
            (hump, 0, 0.05),
            (0.38, 0, 0.05),
            (0.5, 0, 0.05),
        ],
        [wide * 0.72, wide * 0.92, wide * draw(0.86, 0.95), wide, wide * 0.9, wide * 0.65],
        [tall * 0.42, tall * 0.6, tall * 0.92, tall, tall * 0.8, tall * 0.5],
        "main:body",
        low=0.1,
        power=draw(2.3, 3),
        caps=(0.05, 0.1),
        along=110,
        around=110,
    )
    flank = rounded(
        [
            (-0.7, 0.0),
            (-0.7, 0.1),
            (-0.2, draw(0.12, 0.18)),
            (0.2, draw(0.12, 0.2)),
            (0.42, 0.1),
            (0.7, draw(0.04, 0.2)),
            (0.7, -0.1),
            (-0.7, -0.1),
        ],
        0.2,
        closed=True,
    )
    body = panel(
        body,
        inside(flank),
        draw.pick(["dark:flank", "dark:flank", "accent:flank"]),
        depth=draw.pick([0.008, -0.006]),
    )
    stop = draw(-0.12, -0.02)
    curve = draw(0.3, 1.2)
    body = panel(
        body,
        lambda p: stop - curve * p[:, 1] ** 2 - p[:, 0],
        draw.pick(["main:buttons", "light:buttons", "dark:buttons"]),
        depth=0.006,
        on="main",
    )
    body = panel(
        body,
        both(lambda p: 0.012 - np.abs(p[:, 1]), above(0, stop, -1), above(2, 0.1)),
        "dark:gap",
        depth=-0.02,
    )
    spine = rounded(
        [(-0.5, -0.06), (stop + 0.12, -0.04), (stop + 0.2, 0), (stop + 0.12, 0.04), (-0.5, 0.06)],
        0.05,
        closed=True,
    )
    body = panel(body, both(inside(spine, (0, 1)), above(2, 0.12)), "dark:spine", depth=-0.004, on="main")
    wheel = lathe(
        [(0, -0.035), (0.075, -0.035), (0.085, -0.02), (0.085, 0.02), (0.075, 0.035), (0, 0.035)],
        "accent:wheel",
        radius=0.01,
    ).turn("x", 90)
    x = -0.3
    crest = body.points[(np.abs(body.points[:, 0] - x) < 0.05) & (np.abs(body.points[:, 1]) < 0.1), 2].max()
    parts = [body, wheel.move(x, 0, crest - 0.03)]
    notches = [
        pill(
            [(0.086 * np.cos(a), -0.03, 0.086 * np.sin(a)), (0.086 * np.cos(a), 0.03, 0.086 * np.sin(a))],
            0.007,
            "dark:wheel ribs",
            along=4,
            around=6,
        ).move(x, 0, crest - 0.03)
        for a in np.radians(np.arange(0, 360, 24))
    ]
    parts += notches
    zs = tall * 0.42
    parts += [
        on_surface(
            body,
            slab(box(0.045, 0.16, 0.02), 0.02, "light:thumb", bevel=0.009).turn("z", 0),
            (a, zs + 0.07),
            sink=0.008,
        )
        for a in (-0.16, 0.03)
    ]
    parts.append(
        on_surface(
            body,
            slab(box(0.05, 0.07, 0.02), 0.012, "accent:light", bevel=0.005),
            (hump + 0.1, 0),
            2,
            1.0,
            sink=0.004,
        )
    )
    if draw.happens(0.55):
        parts.append(cord(draw, (-0.55, 0, 0.1), (-1, 0.1, 0.15), 0.013))
    return join(*parts)
