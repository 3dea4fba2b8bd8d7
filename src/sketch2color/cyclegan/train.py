"""Training a CycleGAN on unpaired sketches and coloured sketches: the whole of the stage."""

import json
from pathlib import Path

import torch
from torch.utils import deterministic

from sketch2color.cyclegan.data import Batches, load, load_training
from sketch2color.cyclegan.history import History
from sketch2color.cyclegan.objective import Networks
from sketch2color.cyclegan.record import Log, Record
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.files import write_text
from sketch2color.images import PictureArray
from sketch2color.manifest import DOMAINS
from sketch2color.networks.discriminators import PatchDiscriminator
from sketch2color.networks.generators import Generator, ResnetGenerator
from sketch2color.networks.initialization import initialize
from sketch2color.networks.multiply import MultiplyGenerator, ScreenGenerator
from sketch2color.networks.palette import palette
from sketch2color.networks.tensors import to_tensor
from sketch2color.networks.trained import Painter, save_generator, save_weights
from sketch2color.params import TrainCyclegan
from sketch2color.progress import progress


def train(
    clean: Path, models: Path, report: Path, params: TrainCyclegan, seed: int, log: Log
) -> dict[str, float]:
    """Train on ``clean``/train and write weights, loss curves and sample grids.

    Args:
        clean: ``{train,val}/{sketch,color}/*.png``, all of one size.
        models: gets the generators' (averaged) and critics' weights, and config.json.
        report: gets losses.csv, samples/epoch_*.png (of val, where it has pictures) and metrics.json.
        params: objective, schedule and networks.
        seed: weights, order, augmentation and image pools follow from it; on a CPU to the bit, for one number
            of threads.
        log: called with the loss terms and the number of steps done, a few hundred times in all.

    Returns:
        The loss terms at the end, the steps taken and the parameters of sketch_to_color.

    Raises:
        UserError: the pictures cannot be trained on, or a loss is no longer finite.
    """
    device = _prepare(params.threads)
    networks = build(params, seed).to(device)
    pictures = load_training(clean, networks.sketch_to_color.stride, smallest(networks, params))
    epoch = params.steps_per_epoch or -(-max(map(len, pictures.values())) // params.batch_size)
    trainer = Trainer(networks, params, params.epochs * epoch, seed)
    record = Record(report, trainer, epoch, [load(clean, "val", domain) for domain in DOMAINS], log)
    _run(trainer, Batches(pictures, params.batch_size, params.augmentation, seed), record)
    _save(models, trainer, pictures["color"])
    metrics = _metrics(record.history, trainer)
    write_text(report / "metrics.json", json.dumps(metrics, indent=2, sort_keys=True) + "\n")
    return metrics


def build(params: TrainCyclegan, seed: int) -> Networks:
    """Build and initialise the four networks that ``params`` ask for."""
    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    painter: Generator
    drawer: Generator
    width = params.generator_width
    if params.generator == "resnet":
        painter, drawer = ResnetGenerator(width), ResnetGenerator(width)
    else:
        # A narrow drawer will do: lines are found before its network begins.
        painter, drawer = MultiplyGenerator(width), ScreenGenerator(width // 2)
    critics = (PatchDiscriminator(params.critic_width, params.critic_shrink) for _ in range(2))
    networks = Networks(painter, drawer, *critics)
    initialize(networks, random)
    return networks


def smallest(networks: Networks, params: TrainCyclegan) -> int:
    """Return the pixels of the smallest edge whose last feature maps have something to normalise over."""
    return max(2 * networks.sketch_to_color.stride, 32 * params.critic_shrink)


def _prepare(threads: int) -> torch.device:
    """Make torch deterministic, to the bit on a CPU, and choose the device."""
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    # On a GPU reflection padding has no deterministic backward pass: torch says so and goes on.
    torch.use_deterministic_algorithms(True, warn_only=device.type == "cuda")
    # Nothing here reads memory that it has not written, so none need be filled first.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return device


def _run(trainer: Trainer, batches: Batches, record: Record) -> None:
    bar = progress(range(trainer.steps), "training", unit="step")
    for step in bar:
        losses = record.add(step, trainer.step(step, *batches[step]))
        if losses:
            speed = batches.batch_size * (bar.format_dict["rate"] or 0.0)
            figures = " ".join(f"{name} {value:.2f}" for name, value in losses.items())
            bar.set_postfix_str(f"{speed:.1f} pictures/s, {figures}")


def _metrics(history: History, trainer: Trainer) -> dict[str, float]:
    losses = {name: value for name, value in history.rows[-1].items() if name != "step"}
    weights = sum(weight.numel() for weight in trainer.networks.sketch_to_color.parameters())
    return {**losses, "steps": float(trainer.steps), "generator_parameters": float(weights)}


def _save(models: Path, trainer: Trainer, colors: list[PictureArray]) -> None:
    painter, drawer = trainer.averaged
    palettes = torch.cat([palette(to_tensor(picture)) for picture in colors])
    trained = Painter(painter, palettes, size=max(colors[0].shape[:2]))
    save_generator(models, trained, trainer.params.generator, trainer.params.generator_width)
    save_weights(models / "color_to_sketch.safetensors", drawer)
    save_weights(models / "sketch_critic.safetensors", trainer.networks.sketch_critic)
    save_weights(models / "color_critic.safetensors", trainer.networks.color_critic)
