#!/usr/bin/env python3
"""Checks of action.yml and the workflows that actionlint does not make.

    .ci/action_yml.py FILE...

Each `uses` is pinned to a whole commit with its version beside it; each step of the composite
action that runs a script names its shell; and no script has an expression in its text, where what
it comes to would be run as a part of the script.
"""

import re
import sys
from pathlib import Path

import yaml

PINNED = re.compile(r"uses:\s+[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
OWN = re.compile(r"uses:\s+\./")


def steps(document):
    """The steps of a composite action, or those of every job of a workflow."""
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job.get("steps", [])]


def problems(path):
    text = Path(path).read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*(- )?uses:", line) and not OWN.search(line) and not PINNED.search(line):
            yield f"{path}:{number}: not pinned to 40 digits with `# vX.Y.Z` behind it: {line.strip()}"
    document = yaml.safe_load(text)
    for step in steps(document):
        name = f"{path}: {step.get('name', step.get('uses', 'a step without a name'))}"
        if "run" in step and "${{" in step["run"]:
            yield f"{name}: an expression in the text of a script; hand it over by `env`"
        if "runs" in document and "run" in step and "shell" not in step:
            yield f"{name}: no `shell`, which composite actions need"
    if "runs" in document:
        named = set(re.findall(r"inputs\.([\w-]+)", text))
        declared = set(document["inputs"])
        for name in sorted(named - declared):
            yield f"{path}: the input `{name}` is used and not declared"
        for name in sorted(declared - named):
            yield f"{path}: the input `{name}` is declared and not used"


found = [problem for path in sys.argv[1:] for problem in problems(path)]
print("\n".join(found) or f"action_yml.py: {len(sys.argv) - 1} files are as they should be")
sys.exit(bool(found))
