"""Tools for work and for cleaning."""

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
    on_surface,
    panel,
    pill,
    rounded,
    slab,
    slits,
)


def drill(draw: Draw) -> Mesh:
    """Return a cordless drill: barrel with chuck at the left, grip with trigger, battery below."""
    fat, back = draw(0.14, 0.17), draw(0.24, 0.34)
    barrel = loft(
        [(-0.34, 0, 0.72), (-0.2, 0, 0.725), (0.0, 0, 0.73), (back, 0, 0.72)],
        [fat * 0.72, fat * 0.82, fat, fat * 0.86],
        [fat * 0.74, fat * 0.86, fat * 1.05, fat * 0.9],
        "main:barrel",
        power=draw(2.2, 3.2),
        caps=(0.02, draw(0.05, 0.12)),
        along=80,
        around=80,
    )
    swoosh = rounded(
        [
            (-0.5, 0.72 + draw(-0.03, 0.03)),
            (-0.1, 0.7),
            (back + 0.3, 0.76),
            (back + 0.3, 0.5),
            (0.1, 0.52),
            (-0.1, 0.62),
            (-0.5, 0.66),
        ],
        draw(0.05, 0.3),
        closed=True,
    )
    barrel = panel(barrel, inside(swoosh), draw.pick(["dark:grip", "dark:grip", "accent:flank"]), depth=0.009)
    barrel = panel(barrel, above(0, back - draw(0.0, 0.03)), "dark:back", depth=0.008)
    collar = (
        lathe([(0, 0), (fat * 0.7, 0), (fat * 0.7, 0.07), (0, 0.07)], "accent:torque ring")
        .turn("y", -90)
        .move(-0.335, 0, 0.722)
    )
    chuck = (
        lathe(
            [
                (0, 0),
                (0.092, 0),
                (0.092, 0.08),
                (0.075, 0.1),
                (0.075, 0.14),
                (0.04, 0.19),
                (0.02, 0.2),
                (0, 0.2),
            ],
            "dark:chuck",
            radius=0.012,
        )
        .turn("y", -90)
        .move(-0.405, 0, 0.722)
    )
    ribs = [
        pill(
            [
                (-0.42, 0.092 * np.cos(a), 0.722 + 0.092 * np.sin(a)),
                (-0.475, 0.092 * np.cos(a), 0.722 + 0.092 * np.sin(a)),
            ],
            0.007,
            "dark:chuck ribs",
            along=5,
            around=6,
        )
        for a in np.radians(np.arange(0, 360, 20))
    ]
    bit = (
        lathe([(0, 0), (0.014, 0), (0.014, draw(0.12, 0.25)), (0, 0.3)], "metal:bit", radius=0.01, around=20)
        .turn("y", -90)
        .move(-0.6, 0, 0.722)
    )
    lean = draw(0.04, 0.12)
    grip = loft(
        [(0.08, 0, 0.66), (0.11 + lean * 0.3, 0, 0.48), (0.12 + lean * 0.7, 0, 0.3), (0.1 + lean, 0, 0.14)],
        [0.09, 0.078, 0.08, 0.1],
        [0.13, 0.088, 0.085, 0.11],
        "main:handle",
        power=2.5,
        along=60,
        around=64,
    )
    sleeve = rounded(
        [(0.12, 0.7), (0.5, 0.62), (0.5, 0.2), (0.13 + lean, 0.2), (0.1 + lean * 0.5, 0.42)],
        0.12,
        closed=True,
    )
    grip = panel(grip, inside(sleeve), "dark:sleeve", depth=0.008)
    trigger = loft(
        [(-0.035, 0, 0.6), (-0.01, 0, 0.54), (0.02, 0, 0.47)],
        0.045,
        0.05,
        "accent:trigger",
        power=3,
        caps=(0.02, 0.02),
        along=16,
        around=32,
    )
    x = 0.1 + lean
    deck = loft(
        [(x - 0.2, 0, 0.1), (x, 0, 0.11), (x + 0.15, 0, 0.1)],
        [0.1, 0.115, 0.1],
        0.05,
        "main:deck",
        power=4,
        caps=(0.03, 0.03),
        around=64,
    )
    battery = loft(
        [(x - 0.21, 0, 0.03), (x, 0, 0.03), (x + 0.15, 0, 0.03)],
        [0.105, 0.12, 0.1],
        0.055,
        "dark:battery",
        power=5,
        caps=(0.03, 0.03),
        around=64,
    )
    latch = slab(box(0.12, 0.04, 0.015), 0.02, "accent:latch", bevel=0.008)
    parts = [
        barrel,
        collar,
        chuck,
        *ribs,
        bit,
        grip,
        trigger,
        deck,
        battery,
        on_surface(battery, latch, (x - 0.02, 0.035), sink=0.005),
    ]
    count = draw.whole(3, 5)
    xs = back - 0.06 - np.arange(count) * 0.036
    parts.append(slits(barrel, [(a, 0.74) for a in xs], [(a - 0.025, 0.81) for a in xs], 0.009, "dark:vents"))
    if draw.happens(0.6):
        parts.append(
            on_surface(
                barrel,
                slab(box(0.13, 0.045, 0.02), 0.012, "light:badge", bevel=0.005),
                (-0.12, 0.765),
                sink=0.003,
            )
        )
    return join(*parts)


