import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.guardrail.entrypoint_not_allowed import EntrypointNotAllowed, entrypoint_not_allowed

ALLOWED = {"allowed": ["python [a-z]+[.]py( --[a-z]+)*", "ray .*"]}
FORBIDDEN = {"forbidden": ["(?i).*curl.*", ".*wget.*"]}
NO_MATCH = ['spec.entrypoint: Invalid value: must match "python [a-z]+[.]py( --[a-z]+)*" or "ray .*"']
REQUIRED = ["spec.entrypoint: Required value: a command that the policy allows"]


@pytest.mark.parametrize(
    ("entrypoint", "found"),
    [
        ("python train.py", []),
        ("  python train.py --fast\n", []),
        ("ray status", []),
        ("Python train.py", NO_MATCH),
        ("python train.py; curl x", NO_MATCH),
        ("python train.py\ncurl x", NO_MATCH),
        ("ray status\ncurl x", NO_MATCH),
        ("python train.py\u200b", NO_MATCH),
        ("python\u00a0train.py", NO_MATCH),
        ("p\u0443thon train.py", NO_MATCH),
        ("x python train.py", NO_MATCH),
        ("", REQUIRED),
        (" \n", REQUIRED),
        (None, REQUIRED),
        (["python train.py"], []),
    ],
)
def test_an_entrypoint_matches_one_of_the_allowed_patterns_as_a_whole(entrypoint, found):
    assert judged(entrypoint_not_allowed, ALLOWED, {"spec": {"entrypoint": entrypoint}}) == found


@pytest.mark.parametrize(
    ("entrypoint", "patterns"),
    [
        ("python train.py", []),
        ("", []),
        ("curl x", ["(?i).*curl.*"]),
        ("CURL x", ["(?i).*curl.*"]),
        ("python a.py\ncurl x\n", ["(?i).*curl.*"]),
        ("a\nwget b\ncurl c", ["(?i).*curl.*", ".*wget.*"]),
    ],
)
def test_an_entrypoint_matches_none_of_the_forbidden_patterns(entrypoint, patterns):
    listed = " or ".join(f'"{pattern}"' for pattern in patterns)
    found = [f"spec.entrypoint: Invalid value: must not match {listed}"] if patterns else []

    assert judged(entrypoint_not_allowed, FORBIDDEN, {"spec": {"entrypoint": entrypoint}}) == found


def test_what_is_allowed_may_be_forbidden_too():
    patch = {"spec": {"entrypoint": "ray curl"}}

    assert judged(entrypoint_not_allowed, ALLOWED | FORBIDDEN, patch) == [
        'spec.entrypoint: Invalid value: must not match "(?i).*curl.*"'
    ]


def test_an_empty_list_allows_nothing():
    assert judged(entrypoint_not_allowed, {"allowed": []}, {}) == [
        "spec.entrypoint: Invalid value: must match nothing: the policy allows none"
    ]


SUBMITTER = "spec.submitterPodTemplate.spec"


def left_out(*places):
    return [f"{SUBMITTER}.{place}: Forbidden: must be left out: KubeRay submits the entrypoint" for place in places]


OWN_COMMAND = left_out("containers[0].command")
EXEC = {"exec": {"command": ["/submit"]}}


@pytest.mark.parametrize(
    ("containers", "found"),
    [
        ([{"command": ["/submit"]}], OWN_COMMAND),
        ([{"command": ["/submit"], "args": ["python train.py"]}], OWN_COMMAND),
        ([{"args": ["curl x"]}], []),
        ([{"command": []}], []),
        ([{"command": None}], []),
        ([{"name": "a"}, {"command": ["sidecar"]}], left_out("containers[1]")),
        ([{"name": "a"}, {"image": "submit"}, None], left_out("containers[1]", "containers[2]")),
        (
            [{"lifecycle": {"postStart": EXEC, "preStop": EXEC}}],
            left_out("containers[0].lifecycle.postStart.exec", "containers[0].lifecycle.preStop.exec"),
        ),
        (
            [{"livenessProbe": EXEC, "readinessProbe": {"httpGet": {"port": 1}}, "startupProbe": EXEC}],
            left_out("containers[0].livenessProbe.exec", "containers[0].startupProbe.exec"),
        ),
        ([None], []),
        ([], []),
        (None, []),
    ],
)
def test_a_submitter_has_no_command_of_its_own(containers, found):
    patch = {"spec": {"entrypoint": "ray x", "submitterPodTemplate": {"spec": {"containers": containers}}}}

    for given in (ALLOWED, FORBIDDEN):
        assert judged(entrypoint_not_allowed, given, patch) == found
        assert judged(entrypoint_not_allowed, given | {"allowSubmitterCommand": True}, patch) == []


