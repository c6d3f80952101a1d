from api.client import ApiKey, Certificate, NewApiKey, NewWebhook

KEY = {"prefix": "sq_ab", "owner": "ann", "created_at": "now"}


def test_an_answer_shows_what_there_is_to_say() -> None:
    assert repr(ApiKey.model_validate({**KEY, "new": 1})) == (
        "ApiKey(prefix='sq_ab', owner='ann', created_at='now')"
    )


def test_a_long_list_is_shown_by_its_beginning() -> None:
    certificate = Certificate(
        instance="0",
        permutation=list(range(30)),
        objective=1,
        exact=True,
        method="exact",
        method_version="1",
        seed=0,
    )
    assert "permutation=[0, 1, 2, 3, 4, 5, 6, 7, … 22 more]" in repr(certificate)


def test_secrets_are_not_shown_by_the_way() -> None:
    key = NewApiKey.model_validate({**KEY, "key": "sq_secret"})
    webhook = NewWebhook(
        id="ep_1", payload="thin", state="active", created_at="now", secret="whsec_a"
    )
    assert "sq_secret" not in repr(key)
    assert "whsec_a" not in repr(webhook)
    assert (key.key, webhook.secret) == ("sq_secret", "whsec_a")
