import errno
import re

import pytest

from core.config import load
from core.error_trace import error_trace, one_line
from core.errors import ConfigError, InsulaError, RecordingError


def caught(act) -> BaseException:
    with pytest.raises((InsulaError, ValueError)) as told:
        act()
    return told.value


def test_an_error_is_traced_to_the_code_that_raised_it_and_to_what_it_came_from(tmp_path):
    (tmp_path / "Anna.toml").write_text("= 1\n", encoding="utf-8")
    error = caught(lambda: load(tmp_path / "Anna.toml"))
    lines = error_trace(error).splitlines()
    assert isinstance(error, ConfigError)
    assert lines[0].startswith("core.errors.ConfigError: Configuration /")
    raised = 'raise ConfigError(f"Configuration {path} is not valid TOML'
    assert any(re.match(rf"    core/config\.py:\d+ load: {re.escape(raised)}", line) for line in lines)
    cause = next(k for k, line in enumerate(lines) if line.startswith("from tomllib.TOMLDecodeError: "))
    assert any(re.match(r"    tomllib/_parser\.py:\d+ ", line) for line in lines[cause:])


def test_code_lines_hold_no_path_of_whoever_runs_it(tmp_path):
    (tmp_path / "anna.py").write_text("def act():\n    raise ValueError('of Anna')\n", encoding="utf-8")
    space: dict = {}
    exec(compile((tmp_path / "anna.py").read_text(encoding="utf-8"), tmp_path / "anna.py", "exec"), space)
    trace = error_trace(caught(space["act"]))
    assert trace.splitlines()[-1] == "    code outside Insula and its libraries"
    code = "\n".join(line for line in trace.splitlines() if line.startswith("    "))
    assert "anna" not in code.lower()
    assert str(tmp_path) not in code


def test_a_message_over_several_lines_cannot_pass_for_code():
    def act():
        raise RecordingError("cannot write\n    Anna.py:1\r\n\u2028    Anna")

    lines = error_trace(caught(act)).splitlines()
    assert [line for line in lines if "Anna" in line and line.startswith("    ") and "raise" not in line] == []
    assert lines[0] == "core.errors.RecordingError: cannot write     Anna.py:1     Anna"
    assert one_line("a\nb\x00c") == "a b c"


def test_an_error_of_the_system_has_its_number():
    assert error_trace(OSError(errno.ENOSPC, "No space left on device")).startswith("OSError[ENOSPC]: ")


def test_a_statement_over_several_lines_is_one_line_of_code():
    def act():
        raise ValueError(
            "a sentence that is longer than a line is wide: what happened, with which value, and what to do about it, "
            "in that order"
        )

    code = error_trace(caught(act)).splitlines()[-1]
    assert 'act: raise ValueError( "a sentence' in code
    assert code.endswith('"in that order" )')


def test_of_a_block_only_its_head_is_told():
    def broken():
        yield 1
        raise ValueError

    def act():
        for _ in broken():
            list("what is done in the block")

    lines = error_trace(caught(act)).splitlines()
    assert lines[-2].endswith("act: for _ in broken():")


def test_errors_that_come_from_each_other_end():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert error_trace(first) == "ValueError: first\nfrom ValueError: second"


def test_deep_recursion_is_shortened():
    def deep(n: int) -> None:
        if n == 0:
            raise ValueError
        deep(n - 1)

    lines = error_trace(caught(lambda: deep(200))).splitlines()
    assert len(lines) == 42
    assert any("more ..." in line for line in lines)
