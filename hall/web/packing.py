"""Packs the pages' npm packages into the wheel, so that a device needs neither npm nor the network for them."""

import runpy
import shutil
from pathlib import Path

from setuptools.command.build_py import build_py  # type: ignore[import-untyped]


class BuildWithPackages(build_py):  # type: ignore[misc]
    """Named in pyproject.toml. Run where `make setup` has fetched node_modules; an editable install needs none."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            web = runpy.run_path(str(Path(__file__).parent / "__init__.py"))
            target = Path(self.build_lib) / "hall/web/packages"
            target.mkdir(parents=True, exist_ok=True)
            for name, source in web["PACKAGES"].items():
                shutil.copyfile(web["CHECKOUT"] / source, target / name)
