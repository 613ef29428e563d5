"""Seeds every source of chance that code draws from unless it says otherwise, and writes down which.

Hashes of text are seeded by `PYTHONHASHSEED` before Python starts. `random` and NumPy are seeded here; PyTorch and
TensorFlow in the moment in which they are imported, because importing them only to seed them would take seconds.
Generators that code makes for itself (`numpy.random.default_rng()`) are its own affair.
"""

import importlib.util
import json
import os
import random
import sys

LATER = {
    "torch": lambda torch, seed: torch.manual_seed(seed),
    "tensorflow": lambda tensorflow, seed: tensorflow.random.set_seed(seed),
}


def sow(seed, path="seeds.json"):
    """Seeds what is there, waits for the rest, and keeps `path` up to date: name, seed."""
    sown = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            sown = json.load(file)

    def note(name, value):
        sown[name] = value
        with open(path, "w", encoding="utf-8") as out:
            json.dump(sown, out)

    if sys.flags.hash_randomization == 0 or os.environ.get("PYTHONHASHSEED", "random") != "random":
        note("hash", int(os.environ.get("PYTHONHASHSEED", "0")))
    random.seed(seed)
    note("random", seed)
    import numpy

    numpy.random.seed(seed % 2**32)
    note("numpy", seed % 2**32)
    sys.meta_path.insert(0, Finder(seed, note))


class Finder:
    """Stands before the other finders and seeds a library as soon as its module has been executed."""

    def __init__(self, seed, note):
        self.seed, self.note, self.waits = seed, note, dict(LATER)

    def find_spec(self, name, path=None, target=None):
        sow_it = self.waits.pop(name, None)
        if sow_it is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is None or not hasattr(spec.loader, "exec_module"):
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                sow_it(module, self.seed)
            except Exception as error:  # noqa: BLE001 - a library that can't be seeded is told, and still works
                print(f"{name} could not be seeded: {error}", file=sys.stderr)
            else:
                self.note(name, self.seed)

        spec.loader.exec_module = exec_module
        return spec
