"""Bill of materials, threat model and checklist say what the pipeline measured, and no more."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from palisade import tasks
from palisade.attacks import names
from palisade.errors import PalisadeError
from palisade.release import (
    bom,
    checklist,
    gate,
    locked,
    model_card,
    papers,
    statements,
    threat_model,
)
from palisade.release import lines as lines_of
from palisade.release.evidence import Absent, Scope, shown
from tests.release.conftest import Project, budgets, metrics
from tests.release.made import audit

TASKS = ("motion", "vision", "voice")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A packaged project of three tasks and a door. Leave it as it is."""
    made = Project(tmp_path_factory.mktemp("papers"))
    made.write(*TASKS, fused=True, attacked=True)
    made.package()
    return made


def read(project: Project, name: str) -> Any:
    return json.loads((project.release / name).read_text())


def line(project: Project, name: str) -> dict[str, Any]:
    found = [one for one in read(project, lines_of.NAME)["lines"] if one["name"] == name]
    assert len(found) == 1
    return dict(found[0])


def statement(project: Project, name: str, task: str | None = "voice") -> dict[str, Any]:
    found = read(project, threat_model.NAME)["statements"]
    (one,) = (one for one in found if (one["name"], one["task"]) == (name, task))
    return dict(one)


def components(project: Project) -> dict[str, dict[str, Any]]:
    return {one["bom-ref"]: one for one in read(project, bom.NAME)["components"]}


def all_evidence(project: Project) -> list[dict[str, Any]]:
    said = [
        *read(project, lines_of.NAME)["lines"],
        *read(project, threat_model.NAME)["statements"],
    ]
    return [evidence for one in said for evidence in one["evidence"]]


def test_every_evidence_stands_where_it_says(whole: Project) -> None:
    files = {name: read(whole, name) for name in ("manifest.json", threat_model.NAME)}
    found = all_evidence(whole)
    assert len(found) > 200
    for one in found:
        assert (whole.release / one["file"]).is_file()
        value = files[one["file"]]
        for part in one["field"].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[int(key) if isinstance(value, list) else key]
        assert value == one["value"]


def test_every_number_of_a_statement_is_evidence(whole: Project) -> None:
    written = {task: {budgets(task).name(b) for b in budgets(task).budgets} for task in TASKS}
    assert all(written.values())
    for one in read(whole, threat_model.NAME)["statements"]:
        known = {shown(evidence["value"]) for evidence in one["evidence"]}
        known |= {f"{shown(round(e['value'] * 255, 1))}/255" for e in one["evidence"]
                  if isinstance(e["value"], float)}  # fmt: skip
        text = re.sub(r"95 % interval|\b(?:16|8)[- ]bits?\b|int8|With 1 mg|8 bits", "", one["text"])
        for number in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)*(?:/255)?", text.rstrip(".")):
            assert any(number in value for value in known), (number, one)


def test_figures_of_the_pages_are_those_of_the_metrics(whole: Project) -> None:
    page = (whole.release / "threat_model.md").read_text()
    for task in TASKS:
        measured = metrics(task)["evaluate"]
        reference = budgets(task).name(budgets(task).reference)
        assert f"an {task}" not in page
        said = statement(whole, "fool_the_model", task)["text"]
        assert f"keeps {shown(measured['int8']['worst_case_accuracy'][reference])} of" in said
        assert f"attacks, {shown(measured['int8']['clean_accuracy'])}." in said
        assert said in page
    for one in read(whole, lines_of.NAME)["lines"]:
        row = f"| {one['task'] or 'all'} | {one['claim']} |"
        cells = [text for text in (whole.release / "checklist.md").read_text().splitlines()
                 if row in text]  # fmt: skip
        assert len(cells) == 1
        if one["evidence"] and isinstance(one["evidence"][0]["value"], float):
            assert f"| {shown(one['evidence'][0]['value'])} |" in cells[0]


