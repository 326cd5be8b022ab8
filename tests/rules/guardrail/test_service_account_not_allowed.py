import pytest
from pydantic import ValidationError

from tests.rules.guardrail.judged import judged
from webhook.rules.example import cluster, worker_group
from webhook.rules.guardrail.service_account_not_allowed import ServiceAccountNotAllowed, service_account_not_allowed

HEAD = "spec.rayClusterSpec.headGroupSpec.template.spec"
GIVEN = {"accounts": ["ray-.*", "jobs"]}
MUST = 'must be "ray-.*" or "jobs"'
MADE = "; without it, KubeRay makes an account that may change pods and RayClusters"


def in_head(autoscaling=None, **spec):
    return cluster(headGroupSpec={"template": {"spec": spec}}, enableInTreeAutoscaling=autoscaling)


def refused(account, field="serviceAccountName"):
    return f'{HEAD}.{field}: Invalid value: "{account}": {MUST}'


def wanted(why):
    return f"{HEAD}.serviceAccountName: Required value: {MUST}{why}"


RUNS_AS_DEFAULT = wanted('; without it, the pod runs as "default"')


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"serviceAccountName": "jobs"}, []),
        ({"serviceAccountName": "ray-vision"}, []),
        ({"serviceAccount": "jobs"}, []),
        ({"serviceAccountName": "jobs", "serviceAccount": "jobs"}, []),
        ({"serviceAccountName": "", "serviceAccount": "jobs"}, []),
        ({"serviceAccountName": "admin"}, [refused("admin")]),
        ({"serviceAccountName": "Jobs"}, [refused("Jobs")]),
        ({"serviceAccountName": "jobs2"}, [refused("jobs2")]),
        ({"serviceAccountName": "j\u043ebs"}, [refused("j\u043ebs")]),
        ({"serviceAccountName": "default"}, [refused("default")]),
        ({"serviceAccount": "admin"}, [refused("admin", "serviceAccount")]),
        ({"serviceAccountName": None, "serviceAccount": "admin"}, [refused("admin", "serviceAccount")]),
        ({"serviceAccountName": "", "serviceAccount": "admin"}, [refused("admin", "serviceAccount")]),
        ({"serviceAccountName": "jobs", "serviceAccount": "admin"}, [refused("admin", "serviceAccount")]),
        ({}, [RUNS_AS_DEFAULT]),
        ({"serviceAccountName": ""}, [RUNS_AS_DEFAULT]),
        ({"serviceAccountName": 5}, []),  # the rule on types tells of it
        ({"serviceAccountName": 5, "serviceAccount": "admin"}, [refused("admin", "serviceAccount")]),
    ],
)
def test_a_pod_runs_as_an_allowed_account(spec, told):
    assert judged(service_account_not_allowed, GIVEN, in_head(**spec)) == told


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"serviceAccountName": "jobs"}, []),
        ({}, [wanted(MADE)]),
        ({"serviceAccount": "jobs"}, [wanted(MADE)]),
    ],
)
def test_the_head_of_an_autoscaling_cluster_names_its_account_unless_the_policy_lets_kuberay_make_one(spec, told):
    patch = in_head(autoscaling=True, **spec)

    assert judged(service_account_not_allowed, GIVEN, patch) == told
    assert judged(service_account_not_allowed, {**GIVEN, "autoscalerAccount": True}, patch) == []


def test_a_worker_of_an_autoscaling_cluster_runs_as_the_default():
    patch = cluster(enableInTreeAutoscaling=True, workerGroupSpecs=[worker_group()])

    found = judged(service_account_not_allowed, {**GIVEN, "autoscalerAccount": True}, patch)

    worker = "spec.rayClusterSpec.workerGroupSpecs[0].template.spec"
    must = f'{MUST}; without it, the pod runs as "default"'
    assert found == [f"{worker}.serviceAccountName: Required value: {must}"]


def test_no_template_is_forgotten():
    admin = {"spec": {"serviceAccountName": "admin"}}
    patch = {
        "spec": {
            "submitterPodTemplate": admin,
            **cluster(
                headGroupSpec={"template": admin}, workerGroupSpecs=[worker_group(), worker_group(template=admin)]
            )["spec"],
        }
    }

    assert judged(service_account_not_allowed, {}, patch) == [
        f'{place}.serviceAccountName: Invalid value: "admin": must be "default"'
        for place in (HEAD, "spec.rayClusterSpec.workerGroupSpecs[1].template.spec", "spec.submitterPodTemplate.spec")
    ]


@pytest.mark.parametrize("accounts", [[], "jobs", ["["], [5]])
def test_a_policy_names_accounts(accounts):
    with pytest.raises(ValidationError):
        ServiceAccountNotAllowed.of({"accounts": accounts})
