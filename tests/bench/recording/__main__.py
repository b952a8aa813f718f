"""What `reqlog record` costs, beside a plain proxy of aiohttp and beside mitmdump: `python3 -m tests.bench.recording`.

Needs `wrk`, as Debian has it, and `.venv` as `python3 -m tests` sets it up; mitmproxy gets an environment of its own in
it. Each proxy is measured in turn, round after round, since the machine may have other work: figures are medians over
the rounds, and ratios are of two that were measured in the same round. Words after the command: the number of rounds,
and of requests in the measurement of memory.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
BIN = ROOT / ".venv" / "bin"
MITMPROXY = ROOT / ".venv" / "mitmproxy"
API = 18700
SECONDS = 4
CONNECTIONS = 8
TARGET = "/v1/customers/cus_NffrFeUfNV2Hib"
KEY = "sk_test_" + "4242" * 6


class Proxy(NamedTuple):
    """One of those that are compared."""

    name: str
    port: int
    command: tuple[str, ...]


class Measured(NamedTuple):
    """What one round said of one proxy."""

    rate: float
    """Requests a second, with several connections."""
    cpu: float
    """Microseconds of processor time that it took for each of them."""
    p50: float
    """Microseconds, with one connection."""
    p99: float


def proxies(folder: Path) -> tuple[Proxy, ...]:
    upstream = f"http://127.0.0.1:{API}"
    store = ("--store", str(folder / "requests.db"))
    record = (str(BIN / "reqlog"), "record", "--upstream", upstream, "--listen", "18702", *store)
    flows = ("--set", f"save_stream_file={folder / 'flows'}")
    dump = (str(MITMPROXY / "bin" / "mitmdump"), "-q", "--mode", f"reverse:{upstream}", "-p", "18703", *flows)
    return (
        Proxy("plain", 18701, (str(BIN / "python"), str(HERE / "plain.py"), "18701", upstream)),
        Proxy("reqlog", 18702, record),
        Proxy("mitmdump", 18703, dump),
    )


def main(arguments: Sequence[str]) -> int:
    rounds, requests = (int(word) for word in (*arguments, *("7", "100000")[len(arguments) :]))
    if shutil.which("wrk") is None:
        sys.stderr.write("The benchmark needs wrk; on Debian, apt install wrk.\n")
        return 1
    _set_up_mitmproxy()
    with TemporaryDirectory(prefix="reqlog-bench-") as folder, _api():
        measured = _rounds(Path(folder), rounds)
        _print(measured)
    for proxy in ("plain", "reqlog", "mitmdump"):
        with TemporaryDirectory(prefix="reqlog-bench-") as folder, _api():
            _print_memory(next(each for each in proxies(Path(folder)) if each.name == proxy), requests)
    return 0


def _set_up_mitmproxy() -> None:
    if not (MITMPROXY / "bin" / "mitmdump").exists():
        subprocess.run([sys.executable, "-m", "venv", MITMPROXY], check=True)
        subprocess.run([MITMPROXY / "bin" / "pip", "install", "-q", "mitmproxy"], check=True)


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[int]:
    """Run `command`, which listens on `port`, and give its process id."""
    with (
        TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(command, stderr=said, start_new_session=True) as process,
    ):
        try:
            _await(port)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        said.seek(0)
        sys.stdout.write("".join(line for line in said if "recorded" in line))


@contextmanager
def _api() -> Iterator[None]:
    with _running((str(BIN / "python"), str(HERE / "api.py"), str(API)), API):
        yield


def _await(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"Nobody listens on {port}.")


def _rounds(folder: Path, rounds: int) -> dict[str, list[Measured]]:
    measured: dict[str, list[Measured]] = {}
    with ExitStack() as stack:
        running = {proxy: stack.enter_context(_running(proxy.command, proxy.port)) for proxy in proxies(folder)}
        for number in range(rounds + 1):
            found = {"direct": _measured(API, None)}
            found |= {proxy.name: _measured(proxy.port, pid) for proxy, pid in running.items()}
            if number:  # the first warms up
                for name, each in found.items():
                    measured.setdefault(name, []).append(each)
    return measured


def _measured(port: int, pid: int | None) -> Measured:
    before = _cpu(pid)
    rate, number, *_ = _wrk(port, CONNECTIONS)
    cpu = (_cpu(pid) - before) / number * 1e6
    _, _, p50, p99 = _wrk(port, 1)
    return Measured(rate, cpu, p50, p99)


def _wrk(port: int, connections: int) -> tuple[float, int, float, float]:
    """Return requests a second, their number, and the latencies p50 and p99 in microseconds."""
    url = f"http://127.0.0.1:{port}{TARGET}"
    header = f"Authorization: Bearer {KEY}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", header, url]
    said = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
    number = int(re.findall(r"(\d+) requests in", said)[0])
    p50, p99 = (_microseconds(re.findall(rf"(?m)^ +{which}%\s+(\S+)$", said)[0]) for which in (50, 99))
    time.sleep(0.5)  # what is recorded is written a moment later, and belongs to this measurement
    return rate, number, p50, p99


def _microseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]  # wrk says no other
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [path.name for path in Path(f"/proc/{pid}/task").iterdir()]
    for thread in threads:
        children += Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
    return [pid, *(each for child in dict.fromkeys(map(int, children)) for each in _tree(child))]


def _cpu(pid: int | None) -> float:
    """Return the seconds of processor time that a process and its children have taken."""
    if pid is None:
        return 0.0
    ticks = 0
    for each in _tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _print(measured: dict[str, list[Measured]]) -> None:
    sys.stdout.write("proxy      requests/s   of plain   of mitmdump   CPU us/request   added p50 us   added p99 us\n")
    for name, rounds in measured.items():
        rate, cpu = median(each.rate for each in rounds), median(each.cpu for each in rounds)
        p50, p99 = (median(_added(measured, name, which)) for which in ("p50", "p99"))
        plain, dump = (median(_ratios(measured, name, other)) for other in ("plain", "mitmdump"))
        line = f"{name:10} {rate:10.0f} {plain:10.2f} {dump:13.1f} {cpu:16.0f} {p50:14.0f} {p99:14.0f}\n"
        sys.stdout.write(line)


def _ratios(measured: dict[str, list[Measured]], one: str, other: str) -> list[float]:
    return [a.rate / b.rate for a, b in zip(measured[one], measured[other], strict=True)]


def _added(measured: dict[str, list[Measured]], name: str, which: str) -> list[float]:
    pairs = zip(measured[name], measured["direct"], strict=True)
    return [getattr(one, which) - getattr(direct, which) for one, direct in pairs]


def _print_memory(proxy: Proxy, requests: int) -> None:
    with _running(proxy.command, proxy.port) as pid:
        begun, sent, beginning = time.monotonic(), 0, 0
        while sent < requests:
            sent += _wrk(proxy.port, CONNECTIONS)[1]
            beginning = beginning or _memory(pid)
        lasted = time.monotonic() - begun
        sys.stdout.write(
            f"{proxy.name}: {_memory(pid)} MB of memory at most after {sent} requests in {lasted:.0f} s, "
            f"{beginning} MB after the first {SECONDS} s\n"
        )


def _memory(pid: int) -> int:
    """Return the most memory, in MB, that a process and its children have held, each on its own."""
    peaks = (re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{each}/status").read_text()) for each in _tree(pid))
    return sum(int(peak[0]) for peak in peaks if peak) // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