def test_figures_of_the_model_card_are_those_of_the_metrics(whole: Project) -> None:
    for task in TASKS:
        card = components(whole)[f"model:{task}"]["modelCard"]
        figures = card["quantitativeAnalysis"]["performanceMetrics"]
        plain = {one["type"]: one["value"] for one in figures if "slice" not in one}
        measured = metrics(task)["evaluate"]
        assert plain["accuracy"] == str(measured["int8"]["clean_accuracy"])
        assert plain["false accept rate"] == str(measured["int8"]["false_accept_rate"])
        reference = budgets(task).name(budgets(task).reference)
        worst = [one for one in figures if one.get("slice") == f"all, {reference}"]
        assert {one["value"] for one in worst} == {"0.734", "0.77", "0.0583"}
        assert worst[0]["confidenceInterval"] == {"lowerBound": "0.367", "upperBound": "0.867"}
        clean = next(one for one in figures if one["type"] == "accuracy")["confidenceInterval"]
        assert float(clean["lowerBound"]) < 0.9375 < float(clean["upperBound"])


def test_templates_leave_nothing_unfilled(whole: Project) -> None:
    names = ("threat_model.md", "checklist.md", threat_model.NAME, lines_of.NAME, bom.NAME)
    for name in names:
        text = (whole.release / name).read_text()
        words = "TASK|REFERENCE|HOPELESS|EPSILON|STRONGER|GROUP|PAIR|BOTH|BUDGET|LIMIT|LAST"
        assert re.findall(rf"{{[\w/]+[}}|]|\b(?:{words})\b", text) == []


def test_the_bill_of_materials_is_valid_and_says_what_made_the_release(whole: Project) -> None:
    text = (whole.release / bom.NAME).read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert "timestamp" not in text
    found = components(whole)
    package = found["pkg:pypi/espeakng-loader@0.2.4"]
    digests = [one["content"] for one in package["externalReferences"][0]["hashes"]]
    assert digests == ["b" + "0" * 63, "b" * 64]
    held = read(whole, "manifest.json")["files"]["voice/model.tflite"]["sha256"]
    assert found["model:voice"]["hashes"] == [{"alg": "SHA-256", "content": held}]
    assert found["model:voice"]["modelCard"]["modelParameters"]["datasets"] == [
        {"ref": "data:voice"}
    ]


def test_licences_are_stated(whole: Project) -> None:
    licences = dict(bom.licences(read(whole, bom.NAME)))
    assert licences["tool:espeak-ng"] == licences["data:voice"] == "GPL-3.0-or-later"
    assert licences["library"] == licences["model:voice"] == licences["data:motion"] == "Apache-2.0"
    data = components(whole)["data:voice"]["data"][0]
    assert "espeak-ng is under GPL-3.0-or-later" in data["description"]


def test_another_figure_gives_another_serial_number(project: Project) -> None:
    project.package()
    first = read(project, bom.NAME)["serialNumber"]
    project.edit("metrics/voice/evaluate.json", '"clean_accuracy": 0.9375', '"clean_accuracy": 0.9')
    project.package()
    assert read(project, bom.NAME)["serialNumber"] != first


def test_recordings_of_a_team_have_no_licence_until_it_states_one(project: Project) -> None:
    params = (project.root / "params.yaml").read_text()
    assert "data/synthetic/voice" in params
    own = params.replace("data/synthetic/voice", "data/raw/voice")
    (project.root / "params.yaml").write_text(own)
    project.package()
    assert dict(bom.licences(read(project, bom.NAME)))["data:voice"] == "not stated"
    assert "tool:espeak-ng" not in components(project)
    assert line(project, "voice.licence_is_stated")["status"] == "fail"
    project.params(["voice"], data_licences=[{"corpus": "data/raw/voice", "licence": "CC-BY-4.0"}])
    stated = (project.root / "params.yaml").read_text()
    (project.root / "params.yaml").write_text(
        stated.replace("data/synthetic/voice", "data/raw/voice")
    )
    project.package()
    assert dict(bom.licences(read(project, bom.NAME)))["data:voice"] == "CC-BY-4.0"
    assert line(project, "voice.licence_is_stated")["status"] == "pass"


