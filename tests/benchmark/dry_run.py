"""A dry run as `dmig run` does it, without acceptance: neither competitor accepts anything."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from dmig.pipeline.session import Asked, open_session


def main() -> None:
    """`dry_run.py OPERATION INPUTS RUNS WORKERS`: prints the result as JSON."""
    operation, inputs, runs, workers = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    session = open_session(Asked(operation, inputs=inputs, runs=runs, workers=workers))
    session = replace(session, request=replace(session.request, accept=False))
    print(json.dumps(session.run()))


if __name__ == "__main__":
    main()
