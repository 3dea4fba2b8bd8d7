"""What a run was computed with, beside its code: the digits follow from it."""

import hashlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path


def environment(root: Path) -> dict[str, str]:
    """Return what is known before the work: lock file (SHA-256), Python, torch, system, processor."""
    found = {
        "python": platform.python_version(),
        "torch": version("torch"),
        "platform": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
    }
    lock = root / "requirements.lock"
    return found | ({"lock": hashlib.sha256(lock.read_bytes()).hexdigest()} if lock.is_file() else {})


def experiment() -> dict[str, str]:
    """Return the name of the DVC experiment that runs, where one does: DVC tells its stages."""
    name = os.environ.get("DVC_EXP_NAME")
    return {"dvc.experiment": name} if name else {}


def computing() -> dict[str, str]:
    """Return the device and the threads that torch computed with; nothing where it was never imported."""
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    used = torch.cuda.is_available() and torch.cuda.is_initialized()
    return {
        "device": torch.cuda.get_device_name() if used else "cpu",
        "threads": str(torch.get_num_threads()),
    }


def _processor() -> str:
    """Return the processor's name where Linux tells it: Python itself knows it on few systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
