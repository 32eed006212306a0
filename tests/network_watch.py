"""Runs a command in a network of its own, where every address leads back here, and writes down each packet that would have left.

    unshare -rn python network_watch.py FOUND.json command ...

Inside, loopback is up and the default route is local, so that a look-up or a connection to anywhere makes a packet on
loopback that we can see, instead of failing before it is sent.
"""

import json
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

ETH_P_ALL = 3


def _destination(packet: bytes) -> tuple[str, int] | None:
    """The address and port a packet is sent to, or None for something else than TCP or UDP."""
    kind = struct.unpack("!H", packet[12:14])[0]
    if kind == 0x0800:
        header, protocol, address = (
            14 + (packet[14] & 15) * 4,
            packet[23],
            socket.inet_ntop(socket.AF_INET, packet[30:34]),
        )
    elif kind == 0x86DD:
        header, protocol, address = 54, packet[20], socket.inet_ntop(socket.AF_INET6, packet[38:54])
    else:
        return None
    if protocol not in (6, 17):
        return None
    return address, struct.unpack("!H", packet[header + 2 : header + 4])[0]


def _stays_here(address: str, port: int) -> bool:
    return (address.startswith("127.") or address == "::1") and port != 53


def watch(found: set[str], sniffer: socket.socket) -> None:
    """Adds "address:port" of every packet that is meant for another machine, or for a name server anywhere."""
    while True:
        packet = sniffer.recv(256)
        there = _destination(packet)
        # A packet on loopback is seen twice; a reply to one of ours comes from a foreign address to our own, which is the same.
        if there and not _stays_here(*there):
            found.add(f"{there[0]}:{there[1]}")


def main() -> int:
    """Sets the network up, runs the command, and writes what it tried to reach."""
    out, command = Path(sys.argv[1]), sys.argv[2:]
    for words in ("link set lo up", "route add local default dev lo", "-6 route add local default dev lo"):
        subprocess.run(["ip", *words.split()], check=words.startswith("link"), stderr=subprocess.DEVNULL)
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    found: set[str] = set()
    threading.Thread(target=watch, args=(found, sniffer), daemon=True).start()
    code = subprocess.run(command).returncode
    out.write_text(json.dumps(sorted(found)))
    return code


if __name__ == "__main__":
    sys.exit(main())
