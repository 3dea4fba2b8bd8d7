"""What is worn, carried or used on the body."""

import numpy as np

from products.draw import Draw
from products.families.base import circle, cord
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


def dryer(draw: Draw) -> Mesh:
    """Return a hair dryer: barrel with a flat nozzle at the left and a grille at the right, handle below."""
    fat, back, z = draw(0.17, 0.21), draw(0.24, 0.32), 0.72
    barrel = loft(
        [(-0.36, 0, z), (-0.15, 0, z), (0.1, 0, z), (back, 0, z)],
        [fat * 0.62, fat * 0.74, fat, fat * 0.95],
        [fat * 0.62, fat * 0.74, fat, fat * 0.95],
        "main:barrel",
        caps=(0.01, 0.03),
        along=90,
        around=90,
    )
    wave = rounded(
        [
            (-0.5, z - 0.05),
            (-0.1, z + draw(-0.04, 0.02)),
            (0.1, z - draw(0.0, 0.08)),
            (0.8, z + 0.05),
            (0.8, z - 0.4),
            (-0.5, z - 0.4),
        ],
        0.3,
        closed=True,
    )
    barrel = panel(
        barrel, inside(wave), draw.pick(["accent:belly", "light:belly", "dark:belly"]), depth=0.006
    )
    barrel = panel(barrel, above(0, back - draw(0.03, 0.07)), "dark:grille ring", depth=0.01)
    barrel = panel(
        barrel, above(0, -0.36 + draw(0.04, 0.1), -1), draw.pick(["metal:ring", "dark:ring"]), depth=0.006
    )
    parts = [barrel]
    for radius in np.linspace(0.03, fat * 0.8, 5):
        parts.append(
            lathe(
                [(radius - 0.007, 0), (radius - 0.007, 0.016), (radius + 0.007, 0.016), (radius + 0.007, 0)],
                "dark:grille",
                radius=0.005,
                around=40,
            )
            .turn("y", 90)
            .move(back + 0.028, 0, z)
        )
    if draw.happens(0.75):
        spread = draw(0.13, 0.18)
        parts.append(
            loft(
                [(-0.35, 0, z), (-0.41, 0, z), (-0.5, 0, z), (-0.57, 0, z)],
                [fat * 0.6, fat * 0.6, spread, spread * 1.05],
                [fat * 0.6, fat * 0.55, 0.035, 0.02],
                "dark:nozzle",
                power=2.4,
            )
        )
        parts.append(
            slab(box(0.016, spread * 1.7, 0.008), 0.006, "light:slot").turn("y", -90).move(-0.572, 0, z)
        )
    else:
        parts.append(
            lathe(
                [
                    (0, 0),
                    (fat * 0.62, 0),
                    (fat * 0.58, 0.09),
                    (fat * 0.5, 0.09),
                    (fat * 0.48, 0.02),
                    (0, 0.02),
                ],
                "dark:nozzle",
            )
            .turn("y", -90)
            .move(-0.36, 0, z)
        )
    lean = draw(-0.02, 0.1)
    handle = loft(
        [
            (0.08, 0, z - fat * 0.7),
            (0.09 + lean * 0.3, 0, 0.42),
            (0.1 + lean, 0, 0.22),
            (0.1 + lean, 0, 0.06),
        ],
        [0.075, 0.068, 0.072, 0.06],
        [0.1, 0.08, 0.085, 0.07],
        draw.pick(["main:handle", "dark:handle"]),
        caps=(0, 0.05),
        power=2.4,
        along=70,
        around=64,
    )
    sleeve = rounded(
        [(0.1, 0.46), (0.5, 0.5), (0.5, 0.02), (0.13 + lean, 0.06), (0.09 + lean * 0.7, 0.26)],
        0.15,
        closed=True,
    )
    handle = panel(handle, inside(sleeve), "dark:sleeve", depth=0.007)
    parts.append(handle)
    x = 0.07 + lean * 0.3
    parts += [
        on_surface(
            handle, slab(box(0.06, 0.028, 0.012), 0.02, label, bevel=0.007), (0, level), 0, -1.0, sink=0.004
        )
        for level, label in ((0.4, "accent:switch"), (0.32, "light:switch"))
    ]
    parts.append(
        on_surface(
            barrel,
            slab(box(0.12, 0.035, 0.017), 0.01, "light:badge", bevel=0.004),
            (x - 0.02, z + 0.05),
            sink=0.003,
        )
    )
    return join(*parts, cord(draw, (0.1 + lean, 0, 0.02), (0.25, 0.05, -1)))


