import platform
import subprocess
import sys

import pytest

PAGES = """
import resource
import numpy as np
from core.memory import keep_freed_memory

if {kept}:
    keep_freed_memory()

def ask():
    return [np.ones(2**20) for _ in range(4)]  # 8 MB each, given back together

ask()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    ask()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
ASKED = 10 * 4 * 8 * 2**20 // 4096
"""Pages of 4 kB."""


def new_pages(kept: bool) -> int:
    code = PAGES.format(kept=kept)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the option")
def test_what_is_given_back_is_not_asked_of_the_system_again():
    assert new_pages(kept=True) < ASKED / 20
    assert new_pages(kept=False) > ASKED / 20, "there is nothing to be kept"
