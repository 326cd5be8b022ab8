from webhook.rayjob.crd import custom_resource_definition


def version():
    (only,) = custom_resource_definition()["spec"]["versions"]
    return only


def types(schema, path=""):
    """The type of every field that a structural schema names."""
    found = {path: schema["type"]} if path else {}
    for name, below in schema.get("properties", {}).items():
        found |= types(below, f"{path}.{name}".lstrip("."))
    return found


def test_the_crd_names_the_rayjob_as_kubernetes_does():
    crd = custom_resource_definition()

    assert crd["metadata"]["name"] == "rayjobs.ray.io"
    assert (crd["spec"]["group"], crd["spec"]["scope"]) == ("ray.io", "Namespaced")
    assert crd["spec"]["names"] == {
        "kind": "RayJob",
        "listKind": "RayJobList",
        "plural": "rayjobs",
        "singular": "rayjob",
        "categories": ["all"],
    }


def test_the_crd_types_every_field_of_the_interface():
    assert types(version()["schema"]["openAPIV3Schema"]) == {
        "apiVersion": "string",
        "kind": "string",
        "metadata": "object",
        "spec": "object",
        "spec.entrypoint": "string",
        "spec.runtimeEnv": "string",
        "spec.runtimeEnvYAML": "string",
        "spec.metadata": "object",
        "spec.shutdownAfterJobFinishes": "boolean",
        "spec.ttlSecondsAfterFinished": "integer",
        "spec.suspend": "boolean",
        "spec.jobId": "string",
        "spec.rayClusterSpec": "object",
        "spec.rayClusterSpec.headGroupSpec": "object",
        "spec.rayClusterSpec.headGroupSpec.rayStartParams": "object",
        "spec.rayClusterSpec.headGroupSpec.template": "object",
        "status": "object",
        "status.jobId": "string",
        "status.status": "string",
        "status.message": "string",
        "status.startTime": "string",
        "status.endTime": "string",
    }


def test_kuberays_other_fields_are_preserved():
    spec = version()["schema"]["openAPIV3Schema"]["properties"]["spec"]
    cluster = spec["properties"]["rayClusterSpec"]
    head = cluster["properties"]["headGroupSpec"]

    assert all(
        part["x-kubernetes-preserve-unknown-fields"] is True
        for part in (spec, cluster, head, head["properties"]["template"])
    )


def test_a_status_has_its_own_subresource_and_may_end_at_no_time():
    status = version()["schema"]["openAPIV3Schema"]["properties"]["status"]

    assert version()["subresources"] == {"status": {}}
    assert status["properties"]["endTime"]["nullable"] is True
