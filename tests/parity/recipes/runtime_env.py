"""The runtime environment, which is YAML text (R118)."""

from __future__ import annotations

from tests.parity.draft import Draft
from tests.parity.recipe import breach, recipe


@recipe("spec.runtimeEnv", breaks=(breach("R118"),))
def no_yaml(draft: Draft) -> None:
    draft.spec["runtimeEnvYAML"] = draft.pick(
        "a: [",
        "a: b: c",
        "{a: 1",
        "\ta: 1",
        "a: 'b",
        'a: "\\/"',
        "a: \x07",
        "a: *b",
        "a: &b [*b]",
        "%YAML 1.2\n---\na: 1",
        "@a: 1",
        "a:\n- b\n c: d",
    )


@recipe("spec.runtimeEnv", breaks=(breach("R118"),))
def yaml_that_is_no_mapping(draft: Draft) -> None:
    draft.spec["runtimeEnvYAML"] = draft.pick("pip", "1", "true", "- pip", "[]", "a:1", "|\n a: 1", '"a: 1"', "[a, b]")


@recipe("spec.runtimeEnv", breaks=(breach("R118"),))
def yaml_that_json_cannot_say(draft: Draft) -> None:
    draft.spec["runtimeEnvYAML"] = draft.pick(
        "a: .inf",
        "a: -.Inf",
        "a: [.NaN]",
        "a: !!float .nan",
        "~: 1",
        "null: a",
        "[a]: b",
        "{a: b}: c",
        "a: !!int b",
        "a: !!binary '*'",
        "<<: 1",
        "18446744073709551615: a",
    )


@recipe("spec.runtimeEnv")
def yaml(draft: Draft) -> None:
    draft.spec["runtimeEnvYAML"] = draft.pick(
        "",
        " \n",
        "# nothing",
        "null",
        "~",
        "---",
        "{}",
        '{"pip": ["torch"]}',
        "pip: [torch]\nenv_vars:\n  A: '1'",
        "a: 1\na: 2",
        "a: 1\n---\n- [",
        "1: a\ntrue: b\n2001-01-01: c\n.inf: d",
        "a: '.inf'\nb: 1e999",
        "a: &b {c: 1}\nd: {<<: *b}",
        "a: !foo x\nb: !!int '3'\nc: !!set {d}",
    )
