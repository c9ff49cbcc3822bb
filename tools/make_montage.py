"""Write assets/montage/standard_1005.tsv: the 10-05 electrode positions of MNE's colin27 template.

Run once, by hand, when MNE's template changes: ``python -m tools.make_montage``. Core reads the file and needs no MNE.
"""

from pathlib import Path

import mne

TARGET = Path(__file__).resolve().parents[1] / "assets" / "montage" / "standard_1005.tsv"


def template_positions() -> dict[str, tuple[float, float, float]]:
    """Return name -> (x, y, z) in metres, MNE head coordinates (x right, y front, z up, origin between the ears)."""
    names = mne.channels.get_builtin_montages()
    montage = mne.channels.make_standard_montage("colin27_1005" if "colin27_1005" in names else "standard_1005")
    in_head = mne.channels.montage.transform_to_head(montage).get_positions()["ch_pos"]
    return {name: (float(x), float(y), float(z)) for name, (x, y, z) in in_head.items()}


def main() -> None:
    """Write the file and say how many electrodes it holds."""
    positions = template_positions()
    lines = ["name\tx\ty\tz"] + [f"{name}\t{x:.6f}\t{y:.6f}\t{z:.6f}" for name, (x, y, z) in positions.items()]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(positions)} electrodes -> {TARGET}")


if __name__ == "__main__":
    main()
