import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.guardrail.submission_mode_not_allowed import SubmissionModeNotAllowed, submission_mode_not_allowed


def unsupported(mode, *modes):
    listed = ", ".join(f'"{allowed}"' for allowed in modes)
    return [f'spec.submissionMode: Unsupported value: "{mode}": supported values: {listed}']


@pytest.mark.parametrize(
    ("modes", "spec", "found"),
    [
        (["K8sJobMode"], {}, []),
        (["K8sJobMode"], {"submissionMode": None}, []),
        (["K8sJobMode"], {"submissionMode": "K8sJobMode"}, []),
        (["HTTPMode", "SidecarMode"], {"submissionMode": "SidecarMode"}, []),
        (["SidecarMode"], {}, unsupported("K8sJobMode", "SidecarMode")),
        (["K8sJobMode"], {"submissionMode": ""}, unsupported("", "K8sJobMode")),
        (["K8sJobMode"], {"submissionMode": "k8sjobmode"}, unsupported("k8sjobmode", "K8sJobMode")),
        (["K8sJobMode"], {"submissionMode": "K8sJobMode\u200b"}, unsupported("K8sJobMode\\u200b", "K8sJobMode")),
        (
            ["K8sJobMode", "SidecarMode"],
            {"submissionMode": "HTTPMode"},
            unsupported("HTTPMode", "K8sJobMode", "SidecarMode"),
        ),
    ],
)
def test_only_the_policys_modes_are_allowed(modes, spec, found):
    assert judged(submission_mode_not_allowed, {"modes": modes}, {"spec": spec}) == found


@pytest.mark.parametrize("modes", [[], ["k8sJobMode"], ["UserMode"], "K8sJobMode", None])
def test_a_policy_names_modes_that_there_are(modes):
    with pytest.raises(ValidationError):
        SubmissionModeNotAllowed.of({"modes": modes})