def razor(draw: Draw) -> Mesh:
    """Return an electric shaver standing upright: a waisted body, a head of rotors or a foil."""
    wide, tall, bend = draw(0.15, 0.18), draw(0.72, 0.85), draw(0.0, 0.06)
    levels = np.array([0.04, 0.18, 0.45, 0.66, 0.85, 1.0]) * tall
    xs = [draw(0, 0.02), 0.0, 0.0, bend * 0.3, bend, bend]
    widths = np.array([0.72, 0.95, 1.0, 0.82, 0.8, 0.95]) * wide
    body = loft(
        [(x, 0, z) for x, z in zip(xs, levels, strict=True)],
        widths,
        widths * draw(0.7, 0.85),
        "main:body",
        power=draw(2.2, 3),
        caps=(0.06, 0.03),
        along=90,
        around=80,
        side=(0, 1, 0),
    ).turn("z", 90)
    shield = rounded(
        [
            (-wide * 0.55, tall * 0.12),
            (wide * 0.55, tall * 0.12),
            (wide * 0.72, tall * 0.5),
            (wide * 0.5, tall * 0.93),
            (-wide * 0.5, tall * 0.93),
            (-wide * 0.72, tall * 0.5),
        ],
        0.12,
        closed=True,
    )
    body = panel(
        body,
        both(inside(shield), above(1, 0, -1)),
        draw.pick(["dark:front", "light:front", "accent:front"]),
        depth=0.008,
    )
    body = panel(
        body,
        both(lambda p: np.abs(p[:, 0]) - wide * 0.82, above(2, tall * 0.14), above(2, tall * 0.7, -1)),
        "dark:grip",
        depth=0.008,
        on="main",
    )
    neck = loft([(0, 0, tall - 0.01), (0, 0, tall + 0.06)], 0.09, 0.09, "dark:neck").move(y=bend)
    parts = [body, neck]
    if draw.happens(0.6):
        z, r = tall + 0.05, draw(0.085, 0.1)
        spots = (
            [(-r * 0.95, -r * 0.5), (r * 0.95, -r * 0.5), (0, r * 1.05)]
            if draw.happens(0.7)
            else [(-r, 0), (r, 0)]
        )
        head = [
            slab(
                rounded(
                    np.array(
                        [(-2.2 * r, -1.5 * r), (2.2 * r, -1.5 * r), (0.9 * r, 2.2 * r), (-0.9 * r, 2.2 * r)]
                    ),
                    0.12,
                    closed=True,
                ),
                0.07,
                "main:head",
                bevel=0.03,
            ).move(z=z)
        ]
        rotor = join(
            lathe([(0, 0), (r, 0), (r * 0.95, 0.045), (r * 0.55, 0.055), (0, 0.03)], "metal:rotor"),
            lathe([(0, 0.03), (r * 0.4, 0.03), (r * 0.3, 0.055), (0, 0.06)], "accent:rotor cap"),
        )
        head += [rotor.move(a, b, z + 0.06) for a, b in spots]
        parts.append(join(*head).turn("x", 28, (0, 0, z)).move(y=bend))
    else:
        z = tall + 0.04
        block = loft(
            [(-wide, bend, z + 0.05), (wide, bend, z + 0.05)],
            0.085,
            0.06,
            "main:head",
            power=3,
            caps=(0.03, 0.03),
            side=(0, 1, 0),
        )
        foils = [
            loft(
                [(-wide * 0.85, bend + y, z + 0.1), (wide * 0.85, bend + y, z + 0.1)],
                0.03,
                0.045,
                "metal:foil",
                caps=(0.01, 0.01),
            )
            for y in (-0.045, 0.045)
        ]
        parts += [
            block,
            *foils,
            loft(
                [(-wide * 0.85, bend, z + 0.1), (wide * 0.85, bend, z + 0.1)], 0.012, 0.035, "accent:cutter"
            ),
        ]
    parts.append(
        on_surface(
            body,
            lathe([(0, 0), (0.05, 0), (0.05, 0.02), (0.035, 0.026), (0, 0.02)], "metal:button"),
            (0, tall * 0.62),
            sink=0.004,
        )
    )
    zs = tall * np.linspace(0.2, 0.42, draw.whole(4, 6))
    parts.append(
        slits(body, [(-wide * 0.4, z) for z in zs], [(wide * 0.4, z) for z in zs], 0.007, "dark:ribs")
    )
    parts.append(on_surface(body, slab(box(0.1, 0.04, 0.015), 0.008, "glass:display"), (0, tall * 0.5)))
    return join(*parts)


