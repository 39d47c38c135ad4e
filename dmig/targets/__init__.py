"""Where accepted rows are published: files (generations beside a small file `current`); databases later."""

from dmig.targets.files import FilesTarget, OutputFile

__all__ = ["FilesTarget", "OutputFile"]