@pytest.mark.parametrize("kind", ["initContainers", "ephemeralContainers"])
def test_no_other_container_submits(kind):
    template = {"spec": {"containers": [{"name": "a"}], kind: [{"name": "b", "image": "submit"}]}}
    patch = {"spec": {"entrypoint": "ray x", "submitterPodTemplate": template}}

    assert judged(entrypoint_not_allowed, ALLOWED, patch) == left_out(f"{kind}[0]")
    assert judged(entrypoint_not_allowed, ALLOWED | {"allowSubmitterCommand": True}, patch) == []
    assert judged(entrypoint_not_allowed, ALLOWED, head_alone(kind)) == []


def head_alone(kind):
    spec = {"containers": [{"name": "a", "command": ["x"]}], kind: [{"name": "b", "command": ["x"]}]}
    return {"spec": {"entrypoint": "ray x", "rayClusterSpec": {"headGroupSpec": {"template": {"spec": spec}}}}}


RUN = "must have no backtick and no $ but for a variable's name: the submitter's shell would run it"
WORD = "must be one word of letters, digits and . _ : @ % + = , / -, for it stands in the submitter's command"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"jobId": "team/a-1_2.b:c"}, []),
        ({"jobId": ""}, []),
        ({"jobId": "a; curl x"}, [f'spec.jobId: Invalid value: "a; curl x": {WORD}']),
        ({"jobId": "a -- bash"}, [f'spec.jobId: Invalid value: "a -- bash": {WORD}']),
        ({"jobId": "a\nb"}, [f'spec.jobId: Invalid value: "a\\nb": {WORD}']),
        ({"jobId": "\u0430"}, [f'spec.jobId: Invalid value: "\u0430": {WORD}']),
        ({"metadata": {"a": "b; c", "d": "$TEAM ${TEAM}", "e": None}}, []),
        ({"metadata": {"a": "$(curl x)"}}, [f"spec.metadata[a]: Invalid value: {RUN}"]),
        ({"metadata": {"a": "`curl x`"}}, [f"spec.metadata[a]: Invalid value: {RUN}"]),
        ({"metadata": {"a": "${A@P}"}}, [f"spec.metadata[a]: Invalid value: {RUN}"]),
        ({"metadata": {"a": "${A:-$(curl x)}"}}, [f"spec.metadata[a]: Invalid value: {RUN}"]),
        ({"metadata": {"a": "$[a[$A]]"}}, [f"spec.metadata[a]: Invalid value: {RUN}"]),
        ({"metadata": {"$(curl)": "a"}}, [f"spec.metadata[$(curl)]: Invalid value: {RUN}"]),
        ({"entrypointResources": '{"gpu": 1}'}, []),
        ({"entrypointResources": "$(curl x)"}, [f"spec.entrypointResources: Invalid value: {RUN}"]),
        ({"runtimeEnvYAML": "env_vars: {A: $A}"}, []),
        ({"runtimeEnvYAML": "env_vars: {A: a} # $(a)"}, []),
        ({"runtimeEnvYAML": "env_vars: {A: $(curl x)}"}, [f"spec.runtimeEnvYAML: Invalid value: {RUN}"]),
        ({"runtimeEnv": 'env_vars: {"\\x24(curl x)": a}'}, [f"spec.runtimeEnv: Invalid value: {RUN}"]),
        ({"runtimeEnvYAML": "env_vars: {A: !!binary JChjdXJsIHgp}"}, [f"spec.runtimeEnvYAML: Invalid value: {RUN}"]),
        ({"runtimeEnvYAML": "env_vars: {A: $(curl x)"}, []),
    ],
)
@pytest.mark.parametrize("mode", [None, "SidecarMode", "httpmode", "HTTPMode"])
def test_no_other_field_makes_the_submitters_shell_run_something(fields, found, mode):
    patch = {"spec": {"entrypoint": "ray x", "submissionMode": mode, **fields}}

    assert judged(entrypoint_not_allowed, ALLOWED, patch) == ([] if mode == "HTTPMode" else found)
    assert judged(entrypoint_not_allowed, ALLOWED | {"allowSubmitterCommand": True}, patch) == []


def test_a_submitter_that_may_have_its_own_command_needs_no_entrypoint():
    patch = {"spec": {"entrypoint": None, "submitterPodTemplate": {"spec": {"containers": [{"command": ["/a"]}]}}}}

    assert judged(entrypoint_not_allowed, ALLOWED | {"allowSubmitterCommand": True}, patch) == []


def test_nobody_submits_what_he_likes():
    for given in (ALLOWED, FORBIDDEN):
        assert judged(entrypoint_not_allowed, given, {"spec": {"submissionMode": "InteractiveMode"}}) == [
            "spec.submissionMode: Forbidden: must be another: in InteractiveMode anything can be submitted"
        ]


@pytest.mark.parametrize("given", [{}, {"forbidden": []}, {"allowed": None}, {"allowSubmitterCommand": True}])
def test_a_policy_says_what_is_allowed_or_what_is_not(given):
    with pytest.raises(ValidationError, match="must have allowed, or forbidden, or both"):
        EntrypointNotAllowed.of(given)
