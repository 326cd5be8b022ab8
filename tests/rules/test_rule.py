import pytest

from webhook.rayjob.job import Job
from webhook.rayjob.kuberay import Gate, Release, Scheduler, Target
from webhook.rules.finding import Finding
from webhook.rules.register import RULES
from webhook.rules.rule import Layer, Rule, rule


def declared(**conditions) -> Rule:
    def fault(_: Job) -> tuple[Finding, ...]:
        """Finds nothing.

        Why: because.

        Instead: nothing.
        """
        return ()

    return rule("Title", layer=Layer.KUBERAY, examples=(), **conditions)(fault)


@pytest.mark.parametrize("declared", RULES, ids=lambda declared: declared.id)
def test_a_rule_holds_at_home(declared: Rule):
    assert declared.holds_for(declared.home)
    assert declared.home.release is declared.until


@pytest.mark.parametrize(
    ("conditions", "target", "holds"),
    [
        ({}, Target(Release.V1_4), True),
        ({"since": Release.V1_5}, Target(Release.V1_4), False),
        ({"since": Release.V1_5}, Target(Release.V1_5), True),
        ({"until": Release.V1_5}, Target(Release.V1_5), True),
        ({"until": Release.V1_5}, Target(Release.V1_6), False),
        ({"gate": (Gate.DELETION_POLICY, True)}, Target(Release.V1_5), False),
        ({"gate": (Gate.DELETION_POLICY, True)}, Target(Release.V1_6), True),
        ({"gate": (Gate.DELETION_POLICY, False)}, Target(Release.V1_6), False),
        ({"gate": (Gate.DELETION_POLICY, False)}, Target(Release.V1_6, {Gate.DELETION_POLICY: False}), True),
        ({"gate": (Gate.MTLS, True)}, Target(), False),
        ({"gate": (Gate.MTLS, True)}, Target(overrides={Gate.MTLS: True}), True),
        ({"scheduler": Scheduler.KAI}, Target(), False),
        ({"scheduler": Scheduler.KAI}, Target(scheduler=Scheduler.KAI), True),
        ({"scheduler": Scheduler.KAI}, Target(scheduler=Scheduler.VOLCANO), False),
        ({}, Target(scheduler=Scheduler.VOLCANO), True),
        ({"cert_manager": False}, Target(), False),
        ({"cert_manager": False}, Target(cert_manager=False), True),
        ({"cert_manager": True}, Target(), True),
        ({"cert_manager": True}, Target(cert_manager=False), False),
        ({}, Target(cert_manager=False), True),
        ({"kueue": True}, Target(), False),
        ({"kueue": True}, Target(kueue=True), True),
        ({"kueue": False}, Target(kueue=True), False),
        ({}, Target(kueue=True), True),
    ],
)
def test_a_rule_holds_for_the_kuberay_that_its_conditions_name(conditions, target, holds):
    assert declared(**conditions).holds_for(target) is holds


def test_a_rule_is_at_home_in_the_newest_kuberay_that_meets_its_conditions():
    assert declared().home == Target()
    assert declared(until=Release.V1_5).home == Target(Release.V1_5)
    assert declared(gate=(Gate.MTLS, True), cert_manager=False, kueue=True, scheduler=Scheduler.KAI).home == Target(
        overrides={Gate.MTLS: True}, scheduler=Scheduler.KAI, cert_manager=False, kueue=True
    )