def iron(draw: Draw) -> Mesh:
    """Return a steam iron with its tip at the left: sole plate, body, arched handle, cord."""
    tall = draw(0.24, 0.32)
    x = [-0.62, -0.5, -0.25, 0.05, 0.35, 0.46]
    wide = [0.02, 0.1, 0.2, 0.25, 0.24, 0.19]
    outline = np.array([*zip(x, np.negative(wide), strict=True), *list(zip(x, wide, strict=True))[::-1]])
    sole = slab(rounded(outline * (1.03, 1.06), 0.2, closed=True), 0.035, "metal:sole", bevel=0.012)
    skirt = slab(rounded(outline * (1.0, 1.0), 0.2, closed=True), 0.05, "dark:skirt", bevel=0.015).move(
        z=0.036
    )
    body = loft(
        [(a, 0, 0.08) for a in (-0.57, -0.5, -0.25, 0.05, 0.35, 0.44)],
        [0.03, 0.085, 0.185, 0.23, 0.215, 0.17],
        [0.03, 0.07, tall * 0.62, tall, tall * 1.1, tall * 0.85],
        "main:body",
        low=0.05,
        power=draw(2.0, 2.6),
        caps=(0.02, 0.07),
        along=80,
        around=90,
    )
    flow = rounded(
        [
            (-0.8, 0.02),
            (-0.35, draw(0.1, 0.14)),
            (0.0, draw(0.1, 0.16)),
            (0.3, draw(0.2, 0.3)),
            (0.7, 0.3),
            (0.7, -0.1),
            (-0.8, -0.1),
        ],
        0.25,
        closed=True,
    )
    body = panel(body, inside(flow), draw.pick(["light:flank", "accent:flank", "dark:flank"]), depth=0.007)
    tank = rounded([(-0.6, 0.1), (-0.3, 0.16), (-0.02, 0.2), (-0.02, 0.5), (-0.5, 0.5)], 0.08, closed=True)
    body = panel(body, inside(tank), "glass:tank", depth=-0.006, on="main")
    top = 0.08 + tall
    arch = draw(0.2, 0.26)
    handle = loft(
        [
            (-0.22, 0, top - 0.12),
            (-0.2, 0, top + arch * 0.55),
            (-0.06, 0, top + arch),
            (0.16, 0, top + arch * 0.98),
            (0.37, 0, top + arch * 0.66),
            (0.42, 0, top - 0.1),
        ],
        [0.06, 0.055, 0.06, 0.06, 0.06, 0.1],
        [0.06, 0.045, 0.045, 0.045, 0.05, 0.08],
        "main:handle",
        power=2.4,
        along=90,
        around=48,
    )
    rubber = rounded(
        [
            (-0.14, top + arch + 0.2),
            (0.5, top + arch + 0.2),
            (0.5, top + arch * draw(0.75, 0.9)),
            (0.12, top + arch * 0.93),
            (-0.12, top + arch * 0.98),
        ],
        0.1,
        closed=True,
    )
    handle = panel(handle, inside(rubber), "dark:rubber", depth=0.007)
    knob = dial(draw, draw(0.06, 0.08)).move(0.1, 0, top - 0.005)
    parts = [sole, skirt, body, handle, knob]
    parts += [
        lathe([(0, 0), (0.028, 0), (0.028, 0.025), (0, 0.03)], label, around=32)
        .turn("y", -20)
        .move(x, 0, top + arch * 0.9)
        for x, label in ((-0.15, "accent:steam"), (-0.08, "light:spray"))
    ]
    nozzle = (
        lathe([(0, 0), (0.03, 0), (0.018, 0.05), (0, 0.05)], "accent:nozzle", around=24)
        .turn("y", -60)
        .move(-0.38, 0, 0.2)
    )
    return join(*parts, nozzle, cord(draw, (0.44, 0, top + arch * 0.42), (1, 0, 0.6)))


