from webhook.policy.cel.request import field_type, given
from webhook.policy.cel.tree import Field, Name

REQUEST = Name("request")


def test_a_request_is_given_without_objects_and_without_what_is_empty():
    request: dict[str, object] = {
        "uid": "u",
        "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "subResource": "",
        "name": None,
        "operation": "",
        "dryRun": False,
        "userInfo": {"username": "jane", "uid": "", "groups": [], "extra": None, "password": "x"},
        "object": {"a": 1},
    }

    assert given(request) == {
        "kind": {"group": "ray.io", "version": "v1", "kind": "RayJob"},
        "operation": "",
        "dryRun": False,
        "userInfo": {"username": "jane"},
    }


def test_a_request_without_a_user_is_given_as_it_is():
    assert given({"operation": "CREATE", "userInfo": None}) == {"operation": "CREATE"}


def test_every_field_of_a_request_has_its_type():
    assert field_type(Field(REQUEST, "dryRun")) == "bool"
    assert field_type(Field(REQUEST, "kind")) == "dyn"
    assert field_type(Field(Field(REQUEST, "kind"), "group")) == "string"
    assert field_type(Field(Field(REQUEST, "userInfo"), "groups")) == "list(string)"
    assert field_type(Field(Field(REQUEST, "options"), "fieldManager")) is None
    assert field_type(Field(REQUEST, "object")) == "unknown"
    assert field_type(Field(Field(REQUEST, "kind"), "name")) == "unknown"
    assert field_type(Field(Name("object"), "kind")) is None
    assert field_type(REQUEST) is None
