import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from db.contracts.delivery import new_secret
from db.webhooks.sign import headers

BODY = '{"type": "job.succeeded", "name": "Ångström"}'.encode()


def signed(*secrets: str, age: timedelta = timedelta(0)) -> dict[str, str]:
    moment = datetime.now(UTC) - age
    return headers(secrets, message_id="evt_1", timestamp=moment, body=BODY)


def test_the_reference_library_verifies_a_signature() -> None:
    secret = new_secret()
    assert Webhook(secret).verify(BODY, signed(secret))["type"] == "job.succeeded"


def test_a_signature_is_the_published_one() -> None:
    # The example of the Standard Webhooks specification's test suites.
    made = headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )
    assert made == {
        "content-type": "application/cloudevents+json",
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_both_secrets_verify_during_a_rotation() -> None:
    old, new = new_secret(), new_secret()
    made = signed(new, old)
    assert len(made["webhook-signature"].split(" ")) == 2
    Webhook(old).verify(BODY, made)
    Webhook(new).verify(BODY, made)


def test_a_tampered_body_is_refused() -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret).verify(BODY + b" ", signed(secret))


def test_a_foreign_secret_is_refused() -> None:
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(new_secret()).verify(BODY, signed(new_secret()))


def test_an_old_timestamp_is_refused() -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, signed(secret, age=timedelta(seconds=1000)))


def test_a_timestamp_in_another_zone_is_converted() -> None:
    moment = datetime.now(timezone(timedelta(hours=9)))
    secret = new_secret()
    made = headers([secret], message_id="evt_1", timestamp=moment, body=BODY)
    Webhook(secret).verify(BODY, made)


def test_a_timestamp_without_a_zone_is_refused() -> None:
    naive = datetime.now(UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        headers([new_secret()], message_id="evt_1", timestamp=naive, body=BODY)


def test_signing_without_a_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to sign with"):
        signed()


def test_a_new_secret_has_32_random_bytes() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