def torch(draw: Draw) -> Mesh:
    """Return a torch along x, its lens at the left."""
    head, body, long = draw(0.17, 0.22), draw(0.095, 0.12), draw(0.75, 0.95)
    profile = [
        (0, 0),
        (body * 0.92, 0),
        (body * 1.0, 0.05),
        (body, long - 0.22),
        (head * draw(0.8, 0.95), long - 0.02),
        (head, long + 0.02),
        (head, long + 0.15),
        (head - 0.025, long + 0.17),
        (head - 0.03, long + 0.12),
        (0, long + 0.1),
    ]
    tube = lathe(profile, "main:body", radius=0.05, around=96)
    tube = panel(
        tube,
        lambda p: np.minimum(p[:, 2] - long * 0.12, long * draw(0.58, 0.62) - p[:, 2]),
        "dark:grip",
        depth=0.01,
    )
    tube = panel(
        tube,
        above(2, long + draw(0.03, 0.08)),
        draw.pick(["dark:bezel", "accent:bezel", "metal:bezel"]),
        depth=0.006,
        on="main",
    )
    tube = panel(tube, above(2, 0.05, -1), draw.pick(["accent:cap", "dark:cap"]), depth=0.005, on="main")
    lens = lathe(
        [(0, long + 0.1), (head - 0.028, long + 0.1), (head - 0.06, long + 0.14), (0, long + 0.15)],
        "glass:lens",
        radius=0.04,
    )
    parts = [tube, lens]
    count = draw.whole(6, 9)
    if draw.happens(0.5):
        for z in np.linspace(long * 0.17, long * 0.52, count):
            parts.append(
                lathe(
                    [
                        (body, z - 0.013),
                        (body + 0.021, z - 0.009),
                        (body + 0.021, z + 0.009),
                        (body, z + 0.013),
                    ],
                    "dark:ribs",
                    around=64,
                )
            )
    else:
        for angle in np.arange(0, 360, 30):
            parts.append(
                pill(
                    [(body + 0.01, 0, long * 0.18), (body + 0.01, 0, long * 0.52)],
                    0.011,
                    "dark:ribs",
                    along=8,
                    around=8,
                ).turn("z", float(angle))
            )
    slider = slab(box(0.16, 0.07, 0.03), 0.03, "accent:switch", bevel=0.012)
    parts.append(on_surface(tube, slider, (0, long * 0.72), 0, -1.0, sink=0.008))  # on the top once turned
    solid = join(*parts).turn("y", -90)
    if draw.happens(0.4):
        solid = solid + loft(
            [
                (-0.03, 0, 0),
                (0.05, 0.02, -0.05),
                (0.14, 0.02, -0.16),
                (0.1, 0, -0.24),
                (0.02, 0, -0.16),
                (0, 0, -0.03),
            ],
            0.011,
            0.011,
            "accent:strap",
            around=8,
            side=(0, 1, 0),
        )
    return solid.turn("y", draw(-8, 4))


