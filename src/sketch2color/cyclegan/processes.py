"""Read this process's place among those of a training from the variables of ``torchrun`` and Fabric."""

import os
from dataclasses import dataclass

from sketch2color.errors import UserError
from sketch2color.text import quote

PLACE = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
MASTER = ("MASTER_ADDR", "MASTER_PORT")
UNUSED = ("NODE_RANK", "GROUP_RANK", "STANDALONE_PORT", "SLURM_PROCID", "JSM_NAMESPACE_RANK")
"""Variables that Fabric reads and a training has no use for."""


@dataclass(frozen=True)
class Processes:
    """This process is number ``rank`` of ``world_size``, and ``local_rank`` of those on its machine."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    local_world_size: int = 1


def read_processes() -> Processes:
    """Return this process's place, and hide from Fabric all variables that say nothing about it.

    Must be called before Fabric is imported, which reads ranks at once.

    Raises:
        UserError: variables are missing, are no integers, or contradict each other.
    """
    given = {name: os.environ[name] for name in PLACE if name in os.environ}
    try:
        numbers = {name.lower(): int(value) for name, value in given.items()}
        numbers.setdefault("rank", numbers.get("local_rank", 0))  # Fabric's own children have only the other
        place = Processes(**numbers)
        valid = _is_consistent(place) and (place.world_size == 1 or _is_complete(place))
    except ValueError:
        valid = False
    if not valid:
        shown = ", ".join(f"{name}={quote(value)}" for name, value in given.items())
        raise UserError(
            f"{shown} does not name a process of a training: unset {' '.join(given)}, which another job may "
            "have left, or start with torchrun, which sets all it needs"
        )
    launchers = [name for name in os.environ if name.startswith(("LT_", "TORCHELASTIC_"))]
    for name in (*UNUSED, *([*PLACE, *MASTER, *launchers] if place.world_size == 1 else [])):
        os.environ.pop(name, None)
    return place


def _is_consistent(place: Processes) -> bool:
    """Return whether ranks lie in their ranges, and machines have equally many processes."""
    return (
        0 <= place.local_rank < place.local_world_size
        and 0 <= place.rank < place.world_size
        and place.world_size % place.local_world_size == 0
        and place.rank % place.local_world_size == place.local_rank
    )


def _is_complete(place: Processes) -> bool:
    """Return whether processes can find each other; RANK follows from LOCAL_RANK on a single machine."""
    missing = {name for name in (*PLACE, *MASTER) if not os.environ.get(name)}
    alone = place.world_size == place.local_world_size
    return missing <= ({"RANK"} if alone else set()) and 0 < int(os.environ["MASTER_PORT"]) < 1 << 16
