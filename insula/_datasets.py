"""What an importer of a data set gives."""

from app.study.datasets.dataset import ImportedTrial

__all__ = ["ImportedTrial"]
