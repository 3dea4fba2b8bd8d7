"""Training a CycleGAN on unpaired sketches and coloured sketches: the whole of the stage."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import cast

import torch
from torch import nn

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.checkpoints import Checkpoints
from sketch2color.cyclegan.compilation import compile_if_long
from sketch2color.cyclegan.data import Batches, load, load_training
from sketch2color.cyclegan.history import History
from sketch2color.cyclegan.loop import Loop
from sketch2color.cyclegan.losses import Networks
from sketch2color.cyclegan.processes import launch
from sketch2color.cyclegan.selection import METRIC, Choice
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.cyclegan.training_logger import Log, Record
from sketch2color.files import write_text
from sketch2color.imaging import ImageArray
from sketch2color.manifest import DOMAINS, Domain
from sketch2color.models.discriminators import PatchDiscriminator
from sketch2color.models.generator import Generator
from sketch2color.models.initialization import initialize
from sketch2color.models.palette import palette
from sketch2color.models.registry import generator_class, save_generator, save_weights
from sketch2color.models.tensors import to_tensor


def train(
    clean: Path, models: Path, report: Path, scratch: Path, params: TrainCyclegan, seed: int, log: Log
) -> dict[str, float]:
    """Train on ``clean``/train and write weights, loss curves and sample grids.

    Killed at any moment and called again with the same arguments, it goes on and writes the same bytes.

    Args:
        clean: ``{train,val}/{sketch,color}/*.png``, all of one size.
        models: gets the generators' averaged weights, those that val chose, and config.json; in ``final``
            and ``raw`` the generators at the end, averaged and as trained; and the discriminators.
        report: gets losses.csv, val.csv and samples/epoch_*.png (where val has images), and metrics.json.
        scratch: keeps checkpoints; whoever calls removes it when the results are safe.
        params: objective, schedule and networks.
        seed: weights, order, augmentation and image pools follow from it; on a CPU to the bit, for one number
            of threads and processes.
        log: told of losses and scores a few hundred times in all, and of the report's files now and then.

    Returns:
        The loss terms at the end, the steps taken, the parameters of sketch_to_color, and val's scores of
        the weights at the end and of those chosen.

    Raises:
        UserError: the images cannot be trained on, a loss is no longer finite, a checkpoint belongs to
            another training, or a signal asked to stop.
    """
    fabric = launch(params)
    networks = build(params, seed)
    images = load_training(clean, networks.sketch_to_color.stride, smallest(networks, params))
    epoch = params.steps_per_epoch or -(-max(map(len, images.values())) // params.batch_size)
    trainer = Trainer(fabric, networks, params, params.epochs * epoch, seed)
    samples = trainer.steps * params.batch_size // fabric.world_size
    compile_if_long(fabric, networks, max(images["color"][0].shape[:2]), samples)
    history = History(trainer.steps, params.identity_every, trainer.mean)
    palettes = torch.cat([palette(to_tensor(image)) for image in images["color"]])
    record: Record | None = None
    if fabric.is_global_zero:
        held_out = [load(clean, "val", domain) for domain in DOMAINS]
        choice = Choice(held_out[0], held_out[1], palettes, seed)
        record = Record(report, history, choice, held_out, epoch, params.choose_every, log)
    batches = Batches(
        images, params.batch_size, params.augmentation, seed, fabric.global_rank, fabric.world_size
    )
    Loop(
        fabric, trainer, batches, history, record, Checkpoints(scratch, _identity(params, seed, images))
    ).run()
    if record is None:
        return {}
    _save(models, trainer, choice, palettes, size=max(images["color"][0].shape[:2]))
    metrics = _metrics(history, choice, trainer)
    write_text(report / "metrics.json", json.dumps(metrics, indent=2, sort_keys=True) + "\n")
    return metrics


def build(params: TrainCyclegan, seed: int) -> Networks:
    """Build and initialise the four networks that ``params`` ask for."""
    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    generator, width = generator_class(params.generator), params.generator_width
    inverse = generator.inverse(width)
    discriminators = (
        PatchDiscriminator(params.discriminator_width, params.discriminator_shrink) for _ in range(2)
    )
    networks = Networks(generator(width), inverse, *discriminators)
    initialize(networks, random)
    return networks


def smallest(networks: Networks, params: TrainCyclegan) -> int:
    """Return the pixels of the smallest edge whose last feature maps have something to normalise over."""
    return max(2 * networks.sketch_to_color.stride, 32 * params.discriminator_shrink)


def _identity(
    params: TrainCyclegan, seed: int, images: Mapping[Domain, Iterable[ImageArray]]
) -> dict[str, str]:
    """Name all that a training's result follows from, for its checkpoints."""
    shown = hashlib.sha256()
    for domain in DOMAINS:
        for image in images[domain]:
            shown.update(image.tobytes())
        shown.update(domain.encode())
    values = {**asdict(params), "seed": seed, "images": shown.hexdigest()[:16], "torch": torch.__version__}
    return {name: str(value) for name, value in values.items()}


def _metrics(history: History, choice: Choice, trainer: Trainer) -> dict[str, float]:
    losses = {name: value for name, value in history.rows[-1].items() if name != "step"}
    weights = sum(weight.numel() for weight in trainer.networks.sketch_to_color.parameters())
    figures = {**losses, "steps": float(trainer.steps), "generator_parameters": float(weights)}
    if chosen := choice.chosen():
        figures |= {
            f"val_{METRIC}_final": choice.rows[-1][METRIC],
            f"val_{METRIC}_chosen": chosen[METRIC],
            "chosen_step": chosen["step"],
        }
    return figures


def _save(models: Path, trainer: Trainer, choice: Choice, palettes: torch.Tensor, size: int) -> None:
    """Write the generators as chosen, as averaged at the end, and (where that is not the same) as trained."""

    def save(folder: Path, generators: nn.ModuleList) -> None:
        sketch_to_color, color_to_sketch = cast(tuple[Generator, Generator], tuple(generators))
        name, width = trainer.params.generator, trainer.params.generator_width
        save_generator(folder, sketch_to_color, palettes, generator=name, width=width, size=size)
        save_weights(folder / "color_to_sketch.safetensors", color_to_sketch)

    if trainer.averaged is not trainer.generators:
        save(models / "raw", trainer.generators)
    save(models / "final", trainer.averaged)
    if choice.weights:
        trainer.averaged.load_state_dict(choice.weights)
    save(models, trainer.averaged)
    save_weights(models / "sketch_discriminator.safetensors", trainer.networks.sketch_discriminator)
    save_weights(models / "color_discriminator.safetensors", trainer.networks.color_discriminator)
