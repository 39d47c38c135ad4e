"""Puts schemas, mappings and fixtures inside the wheel, as `dmig/library`; all else is in pyproject.toml."""

from pathlib import Path
from shutil import copytree

from setuptools import setup
from setuptools.command.build_py import build_py

LIBRARY = ("schemas", "mappings", "fixtures")


class BuildWithLibrary(build_py):
    """Copies the library beside the modules; a checkout (editable install) uses it where it lies."""

    def run(self) -> None:
        """Build as usual, then copy."""
        super().run()
        if self.editable_mode:
            return
        for name in LIBRARY:
            copytree(Path(__file__).parent / name, Path(self.build_lib) / "dmig" / "library" / name, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithLibrary})
