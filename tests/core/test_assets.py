from core.assets import asset_path


def test_shipped_weights_are_there_with_their_licences():
    for name in (
        "detector.safetensors",
        "expression.safetensors",
        "LICENSE-face-api",
        "LICENSE-blazeface",
        "README.md",
    ):
        assert asset_path(f"face/{name}").is_file()