def vacuum(draw: Draw) -> Mesh:
    """Return a canister vacuum cleaner, its hose at the left, large wheels at the right."""
    tall, wide = draw(0.3, 0.36), draw(0.27, 0.32)
    body = loft(
        [(-0.45, 0, 0.2), (-0.25, 0, 0.22), (0.05, 0, 0.24), (0.35, 0, 0.25), (0.5, 0, 0.24)],
        [0.14, wide * 0.85, wide, wide * 0.95, wide * 0.7],
        [0.1, tall * 0.75, tall, tall * 0.98, tall * 0.7],
        "main:body",
        low=0.45,
        power=draw(2.2, 3),
        caps=(0.06, 0.14),
        along=80,
        around=90,
    )
    belly = rounded(
        [
            (-0.8, 0.17),
            (-0.2, draw(0.2, 0.26)),
            (0.1, draw(0.16, 0.3)),
            (0.9, 0.3),
            (0.9, -0.3),
            (-0.8, -0.3),
        ],
        0.3,
        closed=True,
    )
    body = panel(body, inside(belly), draw.pick(["dark:belly", "light:belly"]), depth=0.008)
    start = draw(-0.4, -0.3)
    dust = rounded([(start, 0.24), (-0.02, 0.32), (0.1, 0.8), (start, 0.8)], 0.1, closed=True)
    body = panel(body, inside(dust), "glass:dust box", depth=-0.008, on="main")
    radius = draw(0.2, 0.25)
    wheel = lathe(
        [
            (0, 0),
            (radius * 0.8, 0),
            (radius, 0.025),
            (radius, 0.08),
            (radius * 0.82, 0.1),
            (radius * 0.78, 0.08),
            (radius * 0.3, 0.1),
            (0, 0.11),
        ],
        "dark:wheel",
        radius=0.02,
    )
    wheel = panel(
        wheel,
        both(lambda p: radius * 0.79 - np.hypot(p[:, 0], p[:, 1]), above(2, 0.05)),
        draw.pick(["light:hub", "accent:hub", "main:hub"]),
    )
    front = wheel.turn("x", 90).move(0.33, -wide * 0.82, radius)
    parts = [body, front, front.mirror()]
    top = 0.24 + tall
    parts.append(
        loft(
            [
                (-0.12, 0, top - 0.09),
                (-0.05, 0, top + 0.06),
                (0.12, 0, top + 0.1),
                (0.32, 0, top + 0.06),
                (0.42, 0, top - 0.1),
            ],
            [0.07, 0.05, 0.05, 0.05, 0.09],
            0.028,
            "dark:handle",
            power=3,
        )
    )
    parts.append(
        lathe([(0, 0), (0.085, 0), (0.075, 0.08), (0.06, 0.1), (0, 0.1)], "accent:socket")
        .turn("y", -75)
        .move(-0.47, 0, 0.22)
    )
    swing = draw(-0.25, 0.1)
    path = np.array(
        [
            (-0.5, 0, 0.23),
            (-0.72, 0, 0.3),
            (-0.95, swing * 0.6, 0.55),
            (-0.9, swing, 0.85),
            (-0.7, swing * 1.3, 1.02),
        ]
    )
    hose = loft(path, 0.042, 0.042, "dark:hose", along=120, around=16)
    ripple = 1 + 0.12 * np.sign(np.sin(np.arange(120) * 2.1))[:, None, None]
    rings = hose.points[: 120 * 16].reshape(120, 16, 3)
    centre = rings.mean(1, keepdims=True)
    hose = type(hose)(
        np.concatenate([(centre + (rings - centre) * ripple).reshape(-1, 3), hose.points[120 * 16 :]]),
        hose.faces,
        hose.labels,
    )
    tube = loft(
        [path[-1], path[-1] + (0.2, 0.02, 0.06), path[-1] + (0.34, 0.03, 0.03)],
        [0.05, 0.05, 0.04],
        [0.05, 0.055, 0.045],
        "light:wand grip",
        caps=(0.02, 0.02),
        around=32,
    )
    parts += [hose, tube]
    xs = 0.2 + np.arange(draw.whole(4, 6)) * 0.045
    parts.append(slits(body, [(x, 0.36) for x in xs], [(x + 0.02, 0.46) for x in xs], 0.01, "dark:vents"))
    return join(
        *parts,
        lathe([(0, 0), (0.04, 0), (0.04, 0.025), (0, 0.03)], "accent:button").move(0.22, 0.0, top - 0.01),
    )


