"""Reconciling a stored run once more, from its source files and what it published, whenever somebody asks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from dmig.errors import DmigError
from dmig.pipeline import worker
from dmig.pipeline.books import site_secret
from dmig.pipeline.context import Context, InputFile
from dmig.pipeline.differences import accept_differences
from dmig.pipeline.exclusion_pass import NOTED
from dmig.pipeline.inputs import find_inputs
from dmig.pipeline.population_pass import in_result, judge_populations, population_pass
from dmig.pipeline.proving import proving
from dmig.pipeline.reconcile_pass import Reconciled, reconcile_pass
from dmig.pipeline.run import UNPACKED, Request, compile_operation, mapping_folders, own_repairs
from dmig.pipeline.session import default_workers, open_run, open_site
from dmig.pipeline.tasks import Workers
from dmig.pipeline.write_pass import Output
from dmig.spec.library import Library
from dmig.stages.write import file_sha256
from dmig.store.private import empty_folder, private_umask, read_json


def reconcile_again(runs: Path, run_id: str) -> dict[str, Any]:
    """Files whose hashes changed, totals, proofs and differences of a stored run; `exit_code` 4 where any is wrong.

    `DmigError` ENV001 when its source files or what it wrote are not there any more.
    """
    result = open_run(runs, run_id)
    folder = runs / str(result["run_id"])
    request = _request(runs, folder, result)
    plan = compile_operation(request)
    inputs = find_inputs(plan, request.inputs, folder / UNPACKED)
    written = folder / "protected" / "write"
    outputs = [Output(**entry) for group in plan.groups for entry in _stored(written / f"{group.group.group}.json")]
    context = Context(
        plan=plan, make_registry=request.make_registry, folder=folder, inputs=inputs, workers=request.workers,
        mapping_folders=mapping_folders(request), secret=request.secret,
    )  # fmt: skip
    counted, found = _read_again(context, outputs, written / "published")
    accepted = {entry["group"]: int(entry["accepted"]) for entry in result["groups"]}
    proved = proving(plan, found.verdicts, accepted)
    differences, register = accept_differences(proved["differences"], plan.mapping.differences, result["as_of"])
    files = changed_files(result, inputs, written / "published")
    wrong = [line for line in differences if line["count"] != line["accepted"]]
    references = result["reconciliation"]["references"]
    explained = {(line["group"], line["item"]): int(line["explained"]) for line in references}
    populations = judge_populations(counted, result["tables"], result["groups"], explained)
    totals = [*populations.records, *found.totals]
    good = not files and not wrong and all(total["agrees"] for total in totals) and not populations.differences
    return {
        "run_id": result["run_id"], "same_plan": plan.plan_hash == result["plan_hash"], "exit_code": 0 if good else 4,
        "files": files, **proved, "differences": differences, "accepted_differences": register,
        "totals": totals, **in_result(populations),
    }  # fmt: skip


def _read_again(context: Context, outputs: list[Output], published: Path) -> tuple[dict[str, Any], Reconciled]:
    """What stands in the files, and how their cells compare; what the run has left out is taken from its folder."""
    workers = Workers(context.workers, worker.prepare, (context.plan, context.make_registry))
    with private_umask():
        try:
            marks = empty_folder(context.protected / "reconcile-again")
            if (noted := context.protected / "reconcile" / NOTED).is_dir():
                shutil.copytree(noted, marks / NOTED)
            counted = population_pass(context, workers, outputs, published, marks)
            return counted, reconcile_pass(context, workers, outputs, published, marks)
        finally:
            workers.close()


def changed_files(result: dict[str, Any], inputs: dict[str, InputFile], published: Path) -> list[dict[str, str]]:
    """Source and published files that are not those of the run: name, and `changed` or `missing`."""
    now = {entry.path.name: entry.sha256 for entry in inputs.values()}
    found = [
        {"file": str(entry["file"]), "side": "source", "state": "changed" if entry["file"] in now else "missing"}
        for entry in result["inputs"]
        if now.get(entry["file"]) != entry["sha256"]
    ]
    for entry in result["outputs"]:
        path = published / str(entry["file"])
        state = "missing" if not path.is_file() else "changed" if file_sha256(path) != entry["sha256"] else ""
        if state:
            found.append({"file": str(entry["file"]), "side": "published", "state": state})
    return found


def _request(runs: Path, folder: Path, result: dict[str, Any]) -> Request:
    circumstances = read_json(folder / "run.json")
    site = open_site(runs.parent) if (runs.parent / "dmig.toml").is_file() else None
    inputs = Path(circumstances["inputs"])
    return Request(
        library=Library(Path(circumstances["library"])),
        operation=result["operation"],
        system=result["system"],
        inputs=inputs,
        folder=folder,
        workers=default_workers(inputs),
        site=site.layers(result["operation"]) if site else (),
        repairs=own_repairs(folder),
        secret=site_secret(site),
    )


def _stored(mark: Path) -> list[dict[str, Any]]:
    """What a run noted about the files of a group."""
    if not mark.is_file():
        raise DmigError("ENV001", path=mark.name)
    entries: list[dict[str, Any]] = json.loads(mark.read_text(encoding="utf-8"))
    return entries