def test_a_bill_of_materials_that_is_not_valid_stops_the_stage(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.package()
    before = (project.release / "manifest.json").read_bytes()
    monkeypatch.setattr(model_card, "describe", lambda *_, **__: {"accuracy": 0.9})
    with pytest.raises(PalisadeError, match=r"not valid CycloneDX 1\.6.*accuracy"):
        project.package()
    assert (project.release / "manifest.json").read_bytes() == before


def test_a_changed_figure_changes_its_line(project: Project) -> None:
    project.package()
    assert line(project, "voice.clean_accuracy")["status"] == "pass"
    project.edit("metrics/voice/evaluate.json", '"clean_accuracy": 0.9375', '"clean_accuracy": 0.9')
    project.package()
    failed = line(project, "voice.clean_accuracy")
    assert (failed["status"], failed["limit"]) == ("fail", 0.92)
    assert failed["reason"] == "0.9, which should be at least 0.92"
    assert failed["evidence"][0]["value"] == 0.9


def test_a_missing_figure_fails_its_line(whole: Project) -> None:
    """Every figure and every limit that a line stands on is taken away in turn."""
    content, taken = read(whole, "manifest.json"), 0
    for one in read(whole, lines_of.NAME)["lines"]:
        for place in one["evidence"] if one["status"] != "verify" else ():
            files = {place["file"]: copy.deepcopy(read(whole, place["file"]))}
            *above, last = (part.replace("~1", "/") for part in place["field"].split("/")[1:])
            branch = files[place["file"]]
            for part in above:
                branch = branch[part]
            branch[last] = None
            files = {"manifest.json": content, threat_model.NAME: {}} | files
            scopes = {one["task"]: scope_of(files, one["task"])} if one["task"] else {}
            again = checklist.describe(Scope(files), scopes, {"vision", "motion"})["lines"]
            found = [line for line in again if line["name"] == one["name"]]
            if found:  # without its target, nobody asks for a figure of a stream
                assert found[0]["status"] == "fail", place
                assert f"(there is no {place['file']}#{place['field']}" in found[0]["reason"]
            taken += 1
    assert taken > 60


def scope_of(files: dict[str, Any], task: str) -> Scope:
    """A task's scope, as the stage makes it."""
    card = tasks.load(task, "card").CARD
    return papers.scope_of(files, task, papers.Subject(card, budgets(task), {}, {}))


def test_lines_hold_where_they_should(whole: Project) -> None:
    names = {one["name"]: one["status"] for one in read(whole, lines_of.NAME)["lines"]}
    assert names["voice.trained_at_the_budget"] == "pass"  # of dB, where less is stronger
    assert names["vision.trained_at_the_budget"] == "pass"  # and of pixels, where more is
    assert names["voice.splits_are_apart"] == names["motion.splits_are_apart"] == "pass"
    assert names["voice.guard_helps_under_attack"] == "pass"
    assert names["voice.companion_has_a_say"] == "pass"
    assert names["vision.controlled"] == names["door_false_accepts"] == "pass"
    assert names["voice.a_transformation_is_on"] == "fail"
    assert names["voice.physical_attacks"] == "pass"
    assert names["voice.stream_false_accepts"] == "fail"
    assert "vision.stream_false_accepts" not in names
    summary = read(whole, lines_of.NAME)["summary"]
    assert summary == {one: list(names.values()).count(one) for one in summary}


@pytest.mark.parametrize("task", TASKS)
def test_training_below_the_budget_fails(task: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(task)
    weaker = {
        "voice": ("28.0", "31.0"),
        "vision": ("0.0196078", "0.0117"),
        "motion": ("55.0", "45.0"),
    }
    name = {"voice": "epsilon_snr_db", "vision": "epsilon_linf", "motion": "epsilon_mg"}[task]
    project.edit("params.yaml", f"{name}: {weaker[task][0]}", f"{name}: {weaker[task][1]}")
    project.package()
    assert line(project, f"{task}.trained_at_the_budget")["status"] == "fail"


def test_what_verify_decides_is_left_to_it(whole: Project, project: Project) -> None:
    asked = {one["verify"] for one in read(whole, lines_of.NAME)["lines"]} - {""}
    assert asked == {
        "signature_is_trusted", "no_file_added_or_missing", "security_counter_not_below_least",
        "version_not_below_least", "provenance_is_signed", "images_carry_the_manifest",
        "models_are_audited",
    }  # fmt: skip
    assert asked == gate.DECIDED
    project.params(["voice"], version="1.2.3", security_counter=41)
    project.package()
    assert "counter 41 " in line(project, "security_counter_not_below_least")["claim"]
    assert read(project, "manifest.json")["security_counter"] == 41
    assert "release 1.2.3" in (project.release / "threat_model.md").read_text()


def test_what_a_team_chooses_is_shown_as_failed_and_blocks_nothing(whole: Project) -> None:
    blocks = {one["name"]: one["required"] for one in read(whole, lines_of.NAME)["lines"]}
    chosen = ("a_transformation_is_on", "companion_has_a_say", "clean_accuracy", "controlled")
    for name in (*(f"vision.{one}" for one in chosen), "several_sensors_agree"):
        assert blocks[name] is False
    held = ("enough_examples", "int8_and_white_box_agree", "self_checks", "licence_is_stated")
    for name in (*(f"vision.{one}" for one in held), "door_self_checks", "models_are_audited"):
        assert blocks[name] is True
    page = (whole.release / "checklist.md").read_text()
    assert "| fail | voice | The device smooths" in page
    assert "| **pass** | voice | Every check on the measurement" in page


def test_an_audit_changes_no_byte_of_the_release(project: Project) -> None:
    project.package()
    before = (project.release / "manifest.json").read_bytes()
    audit(project, "voice")
    project.package()
    assert (project.release / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("metrics/voice/detail/robustness.csv", "int8,all,snr_36db", "int8,all,snr_37db"),
        ("metrics/voice/detail/verdicts.csv", "snr_36db", "snr_37db"),
        ("metrics/voice/evaluate.json", '"snr_36db": 0.8125', '"snr_37db": 0.8125'),
    ],
)
def test_a_budget_that_was_not_evaluated_stops_the_stage(
    project: Project, name: str, old: str, new: str
) -> None:
    project.edit(name, old, new)
    with pytest.raises(PalisadeError, match=r"attack\.voice has the budget snr_36db, which was"):
        project.package()


def test_a_capability_counts_only_if_it_was_tried(project: Project) -> None:
    project.package()
    assert statement(project, "white_box")["status"] == "evaluated"
    assert "Tried with pgd_margin," in statement(project, "white_box")["text"]
    untried = statement(project, "queries")  # its verdicts are of no example
    assert untried["status"] == "not evaluated" and untried["text"].endswith("Not evaluated.")
    assert "queries" in read(project, threat_model.NAME)["tasks"]["voice"]["not_evaluated"]
    assert "queries" in line(project, "voice.capabilities_evaluated")["reason"]
    project.edit("metrics/voice/detail/verdicts.csv", "--", "-1")
    project.package()
    assert statement(project, "queries")["status"] == "evaluated"
    assert "queries" not in line(project, "voice.capabilities_evaluated")["reason"]


def test_every_attack_of_the_battery_is_some_capability_of_an_attacker(whole: Project) -> None:
    known = [attack for one in statements.DIGITAL for attack in one.attacks]
    compared = {*names.DOUBLED, names.NES_BLIND}  # with attacks, and are none of their own
    assert sorted(known) == sorted({*names.ATTACKS, *names.ALONE} - compared)
    page = (whole.release / "threat_model.md").read_text()
    assert "unless it is called guard_aware, feature_matching, square or nes" in page


def test_physical_attacks_are_taken_up_where_they_were_measured(project: Project) -> None:
    project.write("voice")
    project.package()
    found = statement(project, "loudspeaker")
    assert found["status"] == "evaluated"
    assert "Share of right answers: over_the_air 0.562." in found["text"]
    assert "Wrong and accepted by the guard: over_the_air 0.375." in found["text"]
    assert statement(project, "ultrasound")["status"] == "not evaluated"
    assert line(project, "voice.physical_attacks")["status"] == "pass"


def test_a_failed_check_stands_on_every_paper(project: Project) -> None:
    project.fail("voice")
    project.package()
    assert (
        "check on the measurement itself failed"
        in (project.release / "threat_model.md").read_text()
    )
    card = components(project)["model:voice"]["modelCard"]
    assert "failed_checks" in card["considerations"]["technicalLimitations"][-1]
    assert line(project, "voice.self_checks")["status"] == "fail"


def test_without_a_door_the_papers_say_so(project: Project, whole: Project) -> None:
    project.package()
    assert "each task's answer stands alone" in statement(project, "no_fusion", None)["text"]
    assert line(project, "several_sensors_agree")["status"] == "fail"
    said = statement(whole, "presence")["text"]
    assert said.endswith("opens the door in 0.61 of 1,024 such test events.")
    assert "does not prove who" in statement(whole, "identity", None)["text"]


def test_of_no_event_nothing_is_claimed(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("voice", "motion", fused=True)
    name = "controlled.voice.bystander_false_accept_rate"
    project.edit("metrics/detail/fusion.csv", f"{name},0.61,0.305,0.805,1024", f"{name},0,0,1,0")
    project.package()
    found = statement(project, "presence")
    assert found["status"] == "not evaluated" and "no test event was of this kind" in found["text"]


def test_crafted_inputs_at_the_door_are_stated_with_interval_and_count(whole: Project) -> None:
    everyone = "_".join(TASKS)
    told = "0.0313 (95 % interval 0.0157 to 0.516) of 1,024 test events that do not warrant it"
    denied = "0.437 (95 % interval 0.218 to 0.719) of 1,024 test events that warrant opening"
    for reach in ("motion_vision", "motion_voice", "vision_voice", everyone):
        found = statement(whole, f"craft_several_for_the_door_{reach}", None)
        assert found["status"] == "evaluated" and f"opens in {told}" in found["text"]
        found = statement(whole, f"deny_by_crafting_several_{reach}", None)
        assert f"stays shut in {denied}" in found["text"]
    assert "motion, vision and voice" in found["text"]
    for task in TASKS:
        found = statement(whole, "craft_for_the_door", task)
        assert found["status"] == "evaluated" and f"opens in {told}" in found["text"]
        assert "opens in 0.0141 of them" in found["text"] and "in hand in 0.391." in found["text"]
        assert f"stays shut in {denied}" in statement(whole, "deny_by_crafting", task)["text"]
        said = statement(whole, "presence_crafted", task)["text"]
        assert said.endswith("opens in 0.213 (95 % interval 0.106 to 0.607) of 1,024 such test "
                             "events.")  # fmt: skip
    assert line(whole, "crafted_inputs_at_the_door")["status"] == "pass"


def test_a_door_that_nobody_attacked_is_said_to_be_so(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("voice", "motion", fused=True)
    project.package()
    for name, task in (
        ("craft_for_the_door", "voice"),
        ("craft_several_for_the_door_motion_voice", None),
        ("deny_by_crafting", "motion"),
    ):
        found = statement(project, name, task)
        assert found["status"] == "not evaluated" and found["text"].endswith("Not evaluated.")
    assert "craft_for_the_door" in line(project, "voice.capabilities_evaluated")["reason"]
    assert line(project, "crafted_inputs_at_the_door")["status"] == "fail"
    assert line(project, "crafted_inputs_at_the_door")["required"] is False


def test_of_no_event_nothing_is_claimed_of_crafted_inputs(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("voice", "motion", fused=True, attacked=True)
    row = "forced,voice,bystander,0.213,0.1065,0.6065,1024"
    project.edit("metrics/detail/fusion_attack.csv", row, "forced,voice,bystander,0,0,1,0")
    project.package()
    found = statement(project, "presence_crafted")
    assert found["status"] == "not evaluated" and "no test event was of this kind" in found["text"]
    assert statement(project, "presence_crafted", "motion")["status"] == "evaluated"


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        ({"version": "1.2"}, "package.version is '1.2'"),
        ({"version": "256.0.0"}, "at most 255.255.65535"),
        ({"version": "01.2.3"}, "package.version"),
        ({"security_counter": -1}, "package.security_counter is -1"),
        ({"security_counter": 2**32}, "package.security_counter"),
        ({"security_counter": True}, "package.security_counter"),
        ({"firmware_version": "1"}, "package.firmware_version is '1'"),
        ({"targets": {}}, "package.targets.voice is missing"),
        ({"licenses": "MIT"}, "package.licenses is unknown"),
    ],
)
def test_a_bad_setting_is_one_clear_error(
    project: Project, package: dict[str, Any], reason: str
) -> None:
    project.params(["voice"], **package)
    with pytest.raises(PalisadeError, match=re.escape(reason)):
        project.package()
    assert not project.release.exists()


def test_a_lock_is_read_as_pip_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    first, second = "a" * 64, "b" * 64
    path.write_text(
        f"# --hash=sha256:{'c' * 64}\nZope.Interface[test]==6.0 ; python_version > '3' \\\n"
        f"    --hash=sha256:{second} \\\n    --hash=sha256:{first} \\\n    --hash=sha256:{first}\n"
    )
    assert locked.read(path) == [locked.Package("zope-interface", "6.0", (first, second))]
    path.write_text("# nothing\n")
    with pytest.raises(PalisadeError, match="pins nothing"):
        locked.read(path)


def test_a_place_that_holds_nothing_is_absent() -> None:
    scope = Scope({"manifest.json": {"a/b": [1, {"c": None}], "n": 2}})
    assert scope.at("/a~1b/0").value == 1
    assert scope.fill("{/n} of {/a~1b/0}").text == "2 of 1"
    for place in ("/a", "/a~1b/7", "/a~1b/x", "/a~1b/1/c", "/n/deeper", "other.json#/n"):
        with pytest.raises(Absent):
            scope.at(place)


def test_packaging_needs_no_tensorflow() -> None:
    code = (
        "import sys; from palisade import tasks; import stages.package\n"
        "for key in ('voice', 'vision', 'motion'): tasks.load(key, 'card'), "
        "tasks.load(key, 'budgets')\n"
        "sys.exit('tensorflow' in sys.modules or 'tf_keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_check_without_evidence_is_packaged_as_failed_with_no_figure(project: Project) -> None:
    project.write("voice")
    table = project.root / "metrics/voice/detail/checks.csv"
    text = table.read_text()
    row = next(line for line in text.splitlines() if line.startswith("enough_examples,"))
    table.write_text(text.replace(row, "enough_examples,nan,<=,0.6,False"))
    evaluated = project.root / "metrics/voice/evaluate.json"
    evaluated.write_text(evaluated.read_text().replace('"reliable": true', '"reliable": false'))
    project.package()
    (failed,) = read(project, "manifest.json")["failed_checks"]
    assert (failed["check"], failed["figure"]) == ("enough_examples", None)
