"""Rules in CEL whose verdicts are compared with Kubernetes' own, and expressions that one of the two refuses."""

from collections.abc import Iterator
from typing import Any

import orjson

from webhook.policy.custom import CustomRule

GROUPS = "object.spec.rayClusterSpec.workerGroupSpecs"
HEAD = "object.spec.rayClusterSpec.headGroupSpec.template.spec.containers"

EXPRESSIONS = (
    # Fields, absence, types
    "has(object.metadata.labels) && 'team' in object.metadata.labels",
    "object.metadata.labels['app.kubernetes.io/name'] == 'train'",
    "object.spec.?submissionMode.orValue('K8sJobMode') == 'K8sJobMode'",
    "object.metadata.?labels.?team.optMap(t, t.size() < 10).orValue(true)",
    "object.spec.suspend == true || object.spec.ttlSecondsAfterFinished < 3600",
    "!has(object.spec.ttlSecondsAfterFinished) || object.spec.ttlSecondsAfterFinished <= 3600",
    "!has(object.spec.entrypoint.nothing) && has(object.metadata.uid) && object.kind == 'RayJob'",
    "object.spec.entrypointNumCpus <= 1.5 && object.spec.entrypointNumCpus != 0",
    "oldObject == null && object.spec != null && type(object.spec) == map",
    # Loops
    f"{GROUPS}.all(g, g.replicas <= g.maxReplicas)",
    f"!has({GROUPS}) || {GROUPS}.exists(g, g.groupName == 'a')",
    f"{GROUPS}.all(g, {GROUPS}.exists_one(h, h.groupName == g.groupName))",
    f"{GROUPS}.all(i, g, i == 0 || g.groupName != {GROUPS}[i - 1].groupName)",
    f"{GROUPS}.all(g, g.template.spec.containers.all(c, !has(c.securityContext) || !c.securityContext.privileged))",
    f"{GROUPS}.filter(g, has(g.replicas)).map(g, g.replicas).sum() <= 3",
    f"{GROUPS}.map(g, g.maxReplicas).max() < 100 && {GROUPS}.map(g, g.groupName).isSorted()",
    f"{GROUPS}.map(g, g.groupName).distinct().size() == {GROUPS}.size()",
    f"{HEAD}.all(c, c.?env.orValue([]).all(e, !e.name.startsWith('AWS_')))",
    "object.metadata.labels.all(k, v, k.size() > 3 && v != '')",
    "object.metadata.labels.map(k, k + '=' + object.metadata.labels[k]).exists(t, t.startsWith('team='))",
    # Texts and patterns
    f"{HEAD}.all(c, c.image.startsWith('registry.example.com/') && !c.image.endsWith(':latest'))",
    f"{HEAD}.all(c, c.image.matches('^[a-z0-9./-]+(:[0-9.]+|@sha256:[a-f0-9]{{64}})$'))",
    "object.spec.entrypoint.split(' ').all(w, !(w in ['sudo', ''])) && object.spec.entrypoint.trim() != ''",
    "object.spec.entrypoint.contains('train') && object.spec.entrypoint.indexOf('t') < 10",
    f"{HEAD}[0].image.split(':')[1] == '2.52.0'",
    f"{HEAD}[0].image.lowerAscii() == {HEAD}[0].image && {HEAD}[0].image.replace('ray', 'x').size() > 10",
    "object.metadata.annotations.note.substring(0, 1) == 'é' && object.metadata.annotations.note.charAt(2) == '😀'",
    # Numbers, times, quantities
    "int(object.metadata.labels.replicas) == 3",
    "int(object.metadata.annotations.count) == 3",
    "double(object.metadata.annotations.ratio) > 1.0",
    "timestamp(object.metadata.annotations.expires) > timestamp('2026-01-01T00:00:00Z')",
    "timestamp(object.metadata.annotations.expires).getHours('+02:00') > 12",
    "timestamp(object.metadata.creationTimestamp) > timestamp('2020-01-01T00:00:00Z')",
    "duration(object.metadata.annotations.budget) < duration('1h45m')",
    f"{HEAD}.all(c, quantity(c.resources.limits.cpu).isLessThan(quantity('2')))",
    f"{HEAD}.all(c, quantity(c.resources.limits.memory).compareTo(quantity('4Gi')) <= 0)",
    f"{HEAD}.all(c, isQuantity(c.resources.limits['nvidia.com/gpu']))",
    f"{HEAD}.map(c, quantity(c.resources.limits.cpu).asApproximateFloat()).sum() <= 4",
    f"10 / {GROUPS}[0].replicas > 2",
    f"{GROUPS}[0].maxReplicas * 4294967299 > 0",
    "string(object.spec.backoffLimit) + string(object.spec.suspend) == '3true'",
    # Sets and lists
    "sets.intersects(object.spec.rayClusterSpec.headGroupSpec.template.spec.containers.map(c, c.name), ['logs'])",
    f"({GROUPS}.map(g, g.groupName) + ['z']).sort()[0] == 'a'",
    f"{HEAD}[0].command == ['python'] || {HEAD}[0].?command.orValue(['x']).indexOf('-c') == 1",
    # The request
    "request.operation == 'CREATE' && request.dryRun && request.userInfo.username != 'jane'",
    "'team-a' in request.userInfo.groups || request.kind.kind != 'RayJob' || has(request.subResource)",
    "request.name == object.metadata.name && request.namespace == object.metadata.namespace",
    "request.options.kind == 'CreateOptions' && request.resource.resource == 'rayjobs'",
)