def sprayer(draw: Draw) -> Mesh:
    """Return a spray bottle: a bottle of oval section, a pistol head with trigger and nozzle at the left."""
    wide, tall, waist = draw(0.2, 0.25), draw(0.5, 0.62), draw(0.72, 0.95)
    flat = draw(0.6, 0.85)
    profile = [1.0, 1.02, waist, 0.9, 0.42, 0.3]
    levels = np.array([0.02, 0.15, 0.5, 0.72, 0.95, 1.0]) * tall
    body = loft(
        [(0, 0, z) for z in levels],
        [wide * flat * s for s in profile],
        [wide * s for s in profile],
        "main:bottle",
        power=draw(2, 3),
        caps=(0.02, 0),
        along=80,
        around=80,
    )
    body = body if draw.happens(0.5) else panel(body, above(2, tall * draw(0.3, 0.7), -1), "glass:fill")
    field = rounded(
        [
            (-wide * 0.7, tall * 0.16),
            (wide * 0.7, tall * 0.16),
            (wide * 0.55, tall * 0.6),
            (-wide * 0.6, tall * 0.55),
        ],
        0.12,
        closed=True,
    )
    body = panel(
        body, both(inside(field), above(1, 0, -1)), draw.pick(["light:label", "accent:label"]), depth=0.005
    )
    collar = lathe(
        [(0, tall - 0.01), (0.085, tall - 0.01), (0.085, tall + 0.09), (0, tall + 0.09)], "dark:collar"
    )
    ribs = [
        pill(
            [(0.085, 0, tall + 0.005), (0.085, 0, tall + 0.075)], 0.006, "dark:collar ribs", along=4, around=6
        ).turn("z", a)
        for a in range(0, 360, 24)
    ]
    z = tall + 0.2
    head = loft(
        [(-0.26, 0, z + 0.03), (-0.12, 0, z + 0.035), (0.05, 0, z + 0.02), (0.17, 0, z - draw(0.0, 0.05))],
        [0.05, 0.065, 0.075, 0.06],
        [0.045, 0.07, 0.085, 0.05],
        "accent:head",
        power=3,
        caps=(0.02, 0.04),
        along=50,
        around=56,
    )
    neck = loft([(0, 0, tall + 0.06), (0.0, 0, z - 0.03)], 0.06, 0.065, "accent:neck", power=3)
    head = panel(head, above(2, z + draw(0.03, 0.05)), "main:cap", depth=0.006)
    nozzle = (
        lathe([(0, 0), (0.05, 0), (0.045, 0.07), (0.02, 0.08), (0, 0.08)], "dark:nozzle", around=40)
        .turn("y", -90)
        .move(-0.26, 0, z + 0.03)
    )
    trigger = loft(
        [(-0.11, 0, z - 0.01), (-0.15, 0, z - 0.1), (-0.13, 0, z - 0.18), (-0.16, 0, z - 0.27)],
        [0.04, 0.035, 0.035, 0.04],
        0.022,
        "dark:trigger",
        power=3,
        caps=(0.01, 0.015),
    )
    return join(body, collar, *ribs, head, neck, nozzle, trigger)
