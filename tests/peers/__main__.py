"""Run the peers' tests from the sources in the folder that is named, and print the table. Fails if one fails."""

import importlib
import json
import os
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent


def run(peer: str, folder: Path) -> dict[str, tuple[str, str, int]]:
    """The verdict on each test of a peer, from its source in the folder."""
    (archive,) = folder.glob(f"{peer}-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    source = folder / archive.name.removesuffix(".tar.gz")
    verdicts = source / "verdicts.json"
    verdicts.unlink(missing_ok=True)
    adapter = importlib.import_module(f"peers.as_{peer}")
    options = ["-q", "--tb=short", "--continue-on-collection-errors", "-p", "peers.plugin", "-p", "no:cacheprovider"]
    ini = [
        "-c",
        os.devnull,
        f"--rootdir={source}",
        "-o",
        "enable_assertion_pass_hook=true",
        "-o",
        "consider_namespace_packages=true",
    ]
    command = [sys.executable, "-m", "pytest", *options, *ini, adapter.TESTS]
    paths = [source, source / adapter.IMPORTS, *sys.path[1:]]  # for a source has a package `tests` as we have
    environment = os.environ | {
        "PEER": peer,
        "VERDICTS": str(verdicts),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
    }
    log = source / "log.txt"
    with log.open("w") as file:
        subprocess.run(command, cwd=source, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False)
    if not verdicts.exists():
        sys.exit(log.read_text())
    return json.loads(verdicts.read_text())  # type: ignore[no-any-return] # as the plugin wrote it


def main(folder: Path) -> int:
    """Run all, print the table; 1 if a test fails or too few run, else 0."""
    bad = False
    for peer in sys.argv[2:] or ("micrograd", "autograd", "mygrad"):
        verdicts = run(peer, folder)
        at_least = importlib.import_module(f"peers.as_{peer}").AT_LEAST
        counts = Counter(verdict for verdict, _, _ in verdicts.values())
        comparisons = sum(count for verdict, _, count in verdicts.values() if verdict == "passed")
        print(f"\n{peer}: {len(verdicts)} tests, {comparisons} comparisons in those that pass")
        print(f"  {counts['passed']:4} pass (at least {at_least} must)")
        bad |= counts["passed"] < at_least or counts["failed"] > 0
        for verdict in ("differs", "skipped"):
            reasons = Counter(reason for v, reason, _ in verdicts.values() if v == verdict)
            for reason, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
                print(f"  {number:4} {verdict}: {reason}")
        for name, (verdict, reason, _) in verdicts.items():
            if verdict == "failed":
                print(f"FAILED {name}\n{reason}")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
