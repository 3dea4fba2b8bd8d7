"""An SSH server on loopback that one key may enter: OpenSSH's where there is one, and asyncssh's."""

import contextlib
import os
import shutil
import socket
import sys
from pathlib import Path

import asyncssh
import pytest
from tests.integration import servers

ASYNCSSH = """
import asyncio, sys
import asyncssh

async def main(port, folder):
    async with await asyncssh.listen(
        "127.0.0.1", int(port), server_host_keys=[f"{folder}/host"],
        authorized_client_keys=f"{folder}/authorized_keys", sftp_factory=True,
    ):
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


def openssh():
    """Return the program, or skip: it wants its full path, and as root a folder that installing it makes."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if program is None or (os.geteuid() == 0 and not Path("/run/sshd").is_dir()):
        pytest.skip("OpenSSH's server is not installed")
    return program


def command(kind, port, folder):
    if kind == "asyncssh":
        return [sys.executable, "-c", ASYNCSSH, str(port), str(folder)]
    options = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized_keys",
        "Subsystem": "sftp internal-sftp",
        "StrictModes": "no",  # the folder for temporary files may be anybody's
        "PidFile": "none",
    }
    (folder / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in options.items()))
    return [openssh(), "-D", "-e", "-f", str(folder / "sshd_config")]


def write_keys(folder, port):
    """Write the server's key and the client's, and the files of ``~/.ssh`` by which they know each other."""
    host, client = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host.write_private_key(folder / "host")
    known = folder / "home" / ".ssh"
    known.mkdir(parents=True, mode=0o700)
    client.write_private_key(known / "id_ed25519")
    for key in (folder / "host", known / "id_ed25519"):
        key.chmod(0o600)
    client.write_public_key(folder / "authorized_keys")
    (known / "known_hosts").write_text(f"[127.0.0.1]:{port} {host.export_public_key().decode()}")


@contextlib.contextmanager
def serve(kind, folder):
    """Run a server, and yield its port and the home of one who may enter."""
    port = servers.free_port()
    write_keys(folder, port)
    with servers.started(command(kind, port, folder), folder, lambda: answers(port)):
        yield port, folder / "home"


def answers(port):
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        return True