def bottle(draw: Draw) -> Mesh:
    """Return a drinking bottle: a turned body with grip band, a cap and a loop."""
    wide, tall = draw(0.16, 0.21), draw(0.62, 0.8)
    waist, shoulder = draw(0.78, 1.0), draw(0.72, 0.86)
    neck = wide * draw(0.5, 0.7)
    profile = [
        (0, 0),
        (wide * 0.96, 0),
        (wide, 0.06),
        (wide, tall * 0.3),
        (wide * waist, tall * 0.52),
        (wide, tall * 0.7),
        (wide, tall * shoulder),
        (neck, tall * 0.98),
        (neck, tall + 0.02),
        (0, tall + 0.02),
    ]
    body = lathe(profile, draw.pick(["main:body", "main:body", "glass:body"]), radius=0.07)
    low, high, tilt = tall * draw(0.3, 0.4), tall * draw(0.58, 0.68), draw(-0.5, 0.5)
    body = panel(
        body,
        lambda p: np.minimum(p[:, 2] - low - tilt * p[:, 0], high + tilt * p[:, 0] - p[:, 2]),
        draw.pick(["dark:grip", "dark:grip", "accent:band"]),
        depth=0.009,
    )
    body = panel(
        body,
        above(2, draw(0.05, 0.1), -1),
        draw.pick(["dark:foot", "accent:foot", "metal:foot"]),
        depth=0.004,
    )
    cap_label = draw.pick(["accent:cap", "dark:cap", "light:cap"])
    cap = lathe(
        [
            (0, tall),
            (neck + 0.025, tall),
            (neck + 0.03, tall + 0.02),
            (neck + 0.022, tall + 0.13),
            (0, tall + 0.14),
        ],
        cap_label,
    )
    ribs = [
        pill(
            [(neck + 0.025, 0, tall + 0.02), (neck + 0.021, 0, tall + 0.1)],
            0.007,
            cap_label,
            along=4,
            around=6,
        ).turn("z", a)
        for a in range(0, 360, 18)
    ]
    parts = [body, cap, *ribs]
    if draw.happens(0.5):
        parts.append(
            lathe(
                [
                    (0, tall + 0.13),
                    (0.055, tall + 0.13),
                    (0.045, tall + 0.17),
                    (0.05, tall + 0.2),
                    (0.035, tall + 0.23),
                    (0, tall + 0.235),
                ],
                "light:spout",
            )
        )
        parts.append(
            loft(
                [
                    (neck + 0.01, 0, tall + 0.06),
                    (neck + 0.1, 0, tall + 0.07),
                    (neck + 0.13, 0, tall - 0.03),
                    (neck + 0.07, 0, tall - 0.12),
                ],
                0.035,
                0.01,
                "dark:strap",
                power=4,
            )
        )
    else:
        r = neck * 0.9
        parts.append(
            loft(
                [
                    (-r, 0, tall + 0.1),
                    (-r * 1.05, 0, tall + 0.2),
                    (0, 0, tall + 0.28),
                    (r * 1.05, 0, tall + 0.2),
                    (r, 0, tall + 0.1),
                ],
                0.035,
                0.014,
                "dark:loop",
                power=3,
            )
        )
    levels = np.linspace(low + 0.05, high - 0.05, draw.whole(3, 5))
    parts.append(
        slits(body, [(-wide * 0.5, z) for z in levels], [(wide * 0.5, z) for z in levels], 0.008, "dark:ribs")
    )
    return join(*parts)


def watch(draw: Draw) -> Mesh:
    """Return a sports watch: case with bezel and dial, crown, and two halves of a strap."""
    r, thick = draw(0.27, 0.31), draw(0.11, 0.15)
    outline = circle(r) if draw.happens(0.6) else box(2 * r * 0.95, 2 * r * draw(1.0, 1.12), r * 0.5)
    case = slab(outline, thick, "main:case", bevel=0.03)
    bezel = lathe(
        [
            (r * 0.7, thick - 0.01),
            (r * 0.94, thick - 0.01),
            (r * 0.9, thick + 0.04),
            (r * 0.74, thick + 0.05),
            (r * 0.7, thick + 0.02),
        ],
        draw.pick(["metal:bezel", "accent:bezel", "dark:bezel"]),
        radius=0.012,
    )
    face = lathe(
        [(0, thick - 0.01), (r * 0.73, thick - 0.01), (r * 0.73, thick + 0.025), (0, thick + 0.03)],
        "dark:face",
        radius=0.01,
    )
    parts = [case, bezel, face]
    for hour in range(12):
        parts.append(
            pill(
                [(0, r * 0.6, thick + 0.03), (0, r * (0.5 if hour % 3 == 0 else 0.55), thick + 0.03)],
                0.01 if hour % 3 == 0 else 0.006,
                "light:indices",
                along=4,
                around=6,
            ).turn("z", hour * 30)
        )
    for length, turn in ((0.34, draw(0, 360)), (0.5, draw(0, 360))):
        parts.append(
            pill(
                [(0, -0.04, thick + 0.04), (0, r * length, thick + 0.04)],
                0.009,
                "light:hands",
                along=6,
                around=6,
            ).turn("z", turn)
        )
    parts.append(
        slab(box(0.2 * r, 0.16 * r, 0.01), 0.012, "accent:window", bevel=0.004).move(
            r * 0.42, 0, thick + 0.022
        )
    )
    for angle, long in ((0, 0.07), (32, 0.05), (-32, 0.05)):
        label = "accent:crown" if angle == 0 else "metal:pusher"
        parts.append(
            lathe([(0, 0), (0.03, 0), (0.035, long), (0, long)], label, around=24, radius=0.008)
            .turn("y", 90)
            .move(r * 0.96, 0, thick * 0.5)
            .turn("z", angle)
        )
    wide = draw(0.17, 0.2)
    for sign in (1, -1):
        drop = [
            (0, sign * (r - 0.04), thick * 0.55),
            (0, sign * (r + 0.1), thick * 0.4),
            (0, sign * (r + 0.25), -0.1),
            (0, sign * (r + 0.22), -0.34),
            (0, sign * (r + 0.02), -0.52),
        ]
        if sign < 0:
            drop = drop[:-1] + [(0, -(r + 0.08), -0.46)]
        strap = loft(
            drop,
            [wide, wide * 0.92, wide * 0.82, wide * 0.78, wide * 0.76],
            0.028,
            "dark:strap",
            power=5,
            side=(1, 0, 0),
            caps=(0, 0.02),
            along=60,
        )
        parts.append(
            panel(
                strap,
                lambda p: wide * 0.36 - np.abs(p[:, 0]),
                draw.pick(["accent:strap stripe", "dark:strap groove"]),
                depth=0.004,
            )
        )
    return join(*parts).turn("x", draw(55, 70))


