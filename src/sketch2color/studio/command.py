"""The command ``studio``."""

import argparse
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Any

from sketch2color.studio.server import StudioServer
from sketch2color.studio.site import EXPORTED, read_site, write_site
from sketch2color.terminal import print_line

HOST = "127.0.0.1"
PORT = 8765
"""Always the same: a browser keeps the designer's work for one host and port."""


def add_studio(commands: Any) -> None:
    """Add ``sketch2color studio``."""
    parser = commands.add_parser(
        "studio",
        help="open the page in which a designer colours sketches",
        description="Open the page in which a designer colours sketches. The generator runs in the browser: "
        "no sketch leaves the machine.",
        epilog="Example: sketch2color studio --port 9000",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help=f"a folder with generator.onnx and generator.json (default: {EXPORTED}, where `dvc repro` "
        "writes them; before that, the model that comes with sketch2color)",
    )
    parser.add_argument("--host", default=HOST, help=f"the address to listen on (default: {HOST})")
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"(default: {PORT}; 0: any free)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument(
        "--export", type=Path, metavar="DIR", help="serve nothing; write the page as a static site"
    )
    parser.set_defaults(run=_studio)


def _studio(options: argparse.Namespace) -> int:
    files = read_site(options.model)
    if options.export:
        write_site(files, options.export)
        print_line(f"{options.export}: {len(files)} files")
        return 0
    for file in files.values():
        _ = file.gzipped, file.etag  # once, before the first request
    with StudioServer(files, options.host, options.port) as server, suppress(KeyboardInterrupt):
        print_line(f"The studio: {server.address} (Ctrl+C ends it)")
        if not options.no_browser:  # in a thread: a text browser returns when its user leaves
            threading.Thread(target=webbrowser.open, args=[server.address], daemon=True).start()
        server.serve_forever()
    return 0
