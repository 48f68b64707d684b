"""Make the mutants of a module, run the tests that reach the changed line, and print which ones live.

The mutants are cosmic-ray's. Its own runner starts Python for each of them and runs all the tests; here a process that has
loaded NumPy, Numba and pytest is forked for each, and runs only the tests that, by coverage, execute the changed line.
(mutmut changes functions only: most of our rules stand in a table outside of any.)
"""

import ast
import contextlib
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import autograd.numpy
import cosmic_ray.plugins
import hypothesis.extra.numpy
import numba
import numpy as np
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from coverage import CoverageData

from book._ext import expected

LOADED = (autograd.numpy, hypothesis.extra.numpy, expected)  # once, as it takes time
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "chainrule"
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
#: Of each module the tests that stand for it.
TESTS = {
    "rules": ["tests/test_rules.py", "tests/test_engine.py"],
    "engine": ["tests/test_engine.py", "tests/test_rules.py"],
    "draw": ["tests/test_draw.py"],
    "_dot": ["tests/test_dot.py", "tests/test_draw.py"],
    # Uncompiled, whole runs would take an hour.
    "steps": ["tests/test_steps.py", "--deselect=tests/test_steps.py::test_whole_runs_agree"],
    "sgd": ["tests/test_sgd.py"],
}
#: What is put in place of an operator, but not here: on real numbers these raise a TypeError wherever they stand.
ON_INTEGERS = ("RShift", "LShift", "BitOr", "BitAnd", "BitXor", "Invert")


class Mutant(NamedTuple):
    """One changed line: which, what stood there, what stands there now; and the whole module with it."""

    module: str
    line: int
    old: str
    new: str
    code: str

    def __str__(self) -> str:
        return f"{self.module}: {self.old} -> {self.new}"


def mutants(module: str) -> Iterator[Mutant]:
    """Every mutant of the module, each once, in the order of the lines."""
    source = (SOURCE / f"{module}.py").read_text("utf-8")
    lines, found = source.splitlines(), {}
    for name in cosmic_ray.plugins.operator_names():
        operator = cosmic_ray.plugins.get_operator(name)
        if operator.arguments() or name.endswith(ON_INTEGERS) or "_BitOr_" in name:  # the bars of annotations
            continue
        positions = [p for node in ast_nodes(get_ast(source)) for p in operator().mutation_positions(node)]
        for occurrence in range(len(positions)):
            code = mutate_code(source, operator(), occurrence)
            changed = [k for k, pair in enumerate(zip(lines, code.splitlines(), strict=False)) if len(set(pair)) == 2]
            if changed:
                k = changed[0]
                old, new = (" ".join(text.split()) for text in (lines[k], code.splitlines()[k]))
                found[code] = Mutant(module, k + 1, old, new, code)
    return iter(sorted(found.values(), key=lambda mutant: mutant.line))


def reached(module: str) -> dict[int, list[str]]:
    """Of each line of the module the tests that execute it."""
    data = ROOT / f".coverage.{module}"
    options = [
        "--cov=chainrule",
        "--cov-context=test",
        "--cov-report=",
        "--cov-fail-under=0",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    environment = os.environ | {"COVERAGE_FILE": str(data), "COVERAGE_CORE": "ctrace", "COUNT_ALL": ""}
    subprocess.run([sys.executable, "-m", "pytest", *options, *TESTS[module]], cwd=ROOT, env=environment, check=True)
    coverage = CoverageData(str(data))
    coverage.read()
    contexts = coverage.contexts_by_lineno(str(SOURCE / f"{module}.py"))
    data.unlink()
    once = set(run_once((SOURCE / f"{module}.py").read_text("utf-8")))
    return {
        line: sorted({c.rpartition("|")[0] for c in names if c})
        for line, names in contexts.items()
        if line not in once  # all tests stand for these
    }


def run_once(source: str) -> Iterator[int]:
    """The lines of functions whose results are kept: of the tests that need them only the first executes them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and "cache" in map(ast.unparse, node.decorator_list):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


class Finder(MetaPathFinder):
    """Finds the mutant where the module is looked for."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != f"chainrule.{self.mutant.module}":
            return None
        mutant, file = self.mutant, str(SOURCE / f"{self.mutant.module}.py")

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> Any:
                return compile(mutant.code, file, "exec", dont_inherit=True)

        return spec_from_file_location(name, file, loader=Loader(name, file))


def uncompiled(**_: Any) -> Any:
    """Stands for `numba.njit`: to compile each mutant takes longer than its tests, and only a process of its own would do so."""

    def keep(function: Any) -> Any:
        function.py_func = function
        return function

    return keep


def start(mutant: Mutant, tests: list[str], seconds: int) -> int:
    """Runs the tests with the mutant in a process of its own, which ends when one fails; returns its number."""
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            out = os.open(os.devnull, os.O_WRONLY)
            os.dup2(out, 1)
            os.dup2(out, 2)
            sys.meta_path.insert(0, Finder(mutant))
            if mutant.module == "steps":
                numba.njit = uncompiled
                np.seterr(all="ignore")  # what is compiled does not warn
            plugins = ["-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutation"]
            loaded = ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
            status = int(pytest.main(["-x", "-q", *plugins, *loaded, *tests]))
        os._exit(status)
    return child


def survivors(module: str) -> tuple[int, list[Mutant]]:
    """How many mutants the module has, and those that live."""
    tests = {} if module == "steps" else reached(module)  # coverage sees nothing of what is compiled
    made = list(mutants(module))
    control = Mutant(module, 0, "", "", (SOURCE / f"{module}.py").read_text("utf-8"))
    every = sorted({test for names in tests.values() for test in names}) or TESTS[module]
    _, failed, used = os.wait4(start(control, every, 3600), 0)
    if failed:
        sys.exit(f"{module}: the tests fail on the unchanged module, too")
    seconds = 10 + int(3 * used.ru_utime)  # a mutant that computes for longer hangs
    living: list[Mutant] = []
    running: dict[int, Mutant] = {}

    def wait() -> None:
        number, failed = os.wait()
        mutant = running.pop(number)
        if not failed:
            living.append(mutant)
            print(f"line {mutant.line} of {mutant}", flush=True)

    def run(tried: list[Mutant], tests_of: Callable[[Mutant], list[str]]) -> list[Mutant]:
        living.clear()
        for mutant in tried:
            if len(running) == os.cpu_count():
                wait()
            running[start(mutant, tests_of(mutant), seconds)] = mutant
        while running:
            wait()
        return sorted(living, key=lambda mutant: mutant.line)

    # A test of what is refused ends before it comes to the line, and may yet be the one to notice.
    first = run(made, lambda mutant: tests.get(mutant.line) or TESTS[module])
    return len(made), run(first, lambda _: TESTS[module]) if tests else first


def main(modules: list[str]) -> int:
    """Print each module's score and survivors; 1 if a survivor is not listed, or what is listed does not survive."""
    text = EQUIVALENT.read_text("utf-8").splitlines()
    listed = Counter(line for line in text if line and not line.startswith("#"))
    bad = False
    for module in modules or TESTS:
        number, living = survivors(module)
        names = Counter(map(str, living))
        known = Counter({name: n for name, n in listed.items() if name.startswith(f"{module}: ")})
        rest = number - (names & known).total()
        print(
            f"{module}: {number} mutants, {(names & known).total()} equivalent, {number - len(living)} of {rest} noticed"
        )
        for kind, difference in (("survives", names - known), ("listed, does not survive", known - names)):
            for name in difference.elements():
                print(f"  {kind}: {name}")
                bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