def helmet(draw: Draw) -> Mesh:
    """Return a motorcycle helmet looking to the left: shell, visor, chin bar, vents."""
    wide = draw(0.36, 0.39)
    rise = np.radians([0, 22, 42, 60, 74, 84])
    levels = [0.02, 0.12, *(0.3 + 0.5 * np.sin(rise))]
    share = np.array([0.74, 0.86, *np.cos(rise)])
    shell = loft(
        [(0.05 * max(0.0, z - 0.3), 0, z) for z in levels],
        wide * share,
        0.46 * share,
        "main:shell",
        caps=(0.03, 0.02),
        power=2.1,
        along=110,
        around=120,
    )
    chin = (shell.points[:, 0] < 0) & (shell.points[:, 2] < 0.34)
    points = shell.points.copy()
    points[chin, 0] *= 1 + draw(0.1, 0.22) * np.sin(np.clip((0.34 - points[chin, 2]) / 0.34, 0, 1) * np.pi)
    shell = Mesh(points, shell.faces, shell.labels)
    low, high = draw(0.28, 0.33), draw(0.53, 0.58)
    visor = rounded(
        [
            (-0.9, low - 0.02),
            (-0.2, low),
            (draw(0.1, 0.2), low + 0.08),
            (0.08, high),
            (-0.2, high + 0.02),
            (-0.9, high),
        ],
        0.1,
        closed=True,
    )
    frame = visor + (visor - visor.mean(0)) * (0.04, 0.22)
    shell = panel(shell, inside(frame), draw.pick(["dark:gasket", "accent:gasket"]), depth=0.004)
    shell = panel(shell, inside(visor), draw.pick(["glass:visor", "dark:visor"]), depth=0.012)
    swoosh = rounded(
        [
            (-0.2, 0.74),
            (0.15, draw(0.6, 0.7)),
            (0.7, draw(0.35, 0.5)),
            (0.7, draw(0.2, 0.3)),
            (0.2, 0.48),
            (0.05, 0.6),
            (-0.2, 0.66),
        ],
        0.2,
        closed=True,
    )
    shell = panel(
        shell,
        inside(swoosh),
        draw.pick(["accent:graphic", "dark:graphic", "light:graphic"]),
        depth=0.006,
        on="main",
    )
    lower = rounded(
        [
            (-0.9, -0.2),
            (0.9, -0.2),
            (0.9, 0.1),
            (0.2, draw(0.06, 0.12)),
            (-0.2, draw(0.1, 0.2)),
            (-0.9, 0.12),
        ],
        0.15,
        closed=True,
    )
    shell = panel(shell, inside(lower), draw.pick(["dark:trim", "accent:trim"]), depth=0.006, on="main")
    pivot = lathe([(0, 0), (0.06, 0), (0.055, 0.03), (0, 0.035)], draw.pick(["metal:pivot", "dark:pivot"]))
    front = on_surface(shell, pivot, (0.06, (low + high) / 2), sink=0.006)
    vent = slits(
        shell,
        [(y, 0.18) for y in (-0.09, 0.0, 0.09)],
        [(y + 0.05, 0.19) for y in (-0.09, 0.0, 0.09)],
        0.014,
        "dark:vents",
        0,
        -1.0,
    )
    return join(shell, front, front.mirror(), vent)
