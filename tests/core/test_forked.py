"""A process that is forked from one that has computed reads faces as that one does, and waits for nobody."""

import subprocess
import sys

import pytest

_PROGRAM = """
import multiprocessing
import numpy as np
import torch
from core.models.face import FaceReader

torch.set_num_threads(2)
reader = FaceReader()
picture = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3)).astype(np.uint8)
expected = [part.tobytes() for part in reader.mesh(picture)]
torch.ones(600, 600) @ torch.ones(600, 600)


def read():
    made_here = FaceReader()
    for one in (reader, made_here):
        assert [part.tobytes() for part in one.mesh(picture)] == expected
    assert (torch.ones(600, 600) @ torch.ones(600, 600)).max() == 600


child = multiprocessing.get_context("fork").Process(target=read)
child.start()
child.join(30)
print("waits" if child.exitcode is None else child.exitcode)
child.kill()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_process_reads_faces_to_the_same_bits():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0", done.stderr
