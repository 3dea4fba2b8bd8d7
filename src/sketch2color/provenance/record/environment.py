"""What a run was computed with, beside its code: the digits of its results depend on it."""

import hashlib
import platform
import sys
from importlib.metadata import version
from pathlib import Path

LOCK_FILE = "lock"
"""Name of the hash of requirements.lock."""


def environment(root: Path) -> dict[str, str]:
    """Return what is known before a stage runs: lock file (SHA-256), Python, torch, system, processor."""
    known = {
        "python": platform.python_version(),
        "torch": version("torch"),
        "platform": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
    }
    lock = root / "requirements.lock"
    return known | ({LOCK_FILE: hashlib.sha256(lock.read_bytes()).hexdigest()} if lock.is_file() else {})


def torch_device() -> dict[str, str]:
    """Return the device and number of threads that torch used; nothing where it was never imported."""
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    on_gpu = torch.cuda.is_available() and torch.cuda.is_initialized()
    device = torch.cuda.get_device_name() if on_gpu else "cpu"
    return {"device": device, "threads": str(torch.get_num_threads())}


def _processor() -> str:
    """Return the processor's name from Linux's /proc/cpuinfo; Python itself knows it on few systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