COMPOSED: tuple[dict[str, Any], ...] = (
    {
        "expression": "variables.replicas <= 5",
        "variables": [
            {"name": "groups", "expression": f"{GROUPS}.filter(g, has(g.replicas))"},
            {"name": "replicas", "expression": "variables.groups.map(g, g.replicas).sum()"},
            {"name": "never", "expression": "object.nothing.at.all"},
        ],
        "messageExpression": "object.metadata.name + ' asks for ' + string(variables.replicas)",
    },
    {
        "expression": "variables.team == 'a' || variables.team.size() > 5",
        "variables": [{"name": "team", "expression": "object.metadata.labels.team"}],
        "message": "must be of a known team",
    },
    {
        "expression": "object.spec.ttlSecondsAfterFinished < int(params.data.ttl)",
        "params": {"data": {"ttl": "3600"}},
        "messageExpression": "'must be less than ' + params.data.ttl + object.metadata.labels.team",
        "message": "must be less",
    },
    {
        "expression": f"{HEAD}.all(c, quantity(c.resources.limits.cpu).isLessThan(quantity(params.data.cpu)))",
        "params": {"data": {"ttl": "3600", "cpu": "3"}},
    },
    {
        "expression": "object.metadata.labels.team == 'a'",
        "matchConditions": [{"name": "labelled", "expression": "has(object.metadata.labels)"}],
    },
    {
        "expression": "false",
        "matchConditions": [
            {"name": "fails", "expression": "object.metadata.labels.team == 'a'"},
            {"name": "short", "expression": "object.metadata.name.size() < 6"},
        ],
        "messageExpression": "request.name",
    },
    {
        "expression": "object.spec.entrypoint.size() > 10",
        "messageExpression": "'%s: %d of %d'.format([object.metadata.name, object.spec.entrypoint.size(), 10])",
    },
    {
        "expression": "object.spec.entrypoint == 'python train.py'",
        "messageExpression": "object.spec.entrypoint + '\\n'",
    },
)

OF_UPDATES = (
    "oldObject == null || object.spec.entrypoint == oldObject.spec.entrypoint",
    "object.spec == oldObject.spec",
    "has(oldObject.metadata.labels) == has(object.metadata.labels)",
    "request.operation == 'UPDATE' && oldObject.metadata.uid == object.metadata.uid",
    f"oldObject.{GROUPS.removeprefix('object.')}.map(g, g.groupName) == {GROUPS}.map(g, g.groupName)",
    "object.metadata.labels.team == oldObject.metadata.labels.team",
    "request.options.kind == 'UpdateOptions' || !has(oldObject.spec.suspend)",
)

REFUSED_BY_BOTH = (
    "object.spec.x ==",
    "object.spec.(x)",
    "'unclosed",
    "1 + 'a' == 2",
    "object.spec.entrypoint",
    "nothing == 1",
    "object.spec.entrypoint.frobnicate()",
    "size() == 1",
    "request.uid == 'x'",
    "request.userInfo.password == 'x'",
    "[1, 'a'] == object.spec.x",
    "{'a': 1, 'b': 'c'} == object.spec.x",
    "object.spec.entrypoint.matches('[')",
    "object.spec.entrypoint.matches('(?=a)')",
    "timestamp('2026-02-30T00:00:00Z') < timestamp(object.metadata.creationTimestamp)",
    "duration('1d') > duration('1h')",
    "object.metadata.`my-field` == 'x'",
    "quantity('1') == 1",
    "string(quantity('1')) == '1'",
    "object.all(x)",
    "variables.nothing == 1",
    "has(object)",
)

REFUSED_BY_US = (
    "authorizer.group('').resource('pods').check('get').allowed()",
    "namespaceObject.metadata.name == 'a'",
    "isURL(object.spec.entrypoint)",
    "url('https://example.com').getHost() == 'example.com'",
    "isIP('127.0.0.1')",
    "cidr('10.0.0.0/8').containsIP('10.0.0.1')",
    "isSemver(object.spec.rayClusterSpec.rayVersion)",
    "!format.dns1123Label().validate(object.metadata.name).hasValue()",
    "object.spec.entrypoint.find('[0-9]+') == ''",
    "object.spec.entrypoint.findAll('[0-9]+') == []",
    "object.metadata.labels.transformMap(k, v, v) == {}",
    "quantity('1').add(quantity('1')) == quantity('2')",
    "[optional.of(1)].unwrapOpt() == [1]",
    "lists.range(3) == [0, 1, 2]",
    "'abc'.indexOf('c', 1) == 2",
    "'abc'.split('') == ['a', 'b', 'c']",
    "object.spec.entrypoint.matches(object.metadata.name)",
    "timestamp(object.metadata.creationTimestamp).getHours('Europe/Berlin') == 1",
    "string(timestamp(object.metadata.creationTimestamp)) == ''",
    "duration('1h').getMilliseconds() == 3600000",
    "int(duration('1h')) == 1",
    "'%s'.format([object.metadata.name]) == ''",
    "{'a': 1, 'a': 2} == object.spec.x",
    "object.spec.x.all(object, object == 1)",
    "[quantity('1')] == [quantity('1')]",
)


def rules() -> Iterator[CustomRule]:
    """Yield the rules that are compared, each with an id of its own."""
    entries = (*({"expression": one, "message": "no"} for one in EXPRESSIONS), *COMPOSED)
    for number, entry in enumerate(entries):
        yield rule(f"r{number:02}", entry)


def rule(name: str, entry: dict[str, Any]) -> CustomRule:
    """Return the rule of an entry of a policy."""
    return CustomRule.model_validate_json(orjson.dumps({"id": name, **entry}))
