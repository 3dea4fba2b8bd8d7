"""The families of products, by name."""

from collections.abc import Callable

from products.draw import Draw
from products.families import electronics, furniture, kitchen, personal, workshop
from products.shapes import Mesh

Family = Callable[[Draw], Mesh]
TRAINING: dict[str, Family] = {
    "kettle": kitchen.kettle,
    "mixer": kitchen.mixer,
    "toaster": kitchen.toaster,
    "blender": kitchen.blender,
    "drill": workshop.drill,
    "iron": workshop.iron,
    "torch": workshop.torch,
    "dryer": personal.dryer,
    "razor": personal.razor,
    "bottle": personal.bottle,
    "speaker": electronics.speaker,
    "headphones": electronics.headphones,
    "camera": electronics.camera,
    "mouse": electronics.mouse,
    "lamp": furniture.lamp,
    "chair": furniture.chair,
}
"""Families of the training and validation images."""
HELD_OUT: dict[str, Family] = {
    "vacuum": workshop.vacuum,
    "sprayer": workshop.sprayer,
    "coffee": kitchen.coffee,
    "watch": personal.watch,
    "helmet": personal.helmet,
}
"""Families of the test images, which training never sees."""
FAMILIES = TRAINING | HELD_OUT
