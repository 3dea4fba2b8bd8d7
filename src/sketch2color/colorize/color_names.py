"""Names that designers use and CSS lacks.

Values: the most frequent answers of the xkcd color name survey (2010), which is in the public domain.
"""

# fmt: off
COLOR_NAMES = {
    "amber": "#feb308", "apricot": "#ffb16d", "armygreen": "#4b5d16", "aubergine": "#3d0734",
    "babyblue": "#a2cffe", "battleshipgrey": "#6b7c85", "bloodred": "#980002", "bottlegreen": "#044a05",
    "brick": "#a03623", "brickred": "#8f1402", "britishracinggreen": "#05480d", "bronze": "#a87900",
    "burgundy": "#610023", "burntorange": "#c04e01", "camel": "#c69f59", "caramel": "#af6f09",
    "cerulean": "#0485d1", "charcoal": "#343837", "cherry": "#cf0234", "chestnut": "#742802",
    "chocolatebrown": "#411900", "cinnamon": "#ac4f06", "cobalt": "#1e488f", "coffee": "#a6814c",
    "coolgrey": "#95a3a6", "copper": "#b66325", "cranberry": "#9e003a", "cream": "#ffffc2",
    "darkbrown": "#341c02", "darknavy": "#000435", "darkpink": "#cb416b", "darkpurple": "#35063e",
    "darkteal": "#014d4e", "darkyellow": "#d5b60a", "dustypink": "#d58a94", "eggplant": "#380835",
    "eggshell": "#ffffd4", "emerald": "#01a049", "gunmetal": "#536267", "iceblue": "#d7fffe",
    "jade": "#1fa774", "lightbrown": "#ad8150", "lightorange": "#fdaa48", "lightpurple": "#bf77f6",
    "lilac": "#cea2fd", "mahogany": "#4a0100", "mauve": "#ae7181", "mint": "#9ffeb0", "mocha": "#9d7651",
    "mushroom": "#ba9e88", "mustard": "#ceb301", "ochre": "#bf9005", "offwhite": "#ffffe4",
    "olivegreen": "#677a04", "palepink": "#ffcfdc", "peach": "#ffb07c", "periwinkle": "#8e82fe",
    "petrol": "#005f6a", "pumpkin": "#e17701", "putty": "#beae8a", "raspberry": "#b00149",
    "ruby": "#ca0147", "rust": "#a83c09", "rustred": "#aa2704", "sage": "#87ae73", "sand": "#e2ca76",
    "scarlet": "#be0119", "slate": "#516572", "steelgrey": "#6f828a", "stone": "#ada587",
    "tangerine": "#ff9408", "taupe": "#b9a281", "terracotta": "#ca6641", "ultramarine": "#2000b1",
    "vermillion": "#f4320c", "warmgrey": "#978a84", "wine": "#80013f",
}
# fmt: on
