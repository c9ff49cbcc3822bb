from core import errors


def test_exit_codes_tell_usage_from_sources():
    assert errors.ConfigError("").exit_code == 2
    for kind in (errors.StreamNotFoundError, errors.CameraError, errors.FileFormatError, errors.CheckpointError):
        assert kind("").exit_code == 3


def test_the_end_of_a_stream_is_no_error():
    assert not issubclass(errors.EndOfStream, errors.InsulaError)
